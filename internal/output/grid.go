package output

import (
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// A grid writes rows as lines of cells under a header.
type grid struct {
	w       io.Writer
	layout  layout
	fields  []string
	note    func(string)
	columns *columns // nil until they are known
	rows    int
	buf     []byte // reused between pages
}

// A layout says how lines look.
type layout interface {
	// appendHeader appends the header over the named columns. The sample has
	// the cells of the first page's rows.
	appendHeader(dst []byte, names []string, sample iter.Seq[[]cell]) []byte
	appendRow(dst []byte, cells []cell) []byte
}

func newGrid(w io.Writer, o Options, l layout) *grid {
	return &grid{w: w, layout: l, fields: o.Fields, note: o.Note}
}

func (g *grid) Page(rows []jsontext.Value) error {
	g.buf = g.buf[:0]
	if g.columns == nil && len(rows) > 0 {
		g.begin(rows)
	}
	if g.columns == nil { // the rows so far have no keys at all
		g.rows += len(rows)
		return nil
	}
	for _, row := range rows {
		g.rows++
		cells, err := g.columns.row(row)
		if err != nil {
			return failed(g.w, g.buf, g.rows, err)
		}
		g.buf = g.layout.appendRow(g.buf, cells)
	}
	g.noteMissing()
	return flush(g.w, g.buf)
}

// Close writes the header if there were no rows to write it with.
func (g *grid) Close() error {
	g.buf = g.buf[:0]
	if g.columns == nil {
		g.begin(nil)
	}
	return flush(g.w, g.buf)
}

// begin settles the columns and appends the header.
func (g *grid) begin(rows []jsontext.Value) {
	names := expand(g.fields, keys(rows))
	if len(names) == 0 {
		return
	}
	g.columns = newColumns(names)
	g.buf = g.layout.appendHeader(g.buf, g.columns.names, func(yield func([]cell) bool) {
		for _, row := range rows {
			if cells, err := g.columns.row(row); err != nil || !yield(cells) {
				return
			}
		}
	})
}

// noteMissing tells once that later rows have keys that the first page had
// not. Where the user chose the columns, there is nothing to tell.
func (g *grid) noteMissing() {
	if len(g.fields) > 0 || g.columns.missing == "" || g.note == nil {
		return
	}
	g.note(fmt.Sprintf("the columns are those of the first page; %s came later and is left out", g.columns.missing))
	g.note = nil
}
