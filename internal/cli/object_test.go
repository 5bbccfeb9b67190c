package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

// An object's name stands first where cobra would look for a command.
func TestFirstWord(t *testing.T) {
	t.Parallel()
	flags := Tree().PersistentFlags()
	for line, want := range map[string]string{
		"proj search":              "proj",
		"--profile x proj":         "proj",
		"--profile=x --debug proj": "proj",
		"--quiet proj --profile x": "proj",
		"--unknown value proj":     "proj",
		"-x value proj":            "proj",
		"help proj":                "proj",
		"help":                     "",
		"-- proj":                  "",
		"--profile":                "",
		"":                         "",
		"__complete proj se":       "proj",
		"__complete pro":           "",
		"__complete --profile x proj search status": "proj",
		"__completeNoDesc help proj s":              "proj",
		"__complete":                                "",
	} {
		if got := firstWord(flags, strings.Fields(line)); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// No command hides an object, in no form of its name; and no object costs those who ask for none.
func TestObjectsAndCommands(t *testing.T) {
	t.Parallel()
	commands := commandNames(Tree())
	for o := range objects.All() {
		for _, name := range []string{o.Path(), strings.ToLower(o.Name)} {
			if slices.Contains(commands, name) {
				t.Errorf("%s is a command and an object", name)
			}
		}
		for _, name := range []string{o.Code, o.Path(), o.Name, strings.ToLower(o.Name)} {
			found, rest, err := Tree(name, "describe").Find([]string{name, "describe"})
			if err != nil || len(rest) > 0 || found.Name() != objects.Describe {
				t.Errorf("%s: %v, %v, %v", name, found.CommandPath(), rest, err)
			}
		}
	}
	if n := len(Tree("version").Commands()); n != len(Tree().Commands()) {
		t.Errorf("version has %d commands beside it", n)
	}
	for _, name := range popular {
		if o, err := objects.Lookup(name); err != nil || o.Path() != name && !strings.EqualFold(o.Name, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is read of whatever object is asked for by a method and path of Workfront's own description, where it describes the object.
func TestRequestsAreDescribed(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []objects.Endpoint
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, objects.Endpoint{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/attask/api/v22.0/")})
		mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"error":{"message":"You do not have sufficient access"}}`)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "canary-session-0001"}
	const id = "58d389be000000deb46805b72b41e3b4"
	total := 0
	for o := range objects.All() {
		lines := map[string][]string{
			objects.Search: {"ID!=null"}, objects.Count: {"ID!=null"}, objects.Report: {"--group-by", "ID", "--agg", "count:ID"}, objects.Get: {id},
			objects.Query: {first(o.Queries())},
		}
		for verb, args := range lines {
			asked = nil
			status, _, stderr := within(t, env, append([]string{o.Path(), verb}, args...)...)
			if !slices.Contains(o.Verbs(nil), verb) {
				if status != exitUsage || asked != nil {
					t.Errorf("%s %s: exit status %d, %v, %s", o.Path(), verb, status, asked, stderr)
				}
				continue
			}
			if args[0] == "" {
				continue // of a type that is not described
			}
			total++
			if status != exitRefused || len(asked) != 1 || o.Documented() && !slices.Contains(o.Operations(), asked[0]) {
				t.Errorf("%s %s: exit status %d, %v, %s", o.Path(), verb, status, asked, stderr)
			}
		}
	}
	if total < 500 {
		t.Errorf("only %d requests were seen", total)
	}
}

func first(names []string) string { return append(slices.Clone(names), "")[0] }

// What a shell could take for a command is completed only where the shell quotes it.
func TestEndangers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"status": false, "status=": false, "percentComplete<=": false, "status!=CUR": false, "DE:Cost Center": false, "owner:name": false,
		"DE:$(touch x)": true, "DE:a`b`": true, "DE:a;b": true, "DE:a|b": true, "DE:a&b": true, "DE:a<b=": true, "DE:a>b": true, "DE:it's": true, `DE:"`: true, `DE:\`: true,
	} {
		if endangers(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
	const evil, plain = "DE:a$(touch x)", "DE:ab"
	offered := func(texts ...string) (all []string) {
		completions, _ := shellsFunc(func(*cobra.Command, []string, string) (all []objects.Candidate) {
			for _, text := range texts {
				all = append(all, objects.Candidate{Text: text})
			}
			return all
		})(nil, nil, "")
		for _, c := range completions {
			text, _, _ := strings.Cut(c, "\t")
			all = append(all, text)
		}
		return all
	}
	if got := offered(evil, plain); !slices.Equal(got, []string{plain}) {
		t.Errorf("of several: %q", got)
	}
	if got := offered(evil); !slices.Equal(got, []string{evil}) {
		t.Errorf("alone: %q", got)
	}
	if got := offered("DE:a\x1b[2J"); got != nil {
		t.Errorf("what acts on a terminal: %q", got)
	}
}
