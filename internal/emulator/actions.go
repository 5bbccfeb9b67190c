package emulator

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
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
	status, complete := "CPL", 100.0
	switch action {
	case actionMarkDone:
	case actionMarkNotDone:
		status, complete = "INP", 0
	default:
		return nil, unsupported("APIModel %s does not support action %s (%s)", c.model, action, t.class.name)
	}
	if t.class.actions == nil {
		return nil, unsupported("APIModel %s does not support action %s (%s)", c.model, action, t.class.name)
	}
	text := c.params.get("ID")
	if len(c.path) > 1 && looksLikeID(c.path[1]) {
		text = c.path[1]
	}
	row, err := find(t, text)
	if err != nil {
		return nil, err
	}
	if err := c.tenant.data.checkOpen(t, row); err != nil {
		return nil, err
	}
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

// unmarshalNumbers keeps numbers as they were written.
func unmarshalNumbers(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
