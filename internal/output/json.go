package output

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A document streams rows as one JSON document. Each begins a line; for the
// rest they stand there as the server sent them, or indented for a terminal.
type document struct {
	sink
	head, margin        string // before the first row, and before each
	outdent, tail       string // after the last row, if there was one, and at the end
	indent, begun, some bool
	buf                 []byte // reused between pages
}

func newDocument(w io.Writer, o Options) *document {
	d := &document{sink: sink{w: w}, head: `{"data":[`, margin: "\n", outdent: "\n", tail: "]}\n", indent: o.Indent}
	switch {
	case o.Array:
		d.head, d.tail = "[", "]\n"
		if o.Indent {
			d.margin = "\n  "
		}
	case o.Indent:
		d.head, d.margin, d.outdent, d.tail = "{\n  \"data\": [", "\n    ", "\n  ", "]\n}\n"
	}
	return d
}

func (d *document) Page(rows []jsontext.Value) error {
	d.begin()
	for _, row := range rows {
		if d.some {
			d.buf = append(d.buf, ',')
		}
		d.some = true
		d.buf = d.appendRow(append(d.buf, d.margin...), row)
	}
	return d.flush(d.buf, len(rows))
}

func (d *document) Close() error {
	d.begin()
	if d.some {
		d.buf = append(d.buf, d.outdent...)
	}
	return d.flush(append(d.buf, d.tail...), 0)
}

func (d *document) begin() {
	d.buf = d.buf[:0]
	if !d.begun {
		d.buf = append(d.buf, d.head...)
		d.begun = true
	}
}

func (d *document) appendRow(dst []byte, row jsontext.Value) []byte {
	if d.indent && depth(row) <= maxIndented {
		margin := jsontext.WithIndentPrefix(d.margin[1:])
		if indented, err := appendJSON(dst, row, jsontext.Multiline(true), jsontext.WithIndent("  "), margin); err == nil {
			return indented
		}
	}
	return append(dst, row...)
}

// lines writes one row a line.
type lines struct {
	sink
	rows int
	buf  []byte // reused between pages
}

func (l *lines) Page(rows []jsontext.Value) error {
	l.buf = l.buf[:0]
	for _, row := range rows {
		l.rows++
		if bytes.IndexByte(row, '\n') < 0 && bytes.IndexByte(row, '\r') < 0 {
			l.buf = append(append(l.buf, row...), '\n')
			continue
		}
		compact, err := appendJSON(l.buf, row)
		if err != nil {
			return l.failed(l.buf, l.rows, err)
		}
		l.buf = append(compact, '\n')
	}
	return l.flush(l.buf, len(rows))
}

func (l *lines) Close() error { return nil }

// appendJSON appends a value without needless white space, or as the options
// say. Its strings and numbers keep their notation.
func appendJSON(dst []byte, value jsontext.Value, o ...jsontext.Options) ([]byte, error) {
	return jsontext.AppendFormat(dst, value, append(o,
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true))...)
}
