package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/terminal"
)

func values(rows ...string) []jsontext.Value {
	var out []jsontext.Value
	for _, row := range rows {
		out = append(out, jsontext.Value(row))
	}
	return out
}

// write writes pages of rows and returns what came out and what was noted.
func write(t *testing.T, format Format, o Options, pages ...[]jsontext.Value) (string, []string) {
	t.Helper()
	var out bytes.Buffer
	var notes []string
	o.Note = func(note string) { notes = append(notes, note) }
	w, err := newWriter(&out, format, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if err := w.Page(page); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), notes
}

// newWriter is NewRowWriter as the program has it, for a terminal where json is indented.
func newWriter(w io.Writer, format Format, o Options) (RowWriter, error) {
	o.Line, o.Acts = terminal.Line, terminal.Acts
	if o.Indent {
		w = terminal.Visible(w)
	}
	return NewRowWriter(w, format, o)
}

// samples are what servers send, for better or worse.
func samples() []jsontext.Value {
	return values(
		`{"ID":"4c78821c0000d6fa","name":"Road works, phase 1","percentComplete":1.50,"owner":null,"DE:Region":"EMEA","tags":["a",null],"done":true}`,
		"{\r\n  \"ID\": \"4c78821c0000d6fb\",\n  \"name\": \"\\\"Straße\\\"\\n\\tzwei \\u00fc \\/ \\ud83d\\ude00\",\n"+
			"  \"percentComplete\": 123456789012345678901234567890, \"owner\": {\"ID\":\"u1\", \"name\":\"Ann\"}, \"tags\": [ ], \"done\": null }",
		`{"ID":"4c78821c0000d6fc","name":"漢字 \u001b[31mred\u202e","percentComplete":-1E+400,"owner":{"ID":"u2","name":"Bob","role":{"name":"Lead"}},"tags":{},"done":false}`,
		"{\"ID\":\"\",\"name\":\"a\xff\\\\b\",\"name\":\"twice \xff \\\\\",\"percentComplete\":0,\"DE\":{\"Region\":\"nested\"},\"=1+1\":\"yes\"}",
	)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		for name, o := range map[string]Options{
			"pipe":     {},
			"terminal": {Indent: true, Width: 72},
			"fields":   {Fields: []string{"name", "missing", "owner:name", "DE:Region"}},
		} {
			if o.Fields != nil && !slices.Contains([]Format{CSV, TSV, Table}, format) {
				continue
			}
			t.Run(string(format)+"/"+name, func(t *testing.T) {
				t.Parallel()
				rows := samples()
				out, _ := write(t, format, o, rows[:3], nil, rows[3:])
				golden(t, fmt.Sprintf("rows-%s.%s", name, format), []byte(out))
				if diff := cmp.Diff(samples(), rows); diff != "" {
					t.Errorf("the caller's rows were changed:\n%s", diff)
				}
				// A row must come out the same whichever page brings it.
				if one, _ := write(t, format, o, rows[:3], rows[3:4]); one != out {
					t.Errorf("page by page:\n%s\nat once:\n%s", one, out)
				}
			})
		}
	}
}

func TestNoRows(t *testing.T) {
	t.Parallel()
	fields := []string{"ID", "owner:*", "a,b"}
	for _, test := range []struct {
		format Format
		o      Options
		want   string
	}{
		{JSON, Options{}, "{\"data\":[]}\n"},
		{JSON, Options{Array: true}, "[]\n"},
		{JSON, Options{Indent: true}, "{\n  \"data\": []\n}\n"},
		{JSON, Options{Indent: true, Array: true}, "[]\n"},
		{NDJSON, Options{}, ""},
		{CSV, Options{}, ""},
		{CSV, Options{Fields: fields}, "ID,\"a,b\"\r\n"},
		{CSV, Options{Fields: fields, BOM: true}, "\ufeffID,\"a,b\"\r\n"},
		{TSV, Options{Fields: fields}, "ID\ta,b\n"},
		{Table, Options{Fields: fields}, "ID  a,b\n"},
		{Table, Options{}, ""},
		{YAML, Options{}, "data: []\n"},
	} {
		for _, pages := range [][][]jsontext.Value{nil, {nil}, {{}, {}}} {
			if got, _ := write(t, test.format, test.o, pages...); got != test.want {
				t.Errorf("%s %+v: %q, want %q", test.format, test.o, got, test.want)
			}
		}
	}
}

func TestJSONAsAnArray(t *testing.T) {
	t.Parallel()
	rows := values(`{"a":1.50}`, `{"b":[]}`)
	for indent, want := range map[bool]string{
		false: "[\n{\"a\":1.50},\n{\"b\":[]}\n]\n",
		true:  "[\n  {\n    \"a\": 1.50\n  },\n  {\n    \"b\": []\n  }\n]\n",
	} {
		if got, _ := write(t, JSON, Options{Array: true, Indent: indent}, rows[:1], rows[1:]); got != want {
			t.Errorf("indent=%v: %q, want %q", indent, got, want)
		}
	}
}

func TestNDJSONHasOneRowALine(t *testing.T) {
	t.Parallel()
	got, _ := write(t, NDJSON, Options{}, values("{\"a\":\r1.50}", "{ \"a\" : 1 }", "{\"a\":\n\"\\n\"}"))
	if want := "{\"a\":1.50}\n{ \"a\" : 1 }\n{\"a\":\"\\n\"}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryPageIsOneWrite(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		writes := 0
		w, err := NewRowWriter(writerFunc(func(p []byte) (int, error) {
			writes++
			return len(p), nil
		}), format, Options{Fields: []string{"ID", "name"}})
		if err != nil {
			t.Fatal(err)
		}
		for page := range 3 {
			if err := w.Page(projects(500)); err != nil || writes != page+1 || w.Written() != 500*writes {
				t.Errorf("%s: %d writes for %d pages, %d rows, %v", format, writes, page+1, w.Written(), err)
			}
		}
	}
}

// A row that cannot be written is named, and what stands before it is whole.
func TestBadRowIsNamed(t *testing.T) {
	t.Parallel()
	good := `{"a":1}`
	for _, bad := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":{"b":[}}`, `["a"]`, `"text"`, `null`, "{\"a\":\n\"\x01\"}", "<html>"} {
		for _, format := range []Format{CSV, TSV, Table, YAML} {
			t.Run(fmt.Sprintf("%s/%q", format, bad), func(t *testing.T) {
				t.Parallel()
				var out, want bytes.Buffer
				w, _ := NewRowWriter(&out, format, Options{})
				err := w.Page(values(good, good))
				if err == nil {
					err = w.Page(values(good, bad, good))
				}
				if err == nil || !strings.HasPrefix(err.Error(), "row 4: ") || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %v, want one about row 4", err)
				}
				if err := w.Break(); err != nil || w.Written() != 3 {
					t.Errorf("%d rows written, %v", w.Written(), err)
				}
				w, _ = NewRowWriter(&want, format, Options{})
				w.Page(values(good, good, good))
				w.Close()
				if out.String() != want.String() {
					t.Errorf("wrote %q, want %q", out.String(), want.String())
				}
			})
		}
	}
	// NDJSON looks into rows with line ends only.
	var out bytes.Buffer
	w, _ := NewRowWriter(&out, NDJSON, Options{})
	if err := w.Page(values(good, "{\n")); err == nil || !strings.HasPrefix(err.Error(), "row 2: ") || out.String() != good+"\n" {
		t.Errorf("ndjson wrote %q, %v", out.String(), err)
	}
}

func TestBadFirstRow(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{CSV, TSV, Table, YAML} {
		var out bytes.Buffer
		w, _ := NewRowWriter(&out, format, Options{Fields: []string{"a"}})
		if err := w.Page(values("[]")); err == nil || err.Error() != "row 1: it is not a JSON object" {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestWriteErrorIsReturned(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for _, format := range Formats() {
		w, _ := NewRowWriter(brokenWriter{full}, format, Options{Fields: []string{"ID"}})
		if err := w.Page(samples()); !errors.Is(err, full) || w.Written() != 0 {
			t.Errorf("%s: Page: %v, %d rows", format, err, w.Written())
		}
		w, _ = NewRowWriter(brokenWriter{full}, format, Options{})
		if err := errors.Join(w.Page(samples()), w.Close()); !errors.Is(err, full) || w.Written() != 0 {
			t.Errorf("%s: Page and Close: %v, %d rows", format, err, w.Written())
		}
		w, _ = NewRowWriter(brokenWriter{full}, format, Options{Fields: []string{"ID"}})
		if err := w.Close(); format != NDJSON && !errors.Is(err, full) {
			t.Errorf("%s: Close: %v", format, err)
		}
	}
}

// Nesting as deep as JSON is taken must neither crash nor be lost, and must not
// grow with its square.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	const depth = 9_990
	row := `{"ID":"x","deep":` + strings.Repeat(`{"a":`, depth) + `1.50` + strings.Repeat(`}`, depth) + `}`
	for _, format := range Formats() {
		for _, indent := range []bool{false, true} {
			out, _ := write(t, format, Options{Indent: indent}, values(row))
			if strings.Count(out, "a")+strings.Count(out, "A") < depth || !strings.Contains(out, "1.50") {
				t.Errorf("%s loses some of the nesting", format)
			}
			if len(out) > 20*len(row) {
				t.Errorf("%s makes %d bytes of %d", format, len(out), len(row))
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	_, err := ParseFormat("xml\x1b")
	if want := `unknown format "xml\x1b": it is one of json, ndjson, csv, tsv, table, yaml`; err == nil || err.Error() != want {
		t.Errorf("ParseFormat: %v, want %s", err, want)
	}
	if _, err := NewRowWriter(nil, "xml", Options{}); err == nil {
		t.Error("NewRowWriter takes xml")
	}
	for _, f := range Formats() {
		if got, err := ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", f, got, err)
		}
	}
}
