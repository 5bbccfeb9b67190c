package workfront

import (
	"bytes"
	"fmt"
	"slices"
)

// side tells where a page lies, as seen from the last row that was handed out.
type side int

const (
	contact side = iota // it begins at or before the place where the next row must be: nothing can have been missed
	beyond              // it begins after that place, or it is empty
	unknown             // it has no row that tells
)

// place is how far a walk has got in its list.
type place interface {
	// check tells what is wrong with the order of a page in itself. It is called from several goroutines at once.
	check(rows []row) error
	// look tells where a page lies, and, in contact, how many of its first rows are not to be handed out.
	look(p *page) (skip int, at side)
	// pass notes the rows that are handed out.
	pass(rows []row)
}

func newPlace(order int) place {
	if order == 0 {
		return &recent{known: make(map[string]struct{})}
	}
	return &byID{order: order}
}

// byID is the place in a list that is sorted by ID: the last ID that was handed out.
type byID struct {
	order int // 1: ascending, -1: descending
	last  []byte
	begun bool
}

// check wants the order of bytes. Where the server sorts in another (by language, regardless of case) look would go wrong.
func (b *byID) check(rows []row) error {
	for i := 1; i < len(rows); i++ {
		if bytes.Compare(rows[i-1].id, rows[i].id) != -b.order {
			return fmt.Errorf("the server does not sort by the bytes of ID (%s comes before %s), so the rows cannot be told apart from those already read",
				shown(rows[i-1].id), shown(rows[i].id))
		}
	}
	return nil
}

func shown(id []byte) string { return fmt.Sprintf("%q", oneLine(string(id[:min(len(id), 64)]))) }

func (b *byID) passed(id []byte) bool { return b.begun && bytes.Compare(id, b.last) != b.order }

func (b *byID) look(p *page) (int, side) {
	if p.first > 0 && (len(p.rows) == 0 || !b.passed(p.rows[0].id)) {
		return 0, beyond
	}
	skip := 0
	for skip < len(p.rows) && b.passed(p.rows[skip].id) {
		skip++
	}
	return skip, contact
}

func (b *byID) pass(rows []row) {
	if len(rows) > 0 {
		b.last = append(b.last[:0], rows[len(rows)-1].id...)
		b.begun = true
	}
}

// maxRecent is how many IDs a walk in an order of the user's remembers: those of four full pages.
const maxRecent = 8192

// recent is the place in a list whose order is not known: the IDs that were handed out lately. A page that has one of them begins no
// later than that row, and what follows the last such row in it is new: had it been there and before the place, it would be known, too.
// This holds while rows keep their place relative to each other, that is, while the values that the user sorts by stand still.
type recent struct {
	known   map[string]struct{}
	ids     []string // the same, a ring once it is full
	oldest  int
	evicted bool
}

func (r *recent) check([]row) error { return nil }

func (r *recent) look(p *page) (int, side) {
	for i, row := range slices.Backward(p.rows) {
		if _, ok := r.known[string(row.id)]; ok {
			return i + 1, contact
		}
	}
	switch {
	case p.first == 0 && (!r.evicted || len(p.rows) == 0): // nothing of it can have been handed out
		return 0, contact
	case len(p.rows) == 0:
		return 0, beyond
	}
	return 0, unknown
}

func (r *recent) pass(rows []row) {
	for _, row := range rows {
		id := string(row.id)
		if len(r.ids) < maxRecent {
			r.ids = append(r.ids, id)
		} else {
			r.evicted = true
			delete(r.known, r.ids[r.oldest])
			r.ids[r.oldest] = id
			r.oldest = (r.oldest + 1) % maxRecent
		}
		r.known[id] = struct{}{}
	}
}
