package objectstore

import (
	"math"
	"slices"
	"sync"
)

// column keeps one field of a table. It is as long as the last row that has a value, and all after it are null: what few
// objects have costs little. Only the slices that its kind needs are used.
type column struct {
	numbers []float64
	texts   []string
	codes   []uint16 // of choices: where in words they stand
	words   []string // the first is null
	targets []int32  // of references: the row referred to, and one more; 0 is null

	mu   sync.Mutex // guards back, which readers make when they first need it
	back *backward
}

func (c *column) get(k kind, row int32) value {
	i := int(row)
	switch k {
	case kindText:
		if i < len(c.texts) {
			return textValue(c.texts[i])
		}
	case kindChoice:
		if i < len(c.codes) {
			return textValue(c.words[c.codes[i]])
		}
	case kindReference:
		if i < len(c.targets) && c.targets[i] > 0 {
			return value{number: float64(c.targets[i] - 1)}
		}
	default:
		if i < len(c.numbers) {
			if n := c.numbers[i]; !math.IsNaN(n) {
				return value{number: n}
			}
		}
	}
	return null()
}

// set changes what is not a reference; room is how many rows the table has room for.
func (c *column) set(k kind, row int32, v value, room int) {
	switch k {
	case kindText:
		if !v.null || int(row) < len(c.texts) {
			c.texts = extend(c.texts, row, room, "")
			c.texts[row] = v.text
		}
	case kindChoice:
		if !v.null || int(row) < len(c.codes) {
			c.codes = extend(c.codes, row, room, 0)
			c.codes[row] = c.code(v.text)
		}
	default:
		if v.null {
			v.number = math.NaN()
		}
		if !v.null || int(row) < len(c.numbers) {
			c.numbers = extend(c.numbers, row, room, math.NaN())
			c.numbers[row] = v.number
		}
	}
}

// code finds or adds a word. There are few, for all but a suffix come out of a list.
func (c *column) code(word string) uint16 {
	if c.words == nil {
		c.words = []string{""}
	}
	i := slices.Index(c.words, word)
	if i < 0 {
		i = len(c.words)
		c.words = append(c.words, word)
	}
	return uint16(i)
}

// extend makes a column long enough for a row.
func extend[T any](values []T, row int32, room int, filler T) []T {
	if int(row) < len(values) {
		return values
	}
	if cap(values) <= int(row) {
		values = slices.Grow(values, max(room, int(row)+1)-len(values))
	}
	for len(values) <= int(row) {
		values = append(values, filler)
	}
	return values
}

// refer changes a reference.
func (c *column) refer(row int32, v value, room int) {
	var target int32
	if !v.null {
		target = int32(v.number) + 1
	}
	if target == 0 && int(row) >= len(c.targets) {
		return
	}
	c.targets = extend(c.targets, row, room, 0)
	if c.back != nil {
		c.back.remove(row, c.targets[row])
		c.back.add(row, target)
	}
	c.targets[row] = target
}

// referring are the rows that refer to one, in no order.
func (c *column) referring(target int32) []int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.back == nil {
		c.back = new(backward)
		for row, target := range c.targets {
			c.back.add(int32(row), target)
		}
	}
	return c.back.rows(target + 1)
}

// backward leads from a row to those that refer to it: a doubly linked list of rows for each, in three slices, so that a
// million references cost 12 MB and no map. Numbers are one more than the row, 0 being none.
type backward struct {
	first      []int32 // by the row referred to
	next, prev []int32 // by the row that refers
}

func (b *backward) add(row, target int32) {
	if target == 0 {
		return
	}
	b.first = extend(b.first, target, 0, 0)
	b.next, b.prev = extend(b.next, row+1, 0, 0), extend(b.prev, row+1, 0, 0)
	follower := b.first[target]
	b.next[row+1], b.prev[row+1] = follower, 0
	if follower > 0 {
		b.prev[follower] = row + 1
	}
	b.first[target] = row + 1
}

func (b *backward) remove(row, target int32) {
	if target == 0 {
		return
	}
	before, after := b.prev[row+1], b.next[row+1]
	if before > 0 {
		b.next[before] = after
	} else {
		b.first[target] = after
	}
	if after > 0 {
		b.prev[after] = before
	}
}

func (b *backward) rows(target int32) (rows []int32) {
	if int(target) >= len(b.first) {
		return nil
	}
	for row := b.first[target]; row > 0; row = b.next[row] {
		rows = append(rows, row-1)
	}
	return rows
}
