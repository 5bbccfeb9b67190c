package objects_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/objects"
)

func TestAssignments(t *testing.T) {
	t.Parallel()
	got, err := objects.ParseAssignments([]string{
		"name=a=b", "description=null", "DE:Cost: Center=12", "note=@notes.txt", `tags:=["a"]`, "DE:x y:=5", "empty=", "text=:=", `nul:="null"`,
	})
	want := []objects.Assignment{
		{Name: "name", Text: "a=b"}, {Name: "description", Form: objects.Null}, {Name: "DE:Cost: Center", Text: "12"},
		{Name: "note", Form: objects.File, Text: "notes.txt"}, {Name: "tags", Form: objects.JSON, Text: `["a"]`},
		{Name: "DE:x y", Form: objects.JSON, Text: "5"}, {Name: "empty"}, {Name: "text", Text: ":="}, {Name: "nul", Form: objects.JSON, Text: `"null"`},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for text, why := range map[string]string{
		"name": "no value", "=x": "a field is missing", "a b=x": "DE:a b", "owner:name=x": "through a reference", "a:=x": "is JSON", "a:=": "is JSON",
		"a:={} {}": "is JSON", "a=@": "name of a file", " a=x": "blanks around",
	} {
		_, err := objects.ParseAssignments([]string{text})
		if m, ok := errors.AsType[*objects.Malformed](err); !ok || !strings.Contains(m.Why, why) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := objects.ParseAssignments([]string{"a=1", "a:=2"}); err == nil {
		t.Error("one field twice")
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789ABCDEF"
	m := parse(t, projectAnswer)
	for _, test := range []struct{ name, text, want string }{
		{"name", `say "x"`, `"say \"x\""`},
		{"name", "12", `"12"`},
		{"name", "", `""`},
		{"status", "CUR", `"CUR"`},
		{"status", "GRP", `"GRP"`}, // a group's own
		{"priority", "3", `3`},
		{"priority", "-7", `-7`},
		{"priority", "12345678901234567890", `12345678901234567890`},
		{"percentComplete", "12.50", `12.50`},
		{"percentComplete", "1e3", `1e3`},
		{"isTemplate", "TRUE", `true`},
		{"isTemplate", "false", `false`},
		{"plannedCompletionDate", "2026-12-24", `"2026-12-24"`},
		{"plannedCompletionDate", "2026-12-24T17:00:00Z", `"2026-12-24T17:00:00:000+0000"`},
		{"plannedCompletionDate", "2026-12-24T17:00:00.123456+01:00", `"2026-12-24T17:00:00:123+0100"`},
		{"plannedCompletionDate", "2026-12-24T17:00:00:123-0730", `"2026-12-24T17:00:00:123-0730"`},
		{"plannedCompletionDate", "2026-12-24T17:00", `"2026-12-24T17:00:00"`},
		{"plannedCompletionDate", "$$TODAY+1w", `"$$TODAY+1w"`}, // the server's to replace
		{"ownerID", "$$USER.ID", `"$$USER.ID"`},
		{"tags", "a,b c", `["a","b c"]`},
		{"tags", "", `[]`},
		{"ownerID", id, `"` + id + `"`},
		{"ID", id, `"` + id + `"`},
		{"extRefID", "whatever", `"whatever"`},
		{"DE:Cost Center", "12", `"12"`},
		{"DE:Tab\tand\\", "12", `12`},
		{"objCode", "PROJ", `"PROJ"`},
	} {
		got, err := m.Value(test.name, test.text)
		if err != nil || string(got) != test.want || !got.IsValid() {
			t.Errorf("%s=%s: %s, %v, want %s", test.name, test.text, got, err, test.want)
		}
		none := (*objects.Metadata)(nil)
		if got, err := none.Value(test.name, test.text); err != nil || got.Kind() != '"' {
			t.Errorf("%s=%s without metadata: %s, %v", test.name, test.text, got, err)
		}
	}
	for _, test := range []struct{ name, text, want string }{
		{"priority", "High", "priority of proj has no value High; it has 0 (None), 3 (High)"},
		{"percentComplete", "1,5", `"1,5": percentComplete is a number`},
		{"percentComplete", "", `"": percentComplete is a number`},
		{"percentComplete", "007", "number"},
		{"percentComplete", " 7", "number"},
		{"percentComplete", "NaN", "number"},
		{"isTemplate", "yes", "true or false"},
		{"plannedCompletionDate", "24.12.2026", "a date, such as 2026-12-24"},
		{"plannedCompletionDate", "2026-02-30", "a date"},
		{"plannedCompletionDate", "2026-12-24T25:00:00Z", "a date"},
		{"ownerID", "ann", "32 hexadecimal digits"},
		{"ID", "", "32 hexadecimal digits"},
		{"owner", "Ann", "ownerID"},
		{"tasks", "x", "tasks:="},
		{"settings", "x", "settings:={}"},
		{"nane", "x", "PROJ has no field nane; nearest: name"},
		{"DE:Region", "x", "PROJ has no field DE:Region"},
	} {
		got, err := m.Value(test.name, test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: %s, %v, want %s", test.name, test.text, got, err, test.want)
		}
	}
	if n := m.Note("status", "Current"); n == nil || n.Nearest[0] != "CUR" || m.Note("status", "CUR") != nil || m.Note("name", "x") != nil {
		t.Errorf("%v", n)
	}
	if !m.Replaces("tasks") || m.Replaces("owner") || m.Replaces("none") {
		t.Error("what replaces")
	}
	// The arguments of a call are typed, too.
	attach := m.Action("attachTemplate")
	for text, want := range map[string]string{"taskIDs=a,b": `["a","b"]`, "copy=true": "true", "other=true": `"true"`} {
		name, value, _ := strings.Cut(text, "=")
		if got, err := attach.Value(name, value); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if _, err := attach.Value("copy", "x"); err == nil {
		t.Error("copy=x")
	}
	for _, a := range []objects.Assignment{{Name: "priority", Form: objects.Null}, {Name: "priority", Form: objects.JSON, Text: "null"}} {
		if got, err := a.Value(m); err != nil || string(got) != "null" {
			t.Errorf("%s, %v", got, err)
		}
	}
	if got, err := (objects.Assignment{Name: "priority", Text: "3"}).Value(m); err != nil || string(got) != "3" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{`"a"`, `"a"`}, {`"a"`, `"\u0061"`}, {`1`, `1.00`}, {`1500`, `"1500.00"`}, {`"1500"`, `1500.00`}, {`1e3`, ` 1000 `}, {`12345678901234567890`, `12345678901234567890`}, {`true`, `true`},
		{`null`, `null`}, {`null`, ``}, {`""`, `null`}, {`[]`, `null`}, {`null`, `[ ]`}, {`{}`, `null`},
		{`"2026-12-24T17:00:00:000+0100"`, `"2026-12-24T09:00:00:000-0700"`},
		{`"2026-12-24T17:00:00Z"`, `"2026-12-24T17:00:00:000+0000"`},
		{`"2026-12-24T17:00:00.9999Z"`, `"2026-12-24T17:00:00:999+0000"`},
		{`"2026-12-24"`, `"2026-12-24T00:00:00:000-0700"`}, {`"2026-12-24T17:00:00"`, `"2026-12-24T17:00:00:000-0700"`},
		{`{"ID":"a"}`, `{"name":"x","ID":"a","objCode":"USER"}`}, {`{"a":null}`, `{}`},
		{`["a","b"]`, `["b","a"]`}, {`[{"ID":"a"},{"ID":"b"}]`, `[{"ID":"b","x":1},{"ID":"a","x":2}]`},
	} {
		if !objects.Same(jsontext.Value(pair[0]), jsontext.Value(pair[1])) {
			t.Errorf("%s is not %s", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{
		{`"a"`, `"A"`}, {`"a"`, `null`}, {`"a"`, ``}, {`0`, `null`}, {`false`, `null`}, {`1`, `2`}, {`1`, `"x"`}, {`"1"`, `"1.0"`}, {`true`, `"false"`}, {`"x"`, `{}`},
		{`12345678901234567890`, `12345678901234567891`}, {`null`, `"a"`}, {`{}`, `{"a":1}`},
		{`"2026-12-24T17:00:00Z"`, `"2026-12-24T17:00:00:000+0100"`}, {`"2026-12-24"`, `"2026-12-25T00:00:00:000-0700"`},
		{`{"ID":"a"}`, `{"ID":"b"}`}, {`{"ID":"a"}`, `["a"]`}, {`["a"]`, `["a","a"]`}, {`["a","a"]`, `["a","b"]`}, {`["a"]`, `"a"`},
	} {
		if objects.Same(jsontext.Value(pair[0]), jsontext.Value(pair[1])) {
			t.Errorf("%s is %s", pair[0], pair[1])
		}
	}
}

func FuzzValue(f *testing.F) {
	m := parse(f, projectAnswer)
	for _, field := range []string{"name", "priority", "percentComplete", "plannedCompletionDate", "tags", "isTemplate"} {
		for _, text := range []string{"", "1", "2026-12-24", "2026-12-24T17:00:00:123-0730", "a,b", "true", "1e99999999", "0001-01-01T00:00:00Z"} {
			f.Add(field, text)
		}
	}
	f.Fuzz(func(t *testing.T, field, text string) {
		v, err := m.Value(field, text)
		if err != nil {
			return
		}
		if !v.IsValid() || !objects.Same(v, v.Clone()) {
			t.Errorf("%s=%q: %s", field, text, v)
		}
		// What Workfront writes can be written back.
		if moment := field == "plannedCompletionDate"; moment {
			written := strings.Trim(string(v), `"`)
			again, err := m.Value(field, written)
			if err != nil || string(again) != string(v) {
				t.Errorf("%q: %s, again %s, %v", text, v, again, err)
			}
		}
	})
}
