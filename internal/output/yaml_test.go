package output

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	yamlv3 "go.yaml.in/yaml/v3"
)

// read returns what a YAML reader makes of a text, numbers as they stand there.
func read(n *yamlv3.Node) any {
	switch n.Kind {
	case yamlv3.DocumentNode:
		return read(n.Content[0])
	case yamlv3.MappingNode:
		m := make(map[string]any)
		for i := 0; i < len(n.Content); i += 2 {
			m[read(n.Content[i]).(string)] = read(n.Content[i+1])
		}
		return m
	case yamlv3.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, read(item))
		}
		return list
	}
	if plain := jsontext.Value(n.Value); n.Style == 0 && plain.Kind() == jsontext.KindNumber && plain.IsValid() {
		return number(n.Value) // of any size, where this reader has bounds
	}
	switch n.Tag {
	case "!!str":
		return n.Value
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	}
	return n.Tag + " " + n.Value
}

type number string

// meant returns what a JSON value means, numbers as they stand there.
func meant(t *testing.T, value jsontext.Value) any {
	names, values, err := []jsontext.Value(nil), []jsontext.Value(nil), error(nil)
	switch value.Kind() {
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		if names, values, err = parts(value); err != nil {
			t.Fatal(err)
		}
	}
	switch value.Kind() {
	case jsontext.KindBeginObject:
		m := make(map[string]any)
		for i, name := range names {
			m[meant(t, name).(string)] = meant(t, values[i])
		}
		return m
	case jsontext.KindBeginArray:
		list := []any{}
		for _, value := range values {
			list = append(list, meant(t, value))
		}
		return list
	case jsontext.KindString:
		s, _ := jsontext.AppendUnquote(nil, value)
		return string(s)
	case jsontext.KindNull:
		return nil
	case jsontext.KindNumber:
		return number(value)
	}
	return value.Kind() == jsontext.KindTrue
}

func checkYAML(t *testing.T, rows ...jsontext.Value) {
	t.Helper()
	out, _ := write(t, YAML, Options{}, rows)
	var n yamlv3.Node
	if err := yamlv3.Unmarshal([]byte(out), &n); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	want := []any{}
	for _, row := range rows {
		want = append(want, meant(t, row))
	}
	// DeepEqual first, for Diff takes its time where values nest deeply.
	if whole, got := any(map[string]any{"data": want}), read(&n); !reflect.DeepEqual(whole, got) {
		t.Errorf("%s\n%s", out, cmp.Diff(whole, got))
	}
}

func TestYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	checkYAML(t)
	checkYAML(t, samples()...)
	checkYAML(t, projects(3)...)
	for _, text := range []string{
		"", " ", "a ", " a", "yes", "No", "ON", "n", "Y", "true", "FALSE", "null", "~", "NaN", ".inf", ".nan", "Infinity",
		"1", "-1", "+1", "1.5", "1e3", "0x1f", "0o7", "1_000", "12:30:45", "2027-03-24", "2027-03-24T17:00:00:000+0400", "4c78821c0000d6fa",
		"a: b", "a:", ":a", "a:b", "a #b", "#a", "- a", "-", "---", "...", "? a", "& a", "*a", "!a", "!!str", "|", ">", "%a", "@a", "`a",
		"'a'", "\"a\"", "{a}", "[a]", "a, b", "a\nb", "a\r\nb", "\t", "a\tb", "\x00", "\x1b[2J", "\x7f", "\u0085", "\u00a0", "\u2028", "\ufeff", "\ufffe", "\U000e0041", "\U0001f680",
		"漢字", "Müller", "é", "\u0301", "don't", "C:\\dir", "a\\", "$$TODAY", "=1", "<<", "<", "e5", "a" + strings.Repeat("b", 2000), strings.Repeat("漢", 2000),
	} {
		checkYAML(t, rowOf([]string{"k", text}, []string{text, "v"}))
		value, _ := jsontext.AppendQuote(nil, text)
		checkYAML(t, jsontext.Value(`{"list":[`+string(value)+`,[`+string(value)+`,{`+string(value)+`:`+string(value)+`}]],"o":{`+string(value)+`:{"x":[]}}}`))
	}
	for _, n := range []string{"0", "-0", "1.50", "-1E+400", "1e5", "123456789012345678901234567890", "0.000"} {
		out, _ := write(t, YAML, Options{}, values(`{"n":`+n+`,"l":[`+n+`]}`))
		if want := "data:\n- \"n\": " + n + "\n  l:\n  - " + n + "\n"; out != want {
			t.Errorf("got %q, want %q", out, want)
		}
	}
}

func TestYAMLOfDeepValues(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 2, blockDepth - 1, blockDepth, blockDepth + 1, 300} {
		nest := func(open, close string) jsontext.Value {
			return jsontext.Value(`{"v":` + strings.Repeat(open, depth) + `{"last":[1,"yes"],"e":{},"f":[]}` + strings.Repeat(close, depth) + `,"after":"x"}`)
		}
		checkYAML(t, nest(`{"a":`, `}`), nest(`[`, `]`), nest(`[{"a":`, `}]`), nest(`{"b":"no","a":`, `,"c":null}`), nest(`[[],`, `,3]`))
	}
}

func FuzzYAMLIsReadBack(f *testing.F) {
	for _, row := range append(samples(), projects(1)...) {
		f.Add([]byte(row))
	}
	f.Add([]byte(`{"y":[[{"n":{}}],[],{"a":[1]}],"- a: b":"# c","":""}`))
	f.Fuzz(func(t *testing.T, row []byte) {
		value := jsontext.Value(strings.TrimSpace(string(row)))
		// A YAML reader would refuse names that come twice.
		if value.Kind() != jsontext.KindBeginObject || !value.IsValid() {
			return
		}
		checkYAML(t, value, value)
	})
}
