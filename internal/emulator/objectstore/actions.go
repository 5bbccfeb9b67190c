package objectstore

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"
)

const (
	actionMarkDone    = "markDone"
	actionMarkNotDone = "markNotDone"
)

// act does an action on one object.
func (q *query) act(dst []byte, t *table) ([]byte, error) {
	if !slices.Contains(t.class.actions, q.Name) {
		return nil, unsupported("APIModel %s does not support action %s (%s)", q.Model, q.Name, t.class.name)
	}
	status, complete := "CPL", 100.0
	if q.Name == actionMarkNotDone {
		status, complete = "INP", 0
	}
	rows, err := q.findOpen(t, q.ids())
	if err != nil {
		return nil, err
	}
	row := rows[0]
	t.set(t.class.field("status"), row, textValue(status))
	if f := t.class.field("percentComplete"); f != nil {
		t.set(f, row, number(complete))
	}
	if f := t.class.field("isComplete"); f != nil {
		t.set(f, row, boolean(complete == 100))
	}
	return append(dst, `{"result":null}`...), nil
}

// newID makes the ID of an object that is created now.
func newID(now time.Time) (i id) {
	binary.BigEndian.PutUint32(i[:4], uint32(now.Unix()))
	rand.Read(i[4:]) // never fails: crypto/rand ends the program instead
	return i
}
