package secrets

import (
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// desktop is a Secret Service as gnome-keyring is on a desktop, with the one
// thing that cannot be had in a test: a person in front of its dialogs.
type desktop struct {
	conn *dbus.Conn

	mu         sync.Mutex // guards what follows
	answer     answer     // of the person
	locked     bool
	itemLocked bool            // the item alone, in an open collection
	created    int             // how many items
	collection dbus.ObjectPath // "/": there is none
	value      []byte          // of the one item; nil: none
	forgetful  bool            // says yes to a write and keeps nothing
	askToWrite bool            // wants a dialog for each new item
	denials    int             // so many times it denies to know SearchItems
	pending    func()          // what the open dialog would do
	dismissals int             // how many dialogs were taken away
	asked      bool            // a dialog was shown
}

type answer int

const (
	never answer = iota
	yes
	dismiss
)

const (
	desktopCollection = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	desktopItem       = desktopCollection + "/1"
	desktopPrompt     = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
)

// newDesktop serves on a private bus, and returns options of a person at a
// terminal with a display.
func newDesktop(t *testing.T) (*desktop, Options) {
	t.Helper()
	session := busWithDisplay(t)
	conn, err := dbus.Connect(session.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d := &desktop{conn: conn, collection: desktopCollection}
	for path, faces := range map[dbus.ObjectPath]map[string]any{
		secretsPath:       {serviceInterface: service{d}},
		desktopCollection: {collectionInterface: collection{d}, "org.freedesktop.DBus.Properties": collection{d}},
		desktopItem:       {itemInterface: item{d}},
		desktopPrompt:     {promptInterface: prompt{d}},
	} {
		for face, v := range faces {
			if err := conn.Export(v, path, face); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := conn.RequestName(secretsName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	o := options(t)
	o.Getenv = session.Getenv
	o.Interactive = true
	return d, o
}

func (d *desktop) set(change func(d *desktop)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// ask leaves it to the person whether act happens.
func (d *desktop) ask(act func()) dbus.ObjectPath {
	d.pending = act
	return desktopPrompt
}

type (
	service    struct{ d *desktop }
	collection struct{ d *desktop }
	item       struct{ d *desktop }
	prompt     struct{ d *desktop }
)

func (s service) SearchItems(map[string]string) (open, locked []dbus.ObjectPath, _ *dbus.Error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	switch {
	case s.d.denials > 0:
		s.d.denials--
		return nil, nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", []any{"Method SearchItems is not implemented"})
	case s.d.value == nil, s.d.locked: // some services list nothing while they are locked
		return nil, nil, nil
	case s.d.itemLocked:
		return nil, []dbus.ObjectPath{desktopItem}, nil
	}
	return []dbus.ObjectPath{desktopItem}, nil, nil
}

func (s service) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return s.d.collection, nil
}

func (s service) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/org/freedesktop/secrets/session/s1", nil
}

func (s service) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return nil, s.d.ask(func() { s.d.locked, s.d.itemLocked = false, false }), nil
}

func (s service) CreateCollection(map[string]dbus.Variant, string) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return noObject, s.d.ask(func() { s.d.collection = desktopCollection }), nil
}

func (c collection) Get(string, string) (dbus.Variant, *dbus.Error) {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	return dbus.MakeVariant(c.d.locked), nil
}

func (c collection) CreateItem(_ map[string]dbus.Variant, v secret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.created++
	keep := func() {
		if !c.d.forgetful {
			c.d.value = v.Value
		}
	}
	if c.d.askToWrite {
		return noObject, c.d.ask(keep), nil
	}
	keep()
	return desktopItem, noObject, nil
}

func (i item) GetSecret(session dbus.ObjectPath) (secret, *dbus.Error) {
	i.d.mu.Lock()
	defer i.d.mu.Unlock()
	return newSecret(session, i.d.value), nil
}

func (i item) SetSecret(v secret) *dbus.Error {
	i.d.mu.Lock()
	defer i.d.mu.Unlock()
	if !i.d.forgetful {
		i.d.value = v.Value
	}
	return nil
}

func (i item) Delete() (dbus.ObjectPath, *dbus.Error) {
	i.d.mu.Lock()
	defer i.d.mu.Unlock()
	remove := func() { i.d.value = nil }
	if i.d.askToWrite {
		return i.d.ask(remove), nil
	}
	remove()
	return noObject, nil
}

// Dismiss takes the dialog away.
func (p prompt) Dismiss() *dbus.Error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.dismissals++
	return nil
}

// Prompt shows the dialog, and the person answers at once or never.
func (p prompt) Prompt(string) *dbus.Error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.asked = true
	if p.d.answer == never {
		return nil
	}
	if p.d.answer == yes {
		p.d.pending()
	}
	err := p.d.conn.Emit(desktopPrompt, promptInterface+".Completed", p.d.answer == dismiss, dbus.MakeVariant(""))
	if err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

// finish is the person who at last gives the password.
func (d *desktop) finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending()
	if err := d.conn.Emit(desktopPrompt, promptInterface+".Completed", false, dbus.MakeVariant("")); err != nil {
		panic(err)
	}
}

// wantDismissals waits for so many dialogs to be taken away: nobody waits for
// the answer to that.
func (d *desktop) wantDismissals(t *testing.T, want int) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		got := d.dismissals
		d.mu.Unlock()
		if got == want {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d dialogs were dismissed, want %d", got, want)
		}
	}
}

func busWithDisplay(t *testing.T) *secrettest.Session {
	t.Helper()
	s := secrettest.Bus(t)
	s.Env = append(s.Env, "DISPLAY=:99")
	return s
}
