package bulk

import (
	"github.com/go-json-experiment/json/jsontext"
)

// A found object is one of an answer, taken apart.
type found struct {
	id     string
	fields []Field
	object jsontext.Value
}

// objectsOf takes objects apart. What has no ID, or the ID of another one, is none.
func objectsOf(values []jsontext.Value) []found {
	var all []found
	seen := map[string]bool{}
	for _, v := range values {
		if v.Kind() != '{' {
			continue
		}
		fields, err := members(v)
		id, ok := plain(member(fields, "ID"))
		if err != nil || !ok || id == "" || seen[fold(id)] {
			continue
		}
		seen[fold(id)] = true
		all = append(all, found{id, fields, v})
	}
	return all
}

// A pairing is of rows with the objects that they became.
type pairing struct {
	rows    []Row
	objects []found
	same    func(sent, got jsontext.Value) bool
	of      []int // of each row: its object, or none
	taken   []int // of each object: its row, or none
}

const none = -1

// pair finds a largest pairing in which each object took every value of its row. Rows that cannot be told apart by what they
// write are as good as each other.
func pair(rows []Row, objects []found, same func(sent, got jsontext.Value) bool) *pairing {
	p := &pairing{rows, objects, same, nones(len(rows)), nones(len(objects))}
	for i := range rows { // most answers are in order; this is a guess that is looked at
		if i < len(objects) && p.fits(i, i) {
			p.of[i], p.taken[i] = i, i
		}
	}
	for i := range rows {
		if p.of[i] == none {
			p.place(i, make([]bool, len(objects)))
		}
	}
	return p
}

func nones(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = none
	}
	return all
}

func (p *pairing) fits(row, object int) bool { return p.score(row, object) == len(p.rows[row].Fields) }

// fitsAny says whether an object could be any of the rows.
func (p *pairing) fitsAny(object int) bool {
	for row := range p.rows {
		if p.fits(row, object) {
			return true
		}
	}
	return false
}

// score is how many values of a row an object has; less than all of them as soon as that is certain.
func (p *pairing) score(row, object int) int {
	n := 0
	for _, f := range p.rows[row].Fields {
		if p.same(f.Value, member(p.objects[object].fields, f.Name)) {
			n++
		}
	}
	return n
}

// place finds an object for a row, where need be by moving others: an augmenting path.
func (p *pairing) place(row int, seen []bool) bool {
	for object := range p.objects {
		if seen[object] || !p.fits(row, object) {
			continue
		}
		seen[object] = true
		if p.taken[object] == none || p.place(p.taken[object], seen) {
			p.of[row], p.taken[object] = object, row
			return true
		}
	}
	return false
}

// guess pairs what is left of as many objects as rows: Workfront has changed a value on the way. A row gets the object that fits it
// best, if that is only one and fits no other row as well.
func (p *pairing) guess() {
	for again := true; again; {
		again = false
		rows, objects := left(p.of), left(p.taken)
		for _, row := range rows {
			object, ok := best(objects, func(object int) int { return p.score(row, object) })
			if !ok {
				continue
			}
			back, ok := best(rows, func(row int) int { return p.score(row, object) })
			if ok && back == row {
				p.of[row], p.taken[object] = object, row
				again = true
				break // what is left has changed
			}
		}
	}
}

func left(all []int) (at []int) {
	for i, other := range all {
		if other == none {
			at = append(at, i)
		}
	}
	return at
}

// best is the one with the highest score, which must be above zero unless it is the only one.
func best(all []int, score func(int) int) (at int, ok bool) {
	if len(all) == 1 {
		return all[0], true
	}
	highest := 0
	for _, i := range all {
		switch s := score(i); {
		case s > highest:
			highest, at, ok = s, i, true
		case s == highest:
			ok = false
		}
	}
	return at, ok
}
