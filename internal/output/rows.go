package output

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// A Format is a way to write rows.
type Format string

// The formats of rows.
const (
	JSON   Format = "json"   // one document, {"data":[…]}
	NDJSON Format = "ndjson" // one object a line
	CSV    Format = "csv"    // RFC 4180
	TSV    Format = "tsv"    // one row a line, with \t, \n, \r and \\ for what would break it
	Table  Format = "table"  // columns for people
	YAML   Format = "yaml"   // one list under data
)

// Chart is a way to look at the numbers of a report, not to have its rows.
const Chart Format = "chart"

// Formats lists every [Format] of rows.
func Formats() []Format { return []Format{JSON, NDJSON, CSV, TSV, Table, YAML} }

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("unknown format %q: it is one of %s", name, strings.Join(names, ", "))
}

// A RowWriter writes rows in one format. Every row is a JSON object.
type RowWriter interface {
	// Page takes some rows, and writes them in one write that ends with a whole
	// row, unless they have to wait until all columns are known. The rows are
	// read during the call only. An error about a row names its number, counted
	// from 1 over all pages. After an error nothing but Break may be called.
	Page(rows []jsontext.Value) error
	// Close writes the rows that wait, and what belongs after the last row, or
	// for no rows at all. It does not close the writer below.
	Close() error
	// Break ends the rows where something failed: those that wait are written,
	// but nothing that would make a part look like the whole. It returns nil
	// where none wait, and may be called after any error, and after Close.
	Break() error
	// Written is the number of rows that were written whole.
	Written() int
}

// Options say how rows are written. The zero value is right for a pipe.
type Options struct {
	// Keys are the first columns of csv, tsv and table: those that [Rows] has
	// made of what rows stand under.
	Keys []string
	// Fields are the columns after them, in order; one that a row has not is
	// empty. Nested values are named owner:name. owner:* stands for all that
	// any row has below owner, and * for all that no other field covers; with
	// no fields at all the columns are the keys of all rows in order of
	// appearance. Rows then wait in a file until the last has come. JSON and
	// YAML are written whole, whatever the fields.
	Fields []string
	// BOM begins csv with a byte order mark, by which Excel knows UTF-8.
	BOM bool
	// Array makes json an array, not an object with the member data.
	Array bool
	// Indent lays json out for people.
	Indent bool
	// Width is what fits on a line of a table; 0 means that everything does. A chart is 80 wide then.
	Width int
	// Color lets a chart have colours.
	Color bool
	// Line makes a text fit for one line of a table; nil leaves it as it is.
	Line func(string) string
	// Acts reports which characters do something to a terminal instead of being
	// seen: yaml escapes them. nil means control characters.
	Acts func(rune) bool
	// Note, if not nil, is told in one line which columns of a table are left out.
	Note func(string)
}

// NewRowWriter returns a writer of rows to w.
func NewRowWriter(w io.Writer, format Format, o Options) (RowWriter, error) {
	if o.Line == nil {
		o.Line = func(s string) string { return s }
	}
	if o.Acts == nil {
		o.Acts = unicode.IsControl
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	switch format {
	case JSON:
		return newDocument(w, o), nil
	case NDJSON:
		return &lines{sink: sink{w: w}}, nil
	case CSV:
		return newGrid(w, o, newCSV(o.BOM)), nil
	case TSV:
		return newGrid(w, o, newTSV()), nil
	case Table:
		return newGrid(w, o, &table{width: o.Width, line: o.Line, note: o.Note}), nil
	case Chart:
		return newChart(w, o), nil
	case YAML:
		return &yaml{sink: sink{w: w}, acts: o.Acts}, nil
	}
	return nil, fmt.Errorf("unknown format %q", string(format))
}

// errNotObject is about a row.
var errNotObject = errors.New("it is not a JSON object")

// A sink is where rows go, and how many have got there.
type sink struct {
	w       io.Writer
	written int
}

func (s *sink) Written() int { return s.written }

// Break is for formats in which no row ever waits.
func (s *sink) Break() error { return nil }

// flush writes p, which ends so many rows, in one write, or not at all when
// there is nothing to write.
func (s *sink) flush(p []byte, rows int) error {
	if len(p) > 0 {
		if _, err := s.w.Write(p); err != nil {
			return err
		}
	}
	s.written += rows
	return nil
}

// failed writes the rows before one that cannot be written, and says which it
// was, counted from 1.
func (s *sink) failed(before []byte, row int, err error) error {
	if lost := s.flush(before, row-1-s.written); lost != nil {
		return lost
	}
	return fmt.Errorf("row %d: %w", row, err)
}
