package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// Every method of the vendor's own client is called with a session from wfauth token, and what the tenant answers has the shape of what was recorded
// of real ones. The recording of a login is not among them: nobody logs in by a password any more.
func TestVendorClientWhole(t *testing.T) {
	t.Parallel()
	folder := nodeModules(t, filepath.Join("testdata", "vendorclient"))
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	out := node(t, folder, w.must("token"), "everything.cjs", w.url)
	type refusal struct {
		Status  int
		Message string
	}
	var got struct {
		Calls   map[string]int
		Answers map[string]struct {
			Status int
			Body   any
		}
		Result struct {
			Batch    map[string]string
			Me       string
			Posted   []any
			Objects  bool
			ByGet    []any
			Versions map[string]any

			Content, Removed, Complete, Login, GetAPIKey, ClearAPIKey, XSRF, APIKey, LoggedOut refusal
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	all := 0
	for name, n := range got.Calls {
		all += n
		if n == 0 {
			t.Errorf("%s was never called", name)
		}
	}
	if len(got.Calls) < 23 {
		t.Errorf("the client has only the methods %v", slices.Sorted(maps.Keys(got.Calls)))
	}
	t.Logf("the vendor's client made %d calls of its %d methods: %v", all, len(got.Calls), got.Calls)

	shapes := readObject(t, "testdata/vendorclient/shapes.json")
	if a, b := slices.Sorted(maps.Keys(shapes)), slices.Sorted(maps.Keys(got.Answers)); !slices.Equal(a, b) {
		t.Errorf("recorded are %v, and answered %v", a, b)
	}
	for name, shape := range shapes {
		for _, problem := range unlike(name, shape, got.Answers[name].Body) {
			t.Error(problem)
		}
	}

	// In a batch the client asks for these three by GET, of no object.
	for name, done := range got.Result.Batch {
		if refused := slices.Contains([]string{"copy", "create", "editMultiple"}, name); refused != (done == "refused") {
			t.Errorf("%s in a batch is %s", name, done)
		}
	}
	if len(got.Result.Batch) < 13 {
		t.Errorf("a batch has only the methods %v", slices.Sorted(maps.Keys(got.Result.Batch)))
	}
	for name, pair := range map[string][2]any{
		"who is logged in":    {"USER", got.Result.Me},
		"POST of what reads":  {[]any{1.0, true}, got.Result.Posted},
		"metadata of all":     {true, got.Result.Objects},
		"writing by GET":      {[]any{"edited by GET", 0.0}, got.Result.ByGet},
		"versions of the API": {map[string]any{"internal": true, "unsupported": true, "asp": true, "15.0": true, "4.0": 410.0}, got.Result.Versions},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: -wanted +got\n%s", name, diff)
		}
	}

	for name, pair := range map[string][2]any{ // what no session can do
		"a form that the client has lost": {refusal{422, "the upload is not a multipart form"}, got.Result.Content},
		"what was removed":                {404, got.Result.Removed.Status},
		"below what is complete":          {refusal{403, "Unable to complete operation for a project of status Complete"}, got.Result.Complete},
		"a password":                      {401, got.Result.Login.Status},
		"an API key by password":          {refusal{400, "APIModel V22_0 does not support action getApiKey (User)"}, got.Result.GetAPIKey},
		"the end of API keys":             {refusal{400, "APIModel V22_0 does not support action clearApiKey (User)"}, got.Result.ClearAPIKey},
		"a page's token":                  {401, got.Result.XSRF.Status},
		"an API key":                      {401, got.Result.APIKey.Status},
		"after the logout":                {refusal{401, "You are not currently logged in."}, got.Result.LoggedOut},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, not %v", name, pair[1], pair[0])
		}
	}
	if p := w.run("api", "proj/count", "--quiet"); p.status != 0 {
		t.Errorf("after the client's logout wfauth ends with %d: %s", p.status, p.stderr.String())
	}
}

func readObject(t *testing.T, path string) (object map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return object
}

// The shapes are those of recorded.json, what was recorded of real tenants but for rows of the same kind: nothing in it is against its shape, and
// nothing in a shape is without a recording that needs it.
func TestShapesAreRecorded(t *testing.T) {
	t.Parallel()
	shapes, recorded := readObject(t, "testdata/vendorclient/shapes.json"), readObject(t, "testdata/vendorclient/recorded.json")
	if a, b := slices.Sorted(maps.Keys(shapes)), slices.Sorted(maps.Keys(recorded)); !slices.Equal(a, b) {
		t.Errorf("shapes are of %v, and recordings of %v", a, b)
	}
	for name, shape := range shapes {
		for _, problem := range unlike(name, shape, recorded[name]) {
			t.Error(problem)
		}
		narrower(name, shape, func(at string) {
			if unlike(name, shape, recorded[name]) == nil {
				t.Errorf("no recording needs %s", at)
			}
		})
	}
}

// narrower calls try with each key of a shape left out, and with each kind of several alone. {} is any object, so that the last key stays.
func narrower(at string, shape any, try func(at string)) {
	switch shape := shape.(type) {
	case []any:
		narrower(at+"[]", shape[0], try)
	case map[string]any:
		for key, member := range maps.Clone(shape) {
			narrower(at+"."+key, member, try)
			if len(shape) > 1 {
				delete(shape, key)
				try(at + "." + key)
			}
			if text, ok := member.(string); ok && strings.Contains(text, " or ") {
				for kind := range strings.SplitSeq(text, " or ") {
					shape[key] = kind
					try(at + "." + key + " but " + kind)
				}
			}
			shape[key] = member
		}
	}
}

// unlike compares a value with a shape: of an object its keys, where "*" stands for any, one with "?" need not be there, and {} is any object; of an array
// its members; and of all else the kind, in words.
func unlike(at string, shape, value any) (problems []string) {
	switch shape := shape.(type) {
	case []any:
		list, ok := value.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, and no array", at, value)}
		}
		for i, member := range list {
			problems = append(problems, unlike(fmt.Sprintf("%s[%d]", at, i), shape[0], member)...)
		}
	case map[string]any:
		object, ok := value.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, and no object", at, value)}
		}
		for key, member := range object {
			var wanted any
			for _, name := range [...]string{key, key + "?", "*"} {
				if s, known := shape[name]; known {
					wanted = s
					break
				}
			}
			if wanted == nil && len(shape) > 0 {
				problems = append(problems, at+" has "+key+", which was not recorded")
			} else if wanted != nil {
				problems = append(problems, unlike(at+"."+key, wanted, member)...)
			}
		}
		for key := range shape {
			if _, there := object[key]; !there && key != "*" && !strings.HasSuffix(key, "?") {
				problems = append(problems, at+" lacks "+key)
			}
		}
	case string:
		if !slices.Contains(strings.Split(shape, " or "), kindOf(value)) {
			problems = append(problems, fmt.Sprintf("%s is %v, and no %s", at, value, shape))
		}
	}
	return problems
}

func kindOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case float64:
		return "number"
	case string:
		switch {
		case regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(value):
			return "ID"
		case regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d:\d{3}[-+]\d{4}$`).MatchString(value):
			return "date"
		}
		return "string"
	}
	return "more than one value"
}

// A value that is not of its shape is seen.
func TestUnlike(t *testing.T) {
	t.Parallel()
	for value, problem := range map[string]string{
		`{"a":[{"b":1}],"c":null}`: "", `{"a":[]}`: "", `{"a":[{"b":1},{"b":2,"d":true}]}`: "a[1] has d", `{"a":{"b":1}}`: "no array", `{"a":[1]}`: "no object",
		`{}`: "lacks a", `{"a":[{"b":"1"}]}`: "no number", `{"a":[],"c":{"x":1}}`: "no string or null", `{"a":[],"e":{}}`: "has e",
	} {
		var shape, v any
		if err := json.Unmarshal([]byte(`{"a":[{"b":"number"}],"c?":"string or null"}`), &shape); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(unlike("v", shape, v), "; ")
		if problem == "" && got != "" || !strings.Contains(got, problem) {
			t.Errorf("%s: %q", value, got)
		}
	}
}
