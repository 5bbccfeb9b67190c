package objectstore

import (
	"bytes"
	"slices"
)

// A union shows the rows of several tables as one, and keeps nothing. Its row numbers interleave theirs, so that they stay
// what they are while those grow.

// part finds the table that a row of the union is in, and which row of it.
func (t *table) part(row int32) (*table, int32) {
	n := int32(len(t.parts))
	return t.parts[row%n], row / n
}

func (t *table) unionNumber(part int, row int32) int32 { return row*int32(len(t.parts)) + int32(part) }

func (t *table) unionRow(i id) (int32, bool) {
	for n, part := range t.parts {
		if row, ok := part.row(i); ok {
			return t.unionNumber(n, row), true
		}
	}
	return 0, false
}

// unionRows merges what the parts keep in order already.
func (t *table) unionRows() []int32 {
	var rows []int32
	next := make([]int, len(t.parts))
	for {
		least := -1
		for n, part := range t.parts {
			if next[n] < len(part.order) && (least < 0 || bytes.Compare(t.head(n, next)[:], t.head(least, next)[:]) < 0) {
				least = n
			}
		}
		if least < 0 {
			return rows
		}
		rows = append(rows, t.unionNumber(least, t.parts[least].order[next[least]]))
		next[least]++
	}
}

func (t *table) head(part int, next []int) *id {
	p := t.parts[part]
	return &p.ids[p.order[next[part]]]
}

// unionGet reads the field of that name, null where the part has none.
func (t *table) unionGet(f *field, row int32) value {
	part, row := t.part(row)
	own := part.class.field(f.name)
	if own == nil {
		return null()
	}
	return part.get(own, row)
}

func (t *table) unionReferring(by *field, target int32) (rows []int32) {
	for n, part := range t.parts {
		if own := part.class.field(by.name); own != nil {
			for _, row := range part.referring(own, target) {
				rows = append(rows, t.unionNumber(n, row))
			}
		}
	}
	slices.SortFunc(rows, t.compareRows)
	return rows
}
