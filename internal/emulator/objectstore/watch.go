package objectstore

import (
	"bytes"
	"slices"
	"strings"
)

// ChangeType is what happened to an object.
type ChangeType string

// What happens to objects, in the words of event subscriptions.
const (
	Created ChangeType = "CREATE"
	Updated ChangeType = "UPDATE"
	Deleted ChangeType = "DELETE"
)

// Change is what a request did to one object. Its states are JSON objects of all fields, dates with a point before the
// milliseconds; {} stands for the state of what is not there.
type Change struct {
	Type     ChangeType
	ObjCode  string
	ID       string
	Old, New []byte

	at touched
}

// Watch has told called with the changes of every request that changed what wants is true of, in the order in which they
// happened. Neither may ask the store anything; told must not wait.
func (s *Store) Watch(wants func(objCode string) bool, told func([]Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wants, s.told = wants, told
}

// touch remembers how an object was before it was first changed.
func (x *txn) touch(t *table, row int32, what ChangeType) {
	if x.store.wants == nil || !x.store.wants(t.class.code) {
		return
	}
	at := touched{t, row}
	if n, ok := x.seen[at]; ok {
		// Made and changed is made; changed and deleted is deleted.
		if old := x.change[n].Type; what == Deleted {
			x.change[n].Type = Deleted
			x.undo = append(x.undo, func() { x.change[n].Type = old })
		}
		return
	}
	x.seen[at] = len(x.change)
	c := Change{Type: what, ObjCode: t.class.code, ID: t.ids[row].String(), Old: []byte("{}"), at: at}
	if what != Created {
		c.Old = x.store.state(t, row)
	}
	x.change = append(x.change, c)
}

// keep tells of the changes; the store's lock is held, so that they are told in order.
func (x *txn) keep() {
	if len(x.change) == 0 {
		return
	}
	for n := range x.change {
		c := &x.change[n]
		c.New = []byte("{}")
		if c.Type != Deleted {
			c.New = x.store.state(c.at.table, c.at.row)
		}
	}
	// What was made and is gone again, or is as it was, has not happened.
	x.store.told(slices.DeleteFunc(x.change, func(c Change) bool { return bytes.Equal(c.Old, c.New) }))
}

// state writes all fields of an object.
func (s *Store) state(t *table, row int32) []byte {
	dst := []byte{'{'}
	for n, f := range t.class.fields {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, f.name), ':')
		v := t.get(f, row)
		if f.kind == kindDateTime && !v.null {
			text := string(appendDateTime(nil, v.number))
			i := strings.LastIndexByte(text, ':')
			dst = AppendString(dst, text[:i]+"."+text[i+1:])
			continue
		}
		dst = appendValue(dst, f, v, 22, s.tables[f.target])
	}
	return append(dst, '}')
}
