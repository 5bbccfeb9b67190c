package output

import "github.com/go-json-experiment/json/jsontext"

// columns find the values of a row that stand in a table.
type columns struct {
	names []string
	// places holds the columns' names and whatever stands before a colon in
	// them, so that a walk over a row knows at each key whether to take the
	// value, to look into it, or both. DE:Region may so be one key or two.
	places  map[string]place
	cells   []cell
	path    []byte // of the key the walk is at
	readers readers
}

type place struct {
	column int  // of that very name, counted from 1
	opens  bool // a column's name begins with this one and a colon
}

// A cell is a value as the server sent it, nil where a row has none.
type cell struct {
	value jsontext.Value
	depth int // of the key: a key of the column's whole name goes before nested ones
}

func newColumns(names []string) *columns {
	c := &columns{places: make(map[string]place)}
	for _, name := range names {
		p := c.places[name]
		if p.column > 0 {
			continue
		}
		c.names = append(c.names, name)
		p.column = len(c.names)
		c.places[name] = p
		for i := range len(name) {
			if name[i] == ':' {
				p := c.places[name[:i]]
				p.opens = true
				c.places[name[:i]] = p
			}
		}
	}
	c.cells = make([]cell, len(c.names))
	return c
}

// row returns the cells of a row, which hold until the next call.
func (c *columns) row(row jsontext.Value) ([]cell, error) {
	if row.Kind() != jsontext.KindBeginObject {
		return nil, errNotObject
	}
	clear(c.cells)
	c.path = c.path[:0]
	return c.cells, c.walk(row, 0)
}

func (c *columns) walk(object jsontext.Value, depth int) error {
	members, err := c.readers.open(depth, object)
	if err != nil {
		return err
	}
	for prefix := len(c.path); members.more(); {
		name, value, err := members.member()
		if err != nil {
			return err
		}
		c.path = appendText(c.path[:prefix], name)
		p := c.places[string(c.path)]
		if p.column > 0 {
			if at := &c.cells[p.column-1]; at.value == nil || depth <= at.depth {
				*at = cell{value, depth}
			}
		}
		if p.opens && value.Kind() == jsontext.KindBeginObject {
			c.path = append(c.path, ':')
			if err := c.walk(value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
