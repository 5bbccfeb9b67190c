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

func null() value { return value{null: true, number: math.NaN()} }

func boolean(b bool) value {
	if b {
		return value{number: 1}
	}
	return value{}
}

// table holds the objects of one type by column, so that 100,000 of them stay small. A row number
// is never given twice; a deleted row is one that is no longer in order.
type table struct {
	class   *class
	ids     []id
	order   []int32 // the living rows by ID
	numbers [][]float64
	texts   [][]string
}

func newTable(c *class) *table {
	t := &table{class: c}
	for _, f := range c.fields {
		switch f.kind {
		case kindID, kindObjCode:
		case kindText, kindChoice:
			f.column = len(t.texts)
			t.texts = append(t.texts, nil)
		default:
			f.column = len(t.numbers)
			t.numbers = append(t.numbers, nil)
		}
	}
	return t
}

// add appends a row whose fields are all null. It is found only once it is linked.
func (t *table) add(i id) int32 {
	t.ids = append(t.ids, i)
	for c := range t.numbers {
		t.numbers[c] = append(t.numbers[c], math.NaN())
	}
	for c := range t.texts {
		t.texts[c] = append(t.texts[c], "")
	}
	return int32(len(t.ids) - 1)
}

// linkAll makes every row found, after many were added.
func (t *table) linkAll() {
	t.order = make([]int32, len(t.ids))
	for row := range t.order {
		t.order[row] = int32(row)
	}
	slices.SortFunc(t.order, func(a, b int32) int { return bytes.Compare(t.ids[a][:], t.ids[b][:]) })
}

func (t *table) link(row int32) {
	at, _ := t.search(t.ids[row])
	t.order = slices.Insert(t.order, at, row)
}

func (t *table) unlink(row int32) {
	if at, ok := t.search(t.ids[row]); ok {
		t.order = slices.Delete(t.order, at, at+1)
	}
}

func (t *table) search(i id) (at int, ok bool) {
	return slices.BinarySearchFunc(t.order, i, func(row int32, i id) int { return bytes.Compare(t.ids[row][:], i[:]) })
}

// row finds a living row.
func (t *table) row(i id) (row int32, ok bool) {
	at, ok := t.search(i)
	if !ok {
		return 0, false
	}
	return t.order[at], true
}

func (t *table) get(f *field, row int32) value {
	switch f.kind {
	case kindID:
		return value{text: t.ids[row].String()}
	case kindObjCode:
		return value{text: t.class.code}
	case kindText, kindChoice:
		return textValue(t.texts[f.column][row])
	default:
		return number(t.numbers[f.column][row])
	}
}

// set changes a field that is stored; ID and objCode are not.
func (t *table) set(f *field, row int32, v value) {
	if f.kind == kindText || f.kind == kindChoice {
		t.texts[f.column][row] = v.text
		return
	}
	if v.null {
		v.number = math.NaN()
	}
	t.numbers[f.column][row] = v.number
}

// referring groups the living rows by the row that they refer to.
func (t *table) referring(by string) map[int32][]int32 {
	groups := make(map[int32][]int32)
	f := t.class.field(by)
	for _, row := range t.order {
		if v := t.get(f, row); !v.null {
			groups[int32(v.number)] = append(groups[int32(v.number)], row)
		}
	}
	return groups
}
