package output

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// rowOf returns a row with these texts.
func rowOf(names, texts []string) jsontext.Value {
	row := jsontext.Value("{")
	for i, name := range names {
		if i > 0 {
			row = append(row, ',')
		}
		row, _ = jsontext.AppendQuote(row, name)
		row, _ = jsontext.AppendQuote(append(row, ':'), texts[i])
	}
	return append(row, '}')
}

func FuzzCSVIsReadBack(f *testing.F) {
	f.Add("plain", "with,comma", "line\nend")
	f.Add(` "`, "\r", "\r\n")
	f.Add("\\.", "=1+1", "\ufeff\x00")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		names, texts := []string{"one", "two,", "three\""}, []string{a, b, c}
		for i := range texts {
			if !utf8.ValidString(texts[i]) {
				t.Skip("JSON has no such text")
			}
		}
		row := rowOf(names, texts)
		for n := 1; n <= len(names); n++ {
			out, _ := write(t, CSV, Options{Fields: names[:n]}, []jsontext.Value{row, row})
			got, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil {
				t.Fatalf("%v in %q", err, out)
			}
			var want []string
			for _, text := range texts[:n] {
				// Go's reader makes LF of a CRLF, in quotes too.
				want = append(want, strings.ReplaceAll(text, "\r\n", "\n"))
			}
			if diff := cmp.Diff([][]string{names[:n], want, want}, got); diff != "" {
				t.Errorf("%q: %s", out, diff)
			}
		}
	})
}

// Go's reader does not tell whether line ends are kept, and takes a CR without
// quotes, where others see the end of a row.
func TestCSVKeepsLineEnds(t *testing.T) {
	t.Parallel()
	if got, _ := write(t, CSV, Options{}, values(`{"a":"1\r2"}`)); got != "a\r\n\"1\r2\"\r\n" {
		t.Errorf("got %q", got)
	}
	got, _ := write(t, CSV, Options{BOM: true}, values(`{"a":"1\r\n2\r3\n4","b":" = "}`))
	if want := "\ufeffa,b\r\n\"1\r\n2\r3\n4\", = \r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzTSVIsReadBack(f *testing.F) {
	f.Add("plain", "tab\tand\\t")
	f.Add("\r\n", "\\")
	f.Add("", "\\\\n")
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip("JSON has no such text")
		}
		names, texts := []string{"x", "y"}, []string{a, b}
		out, _ := write(t, TSV, Options{}, []jsontext.Value{rowOf(names, texts)})
		lines := strings.Split(out, "\n")
		if len(lines) != 3 || lines[2] != "" || lines[0] != "x\ty" {
			t.Fatalf("lines %q", lines)
		}
		got := strings.Split(lines[1], "\t")
		for i := range got {
			got[i] = unescape.Replace(got[i])
		}
		if diff := cmp.Diff(texts, got); diff != "" {
			t.Errorf("%q: %s", out, diff)
		}
	})
}

// FuzzText checks that a string's text is what it says, and that no byte of it
// is lost, valid or not.
func FuzzText(f *testing.F) {
	f.Add([]byte(`plain`))
	f.Add([]byte(`\u00fc\/\\\"\ud83d\ude00\ud83dx\udc00`))
	f.Add([]byte("a\xff\\n\xffb"))
	f.Fuzz(func(t *testing.T, inside []byte) {
		value := jsontext.Value("\"" + string(inside) + "\"")
		if !value.IsValid(jsontext.AllowInvalidUTF8(true)) {
			return
		}
		got := appendText(nil, value)
		want, _ := jsontext.AppendUnquote(nil, value)
		if utf8.Valid(inside) && string(got) != string(want) {
			t.Errorf("text of %s is %q, want %q", value, got, want)
		}
		if string([]rune(string(got))) != string([]rune(string(want))) {
			t.Errorf("text of %q is %q, want %q but for bytes that are not UTF-8", value, got, want)
		}
	})
}
