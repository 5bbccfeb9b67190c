package output

import (
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	replayChunk = 256 << 10 // about how much is written at once of rows that have waited
	sampled     = 10_000    // rows that a layout looks at, so that nobody waits for that
)

// A grid writes rows as lines of cells under a header. Where the fields name
// the columns, rows are written as they come; where the rows do, they wait.
type grid struct {
	sink
	layout  layout
	keys    []string
	fields  []string
	columns *columns // nil while only rows can tell them
	headed  bool
	rows    int
	buf     []byte // reused between pages

	union   union
	waiting spill
}

// A layout says how lines look.
type layout interface {
	// appendHeader appends the header over the named columns. The sample has
	// the cells of the rows that have come, or of the first of very many.
	appendHeader(dst []byte, names []string, sample iter.Seq[[]cell]) []byte
	appendRow(dst []byte, cells []cell) []byte
}

func newGrid(w io.Writer, o Options, l layout) *grid {
	g := &grid{sink: sink{w: w}, layout: l, keys: o.Keys, fields: o.Fields, waiting: spill{chunk: spillChunk}}
	if !open(g.fields) {
		g.columns = newColumns(slices.Concat(g.keys, g.fields))
	}
	return g
}

func (g *grid) Page(rows []jsontext.Value) error {
	if g.columns == nil {
		return g.keep(rows)
	}
	g.buf = g.buf[:0]
	if len(rows) > 0 {
		g.head(slices.Values(rows))
	}
	for _, row := range rows {
		g.rows++
		cells, err := g.columns.row(row)
		if err != nil {
			return g.failed(g.buf, g.rows, err)
		}
		g.buf = g.layout.appendRow(g.buf, cells)
	}
	return g.flush(g.buf, len(rows))
}

// keep has rows wait, up to the first that is none.
func (g *grid) keep(rows []jsontext.Value) error {
	for _, row := range rows {
		g.rows++
		if err := g.union.add(row); err != nil {
			return fmt.Errorf("row %d: %w", g.rows, err)
		}
		if err := g.waiting.add(row); err != nil {
			return err
		}
	}
	return nil
}

// Close writes the rows that wait, or just the header.
func (g *grid) Close() error {
	if g.columns == nil {
		return g.replay()
	}
	g.buf = g.buf[:0]
	g.head(func(func(jsontext.Value) bool) {})
	return g.flush(g.buf, 0)
}

// Break writes the rows that wait.
func (g *grid) Break() error {
	if g.waiting.rows == 0 {
		g.waiting.discard()
		return nil
	}
	return g.replay()
}

// replay settles the columns, and writes the rows that have waited for them.
func (g *grid) replay() error {
	defer g.waiting.discard()
	names := slices.Concat(g.keys, g.union.expand(g.fields))
	if len(names) == 0 { // no row has a key
		return nil
	}
	g.columns = newColumns(names)
	g.buf = g.buf[:0]
	g.head(func(yield func(jsontext.Value) bool) {
		n := 0
		// What cannot be read back is said when it is read to be written.
		_ = g.waiting.each(func(row jsontext.Value) error {
			if n++; n > sampled || !yield(row) {
				return io.EOF
			}
			return nil
		})
	})
	ended := 0 // rows in buf
	err := g.waiting.each(func(row jsontext.Value) error {
		cells, err := g.columns.row(row)
		if err != nil {
			return err
		}
		g.buf = g.layout.appendRow(g.buf, cells)
		if ended++; len(g.buf) < replayChunk {
			return nil
		}
		err = g.flush(g.buf, ended)
		g.buf, ended = g.buf[:0], 0
		return err
	})
	if err != nil {
		return err
	}
	return g.flush(g.buf, ended)
}

// head appends the header, once.
func (g *grid) head(rows iter.Seq[jsontext.Value]) {
	if g.headed {
		return
	}
	g.headed = true
	g.buf = g.layout.appendHeader(g.buf, g.columns.names, func(yield func([]cell) bool) {
		for row := range rows {
			if cells, err := g.columns.row(row); err != nil || !yield(cells) {
				return
			}
		}
	})
}
