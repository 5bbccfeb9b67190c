package objectstore

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"strings"
)

// id is an object's ID as stored; written it is 32 lower-case hex digits, in the same order.
type id [16]byte

func (i id) String() string { return hex.EncodeToString(i[:]) }

// parseID reads an ID as it is written.
func parseID(s string) (i id, ok bool) {
	if len(s) != 32 || strings.ToLower(s) != s {
		return i, false
	}
	_, err := hex.Decode(i[:], []byte(s))
	return i, err == nil
}

// value is one field of one object.
type value struct {
	null   bool
	number float64 // numbers; dates in ms since 1970; booleans as 0 and 1; references as rows
	text   string
}

func number(n float64) value { return value{number: n, null: math.IsNaN(n)} }

// textValue is null for the empty string, as in the database behind Workfront.
func textValue(s string) value { return value{text: s, null: s == ""} }

func null() value { return value{null: true} }

func boolean(b bool) value {
	if b {
		return value{number: 1}
	}
	return value{}
}

// table holds the objects of one type by column, so that a million of them stay small. A row number
// is never given twice; a deleted row is one that is no longer alive.
type table struct {
	class   *class
	ids     []id
	order   []int32 // the living rows by ID
	alive   []bool
	columns []column
	parts   []*table // of a type whose objects are those of others: see union.go
}

func newTable(c *class) *table {
	t := &table{class: c}
	if c.parts != nil {
		return t // it has nothing of its own
	}
	for _, f := range c.fields {
		if f.stored() {
			f.column = len(t.columns)
			t.columns = append(t.columns, column{})
		}
	}
	return t
}

// reserve makes room for n rows in all, so that columns need not grow to it.
func (t *table) reserve(n int) {
	t.ids, t.alive = slices.Grow(t.ids, n), slices.Grow(t.alive, n)
}

// add appends a row whose fields are all null. It is found only once it is linked.
func (t *table) add(i id) int32 {
	t.ids = append(t.ids, i)
	t.alive = append(t.alive, false)
	return int32(len(t.ids) - 1)
}

// linkAll makes every row found, after many were added.
func (t *table) linkAll() {
	t.order = make([]int32, len(t.ids))
	for row := range t.order {
		t.order[row], t.alive[row] = int32(row), true
	}
	slices.SortFunc(t.order, func(a, b int32) int { return bytes.Compare(t.ids[a][:], t.ids[b][:]) })
}

func (t *table) compareRows(a, b int32) int {
	i, j := t.id(a), t.id(b)
	return bytes.Compare(i[:], j[:])
}

func (t *table) link(row int32) {
	at, _ := t.search(t.ids[row])
	t.order = slices.Insert(t.order, at, row)
	t.alive[row] = true
}

func (t *table) unlink(row int32) {
	if at, ok := t.search(t.ids[row]); ok {
		t.order = slices.Delete(t.order, at, at+1)
	}
	t.alive[row] = false
}

func (t *table) search(i id) (at int, ok bool) {
	return slices.BinarySearchFunc(t.order, i, func(row int32, i id) int { return bytes.Compare(t.ids[row][:], i[:]) })
}

// row finds a living row.
func (t *table) row(i id) (row int32, ok bool) {
	if t.parts != nil {
		return t.unionRow(i)
	}
	at, ok := t.search(i)
	if !ok {
		return 0, false
	}
	return t.order[at], true
}

// rows are the living rows by ID.
func (t *table) rows() []int32 {
	if t.parts != nil {
		return t.unionRows()
	}
	return t.order
}

func (t *table) id(row int32) id {
	if t.parts != nil {
		part, row := t.part(row)
		return part.ids[row]
	}
	return t.ids[row]
}

func (t *table) get(f *field, row int32) value {
	if t.parts != nil {
		return t.unionGet(f, row)
	}
	switch f.kind {
	case kindID:
		return value{text: t.ids[row].String()}
	case kindObjCode:
		return value{text: t.class.code}
	}
	return t.columns[f.column].get(f.kind, row)
}

// set changes a field that is stored; ID and objCode are not.
func (t *table) set(f *field, row int32, v value) {
	c := &t.columns[f.column]
	if f.kind == kindReference {
		c.refer(row, v, cap(t.ids))
		return
	}
	c.set(f.kind, row, v, cap(t.ids))
}

// referring are the living rows that refer to a row of another table, by ID.
func (t *table) referring(by *field, target int32) []int32 {
	if t.parts != nil {
		return t.unionReferring(by, target)
	}
	rows := slices.DeleteFunc(t.columns[by.column].referring(target), func(row int32) bool { return !t.alive[row] })
	slices.SortFunc(rows, t.compareRows)
	return rows
}

// members are the rows of this table that belong to a row of another, by a reference or by an ID as text.
func (t *table) members(by *field, other *table, row int32) []int32 {
	if by.kind == kindReference {
		if other.parts != nil {
			_, row = other.part(row)
		}
		return t.referring(by, row)
	}
	var members []int32
	text := other.id(row).String()
	for _, candidate := range t.rows() {
		if t.get(by, candidate).text == text {
			members = append(members, candidate)
		}
	}
	return members
}
