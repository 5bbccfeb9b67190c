package output

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

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
	missing string // the first key that stands in no column
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
		switch {
		case p.opens && value.Kind() == jsontext.KindBeginObject:
			c.path = append(c.path, ':')
			if err := c.walk(value, depth+1); err != nil {
				return err
			}
		case p.column == 0 && c.missing == "" && value.Kind() != jsontext.KindNull:
			c.missing = string(c.path)
		}
	}
	return nil
}

// maxFlattened is how deep a row's objects become columns of their own where
// the rows tell the columns; what lies deeper stays JSON. Workfront nests four
// deep.
const maxFlattened = 16

// A key is one that rows have, by its column's name.
type key struct {
	name   string
	depth  int
	filled bool // in some row it is not null
}

// keys returns the union of the rows' keys in order of appearance, up to the
// first row that is none.
func keys(rows []jsontext.Value) []key {
	u := union{index: make(map[string]int), opened: make(map[string]bool)}
	for _, row := range rows {
		if row.Kind() != jsontext.KindBeginObject || u.add(row, "", 0) != nil {
			break
		}
	}
	// An owner that is null in one row and an object in another is no column.
	return slices.DeleteFunc(u.keys, func(k key) bool { return !k.filled && u.opened[k.name] })
}

type union struct {
	keys    []key
	index   map[string]int  // into keys, by name
	opened  map[string]bool // the names of objects
	readers readers
}

func (u *union) add(object jsontext.Value, prefix string, depth int) error {
	members, err := u.readers.open(depth, object)
	if err != nil {
		return err
	}
	for members.more() {
		raw, value, err := members.member()
		if err != nil {
			return err
		}
		name := string(appendText([]byte(prefix), raw))
		if depth < maxFlattened && value.Kind() == jsontext.KindBeginObject && !empty(value) {
			u.opened[name] = true
			if err := u.add(value, name+":", depth+1); err != nil {
				return err
			}
			continue
		}
		i, ok := u.index[name]
		if !ok {
			i = len(u.keys)
			u.index[name] = i
			u.keys = append(u.keys, key{name: name, depth: depth})
		}
		u.keys[i].filled = u.keys[i].filled || value.Kind() != jsontext.KindNull
	}
	return nil
}

// expand puts the rows' keys in place of the fields that are or end in a star.
// No fields means all keys.
func expand(fields []string, keys []key) []string {
	var names []string
	for _, field := range fields {
		prefix, star := strings.CutSuffix(field, "*")
		if !star || prefix != "" && !strings.HasSuffix(prefix, ":") {
			names = append(names, field)
			continue
		}
		for _, k := range keys {
			if strings.HasPrefix(k.name, prefix) && (prefix != "" || k.depth == 0) {
				names = append(names, k.name)
			}
		}
	}
	if len(fields) == 0 {
		for _, k := range keys {
			names = append(names, k.name)
		}
	}
	return names
}
