package objectstore

import (
	"slices"
	"time"
)

// txn is what one request changes. Until it is kept it can be taken back whole, or to a point.
type txn struct {
	store  *Store
	userID string
	now    time.Time
	undo   []func()
	seen   map[touched]int // where in changes
	change []Change
}

type touched struct {
	table *table
	row   int32
}

func (s *Store) begin(r Request) *txn {
	return &txn{store: s, userID: r.UserID, now: r.Now, seen: make(map[touched]int)}
}

// mark is a point to go back to.
type mark struct{ undo, changes int }

func (x *txn) mark() mark { return mark{len(x.undo), len(x.change)} }

// back takes back what was done since m, the last first.
func (x *txn) back(m mark) {
	for _, undo := range slices.Backward(x.undo[m.undo:]) {
		undo()
	}
	x.undo = x.undo[:m.undo]
	for at, n := range x.seen {
		if n >= m.changes {
			delete(x.seen, at)
		}
	}
	x.change = x.change[:m.changes]
}

// set changes a field of an object that can be found.
func (x *txn) set(t *table, f *field, row int32, v value) {
	old := t.get(f, row)
	if old == v {
		return
	}
	x.touch(t, row, Updated)
	t.set(f, row, v)
	x.undo = append(x.undo, func() { t.set(f, row, old) })
	if t.class.journal && !f.readOnly && f.kind != kindReference {
		x.journal(t, f, row, old, v)
	}
}

// add makes an object, which fill fills before it can be found.
func (x *txn) add(t *table, fill func(row int32)) int32 {
	row := t.add(newID(x.now))
	fill(row)
	t.link(row)
	x.undo = append(x.undo, func() { t.unlink(row) })
	x.touch(t, row, Created)
	return row
}

// drop makes an object no longer found.
func (x *txn) drop(t *table, row int32) {
	if !t.alive[row] {
		return
	}
	x.touch(t, row, Deleted)
	t.unlink(row)
	x.undo = append(x.undo, func() { t.link(row) })
}

// stamp says on an object when and by whom it was changed.
func (x *txn) stamp(t *table, row int32) {
	if f := t.class.field("lastUpdateDate"); f != nil {
		x.set(t, f, row, number(float64(x.now.UnixMilli())))
	}
	if f := t.class.field("lastUpdatedByID"); f != nil {
		x.set(t, f, row, x.store.referenceTo("USER", x.userID))
	}
}

// referenceTo is the reference to an object by its ID, null if there is none.
func (s *Store) referenceTo(code, text string) value {
	if i, ok := parseID(text); ok {
		if row, ok := s.tables[code].row(i); ok {
			return number(float64(row))
		}
	}
	return null()
}

// journal keeps what a field was and has become, as the objects of history that Workfront has.
func (x *txn) journal(t *table, f *field, row int32, old, v value) {
	j := x.store.tables["JRNLE"]
	x.add(j, func(entry int32) {
		put := func(name string, v value) { j.set(j.class.field(name), entry, v) }
		put("objID", textValue(t.ids[row].String()))
		put("objObjCode", textValue(t.class.code))
		put("fieldName", textValue(f.name))
		put("entryDate", number(float64(x.now.UnixMilli())))
		put("enteredByID", x.store.referenceTo("USER", x.userID))
		switch f.kind {
		case kindText, kindChoice:
			put("oldTextVal", old)
			put("newTextVal", v)
		case kindDate, kindDateTime:
			put("oldDateVal", old)
			put("newDateVal", v)
		default:
			put("oldNumberVal", old)
			put("newNumberVal", v)
		}
	})
}
