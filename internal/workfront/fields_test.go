package workfront

import (
	"slices"
	"strings"
	"testing"
)

// However fields are written, and what is sent for it.
func TestFields(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct{ names, sent string }{
		"":                        {"", ""},
		",":                       {"", ""},
		"[]":                      {"", ""},
		"name":                    {"name", "name"},
		"name,owner:name":         {"name|owner:name", "name,owner:name"},
		"name, DE:Cost Center,":   {"name|DE:Cost Center", "name,DE:Cost Center"},
		",name,,ID , ":            {"name|ID", "name,ID"},
		`["name","DE:Region"]`:    {"name|DE:Region", `["name","DE:Region"]`},
		` [ "name" , "" ] `:       {"name", `["name"]`},
		`['name','DE:Region']`:    {"name|DE:Region", `["name","DE:Region"]`},
		`[ 'name', "DE:A, B" ,]`:  {"name|DE:A, B", `["name","DE:A, B"]`},
		`[name,DE:Region]`:        {"name|DE:Region", `["name","DE:Region"]`},
		`["name","ID",]`:          {"name|ID", `["name","ID"]`},
		`'name','ID'`:             {"name|ID", "name,ID"},
		`"DE:A, B",ID`:            {"DE:A, B|ID", `["DE:A, B","ID"]`},
		`['DE:it\'s',"DE:\"x\""]`: {`DE:it's|DE:"x"`, `["DE:it's","DE:\"x\""]`},
		`["a\u00fc"]`:             {"aü", `["aü"]`},
		`DE:it's,DE:that's`:       {"DE:it's|DE:that's", "DE:it's,DE:that's"},
		`'name,ID`:                {"'name|ID", "'name,ID"},
		`'na'me,ID`:               {"'na'me|ID", "'na'me,ID"},
		`["name"`:                 {`["name"`, `["name"`},
		`[,']'`:                   {"[|]", `["[","]"]`},
		`"'name'",ID`:             {"'name'|ID", `["'name'","ID"]`},
		`*,owner:*`:               {"*|owner:*", "*,owner:*"},
		"name\n,ID\r\n":           {"name|ID", "name,ID"},
	} {
		if got := strings.Join(FieldNames(value), "|"); got != want.names {
			t.Errorf("FieldNames(%q) = %q, want %q", value, got, want.names)
		}
		given := []Field{{"a", "b"}, {"fields", value}}
		got := ""
		if tidy := tidyFields(given); len(tidy) == 2 {
			got = tidy[1].Value
		}
		if got != want.sent || given[1].Value != value {
			t.Errorf("%q is sent as %q, want %q", value, got, want.sent)
		}
		if again := tidyFields([]Field{{"fields", got}}); got != "" && !slices.Equal(again, []Field{{"fields", got}}) {
			t.Errorf("%q becomes %q when it is tidied again", got, again)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{"a,b", `["a","b"]`, `['a','b,c']`, `[a,`, `'a'b`, "[\"\xff\"]", `["\\"]`, `'\`, `[,']'`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, f := range tidyFields([]Field{{"fields", value}}) {
			if again := FieldNames(f.Value); !slices.Equal(again, FieldNames(strings.ToValidUTF8(value, "\ufffd"))) && strings.ToValidUTF8(value, "") == value {
				t.Errorf("%q names %q, and %q is sent, which names %q", value, FieldNames(value), f.Value, again)
			}
		}
	})
}
