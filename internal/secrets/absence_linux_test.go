package secrets

import (
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A keyring that ends while it is asked, or between two questions, and is
// started anew, is asked again; nobody notices.
func TestKeyringThatComesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		met   bool // it has answered this command before
		midst bool // it has been asked, and does not answer
	}{
		"in the middle of a call":      {met: true, midst: true},
		"in the middle of the first":   {midst: true},
		"between two calls":            {met: true},
		"before the first of this one": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := secrettest.Keyring(t)
			o := options(t)
			o.Getenv = session.Getenv
			save(t, OpenKeyring(o), `{"n":1}`)
			if !c.met {
				o.Bus.Close()
			}
			if c.midst {
				session.Freeze(t)
			} else {
				session.Kill(t)
			}
			i := OpenKeyring(o)
			i.backend.(*dbusKeyring).arrival = 0
			if !c.met {
				i.backend.(*dbusKeyring).arrival = o.Deadline
			}
			loaded := make(chan error, 1)
			go func() { _, err := i.Load(t.Context()); loaded <- err }()
			time.Sleep(20 * time.Millisecond) // mostly enough for it to ask
			if c.midst {
				session.Kill(t)
			}
			session.Revive(t)
			if err := <-loaded; err != nil {
				t.Fatal(err)
			}
			check(t, OpenKeyring(o), `{"n":1}`)
		})
	}
}

// One that does not come back is waited for until the deadline, and one that
// was never there a moment; once for a command.
func TestKeyringThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	o := options(t)
	o.Getenv = session.Getenv
	save(t, OpenKeyring(o), `{"n":1}`)
	session.Kill(t)
	o.Deadline = time.Second
	_, err := OpenKeyring(o).Load(t.Context())
	checkKind(t, err, NoService)
	if !strings.Contains(err.Error(), "did not come back") {
		t.Errorf("error %v", err)
	}
	o.Bus.Close()
	o.Deadline = time.Hour
	for _, arrival := range []time.Duration{50 * time.Millisecond, time.Hour} {
		i := OpenKeyring(o)
		i.backend.(*dbusKeyring).arrival = arrival
		_, err = i.Load(t.Context())
		checkKind(t, err, NoService)
	}
	if session.Activated() {
		t.Error("a keyring was started")
	}
}

// Where the bus knows of no keyring, none is waited for.
func TestKeyringThatIsNotInstalled(t *testing.T) {
	t.Parallel()
	session := secrettest.Bus(t)
	session.Uninstall(t)
	o := options(t)
	o.Getenv, o.Deadline = session.Getenv, time.Hour
	i := OpenKeyring(o)
	i.backend.(*dbusKeyring).arrival = time.Hour
	_, err := i.Load(t.Context())
	checkKind(t, err, NoService)
}
