package emulator

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

// action is what PUT /task/ID/markDone, PUT /task/markDone or action=markDone asks for.
func (c *call) action() string {
	switch {
	case len(c.path) == 3:
		return c.path[2]
	case len(c.path) == 2 && !looksLikeID(c.path[1]):
		return c.path[1]
	}
	return c.params.get("action")
}

// act does an action on one object.
func (c *call) act(dst []byte, t *table, action string) ([]byte, error) {
	if !slices.Contains(t.class.actions, action) {
		return nil, unsupported("APIModel %s does not support action %s (%s)", c.model, action, t.class.name)
	}
	status, complete := "CPL", 100.0
	if action == actionMarkNotDone {
		status, complete = "INP", 0
	}
	rows, err := c.findOpen(t, c.ids())
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
