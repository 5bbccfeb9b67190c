package output

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestJQRows(t *testing.T) {
	t.Parallel()
	pages := [][]jsontext.Value{values(`{"n":1.50}`, `{"n":"b"}`), nil, values(`{"n":null}`)}
	for name, test := range map[string]struct {
		program string
		each    bool
		pages   [][]jsontext.Value
		want    string
		err     string
	}{
		"each row":         {".n", true, pages, "1.50\nb\nnull\n", ""},
		"each page":        {"[.data[].n]", false, pages, "[1.50,\"b\"]\n[null]\n", ""},
		"no rows, each":    {"1", true, [][]jsontext.Value{nil}, "", ""},
		"no rows, page":    {".data|length", false, [][]jsontext.Value{nil}, "0\n", ""},
		"no pages":         {".data|length", false, nil, "0\n", ""},
		"error in a row":   {".n+1", true, pages, "2.5\n", `row 2: jq: cannot add: string ("b") and number (1)`},
		"error in a page":  {".data[].n+1", false, pages, "2.5\n", `jq: cannot add: string ("b") and number (1)`},
		"halt ends it":     {".n, halt", true, pages, "1.50\n", "jq: halted"},
		"halt ends a page": {"1, halt, 2", false, pages, "1\n", "jq: halted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := CompileJQ(test.program)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			w := p.RowWriter(t.Context(), &out, test.each)
			for _, page := range test.pages {
				if err = w.Page(page); err != nil {
					break
				}
			}
			if err == nil {
				err = w.Close()
			}
			if out.String() != test.want || message(err) != test.err {
				t.Errorf("got %q and %q, want %q and %q", out.String(), message(err), test.want, test.err)
			}
			if test.err == ErrHalt.Error() && !errors.Is(err, ErrHalt) {
				t.Error("halt is not recognised")
			}
		})
	}
}

func TestJQRowsEnd(t *testing.T) {
	t.Parallel()
	p, err := CompileJQ(`repeat("x")`)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	for _, each := range []bool{false, true} {
		if err := p.RowWriter(t.Context(), brokenWriter{full}, each).Page(values("{}")); !errors.Is(err, full) {
			t.Errorf("each=%v: a writer that fails: %v", each, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.RowWriter(ctx, &bytes.Buffer{}, each).Page(values("{}")); !errors.Is(err, context.Canceled) {
			t.Errorf("each=%v: interrupted: %v", each, err)
		}
	}
}

// The program of an array runs once over all pages, also over none, and over no part.
func TestJQArray(t *testing.T) {
	t.Parallel()
	pages := [][]jsontext.Value{values(`{"n":1.50}`, `{"n":"b"}`), nil, values(`{"n":null}`)}
	for name, test := range map[string]struct {
		program string
		pages   [][]jsontext.Value
		want    string
		written int
		err     string
	}{
		"once":     {"length, .[0].n", pages, "3\n1.50\n", 3, ""},
		"no pages": {".", nil, "[]\n", 0, ""},
		"halt":     {"1, halt, 2", pages, "1\n", 3, "jq: halted"},
		"error":    {".[].n+1", pages, "2.5\n", 0, `jq: cannot add: string ("b") and number (1)`},
	} {
		p, err := CompileJQ(test.program)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := p.ArrayWriter(t.Context(), &out)
		for _, page := range test.pages {
			if err := w.Page(page); err != nil {
				t.Fatal(err)
			}
		}
		if w.Written() != 0 || out.Len() > 0 {
			t.Errorf("%s: %d rows are written before the end: %q", name, w.Written(), out.String())
		}
		if err := w.Close(); out.String() != test.want || message(err) != test.err || w.Written() != test.written {
			t.Errorf("%s: got %q, %q, %d rows; want %q, %q, %d", name, out.String(), message(err), w.Written(), test.want, test.err, test.written)
		}
	}
}
