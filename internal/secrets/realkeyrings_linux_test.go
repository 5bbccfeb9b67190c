package secrets

import (
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// The three keyrings that are in use on Linux, for real, where nobody sits
// before them: the life of an item, in one connection to the bus.
func TestEachKeyring(t *testing.T) {
	t.Parallel()
	for name, session := range map[string]func(t *testing.T) *secrettest.Session{
		"gnome-keyring": func(t *testing.T) *secrettest.Session { return secrettest.Keyring(t) },
		"KeePassXC":     func(t *testing.T) *secrettest.Session { return secrettest.KeePassXC(t, false) },
		"KWallet":       func(t *testing.T) *secrettest.Session { return secrettest.KWallet(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := session(t)
			o := options(t)
			o.Getenv = s.Getenv
			open := func() *Item { return OpenKeyring(o) }
			connections := s.Connections(t)
			check(t, open(), "")
			if err := open().Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			reserving(t, open(), func(*Item) {})
			check(t, open(), "")
			for _, payload := range []string{`{"n":1,"token":"` + canary + `"}`, `{"n":2}`} {
				reserving(t, open(), func(i *Item) { save(t, i, payload) })
				check(t, open(), payload)
			}
			if err := open().Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			check(t, open(), "")
			if err := open().Abandon(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := connections(); n != 1 {
				t.Errorf("%d connections to the bus, want 1", n)
			}
		})
	}
}

// KeePassXC, as it is installed, asks its user before it gives a secret away.
// Where nobody answers that is a locked keyring, at the deadline.
func TestKeePassXCThatAsksNobody(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Getenv = secrettest.KeePassXC(t, true).Getenv
	o.Deadline = 8 * time.Second
	var err error
	if err = OpenKeyring(o).Save(t.Context(), []byte(`{"n":1}`)); err == nil {
		_, err = OpenKeyring(Options{
			Account: o.Account, StateDir: o.StateDir, Getenv: o.Getenv, Deadline: o.Deadline,
		}).Load(t.Context()) // another client than the one that wrote
	}
	checkKind(t, err, Locked)
}

// KWallet says that it has an item, and writes it to its file some seconds
// later. If it ends meanwhile, the next one has the item of before; at a first
// login, the one with the identity alone.
func TestKWalletWritesBehind(t *testing.T) {
	t.Parallel()
	s := secrettest.KWallet(t)
	o := options(t)
	o.Getenv = s.Getenv
	open := func() *Item { return OpenKeyring(o) }
	dies := func(payload string, generation string) {
		t.Helper()
		reserving(t, open(), func(i *Item) { save(t, i, payload) })
		s.Kill(t)
		s.Revive(t)
		raw, err := open().backend.get(t.Context(), o.Account)
		if err != nil || !strings.Contains(string(raw), `"generation":`+generation+`,`) {
			t.Fatalf("after its end KWallet has another generation than %s: %v", generation, err)
		}
		check(t, open(), payload)
		check(t, open(), payload)
	}
	s.Written(t, func() { reserving(t, open(), func(*Item) {}) })
	dies(`{"n":1}`, "0")
	dies(`{"n":2}`, "0") // also what was put right is not in its file yet
	s.Written(t, func() { reserving(t, open(), func(i *Item) { save(t, i, `{"n":3}`) }) })
	dies(`{"n":4}`, "3")
}
