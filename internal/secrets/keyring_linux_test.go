package secrets

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A keyring in trouble is a named error, of every operation, within the
// deadline; and nobody starts a bus or a keyring in passing.
func TestKeyringInTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		session func(t *testing.T) *secrettest.Session
		want    Kind
	}{
		"no bus":     {func(t *testing.T) *secrettest.Session { return secrettest.NoBus(t) }, NoBus},
		"bus gone":   {busGone, NoBus},
		"silent bus": {func(t *testing.T) *secrettest.Session { return secrettest.SilentBus(t) }, Silent},
		"no keyring": {func(t *testing.T) *secrettest.Session { return secrettest.Bus(t) }, NoService},
		"locked":     {locked, Locked},
		"frozen":     {frozen, Silent},
		"killed":     {killed, NoService},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := c.session(t)
			o := options(t)
			o.Getenv = session.Getenv
			if c.want == Silent {
				o.Deadline = 50 * time.Millisecond
			}
			for operation, f := range map[string]func(i *Item) error{
				"load":   func(i *Item) error { _, err := i.Load(t.Context()); return err },
				"save":   func(i *Item) error { return i.Save(t.Context(), []byte(`{"token":"`+canary+`"}`)) },
				"delete": func(i *Item) error { return i.Delete(t.Context()) },
				"probe":  func(i *Item) error { return i.Probe(t.Context()) },
			} {
				t.Run(operation, func(t *testing.T) { checkKind(t, f(OpenKeyring(o)), c.want) })
			}
			if session.Activated() {
				t.Error("a keyring was started")
			}
		})
	}
}

func busGone(t *testing.T) *secrettest.Session {
	s := secrettest.NoBus(t)
	s.Env = append(s.Env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+s.Getenv("XDG_RUNTIME_DIR")+"/bus")
	return s
}

func locked(t *testing.T) *secrettest.Session {
	s := secrettest.Keyring(t)
	s.Lock(t)
	return s
}

func frozen(t *testing.T) *secrettest.Session {
	s := secrettest.Keyring(t)
	s.Freeze(t)
	return s
}

func killed(t *testing.T) *secrettest.Session {
	s := secrettest.Keyring(t)
	s.Kill(t)
	return s
}

// The bus of the user's runtime folder is found without the variable, and
// nobody is asked to launch one.
func TestBusOfTheRuntimeFolder(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	for _, address := range []string{"", "autolaunch:"} {
		o := options(t)
		o.Getenv = func(name string) string {
			if name == "DBUS_SESSION_BUS_ADDRESS" {
				return address
			}
			return session.Getenv(name)
		}
		if err := OpenKeyring(o).Probe(t.Context()); err != nil {
			t.Errorf("address %q: %v", address, err)
		}
	}
}

// With an item in it, a locked keyring is no less locked.
func TestKeyringLockedWithItem(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	o := options(t)
	o.Getenv = session.Getenv
	save(t, OpenKeyring(o), `{"n":1}`)
	session.Lock(t)
	_, err := OpenKeyring(o).Load(t.Context())
	checkKind(t, err, Locked)
	checkKind(t, OpenKeyring(o).Save(t.Context(), []byte(`{"n":2}`)), Locked)
	checkKind(t, OpenKeyring(o).Delete(t.Context()), Locked)
}

// A keyring that freezes between the load and the save costs nothing.
func TestKeyringFreezesBeforeTheWrite(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	o := options(t)
	o.Getenv = session.Getenv
	save(t, OpenKeyring(o), `{"n":1}`)

	var notes []string
	o.Note = func(line string) { notes = append(notes, line) }
	i := OpenKeyring(o)
	release, err := i.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(t, i, `{"n":1}`)
	session.Freeze(t)
	i.backend.(*dbusKeyring).deadline = 50 * time.Millisecond
	save(t, i, `{"n":2}`)
	release()
	if len(notes) != 1 || !strings.Contains(notes[0], i.recovery.path) {
		t.Errorf("notes %q, want one that names %s", notes, i.recovery.path)
	}
	session.Thaw(t)

	check(t, OpenKeyring(o), `{"n":2}`)
	if raw, err := OpenKeyring(o).backend.get(t.Context(), o.Account); err != nil || !strings.Contains(string(raw), `{"n":2}`) {
		t.Errorf("the item was not put right: %v", err)
	}
	check(t, OpenKeyring(o), `{"n":2}`)
}

// Ctrl-C while the keyring is silent ends the wait, with its own cause.
func TestKeyringInterrupted(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Deadline = time.Hour
	o.Getenv = secrettest.SilentBus(t).Getenv
	interrupt := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(interrupt) })
	if _, err := OpenKeyring(o).Load(ctx); !errors.Is(err, interrupt) {
		t.Fatalf("error %v, want the cause of the interruption", err)
	}
}

// go-keyring, which writes the items on other systems, and secret-tool find
// ours, and we theirs.
func TestKeyringItemsAreCommon(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	o := options(t)
	o.Getenv = session.Getenv
	i := OpenKeyring(o)
	save(t, i, `{"by":"wfauth"}`)
	stored, err := i.backend.get(t.Context(), o.Account)
	if err != nil {
		t.Fatal(err)
	}
	if tool, err := exec.LookPath("secret-tool"); err != nil {
		t.Log("not compared with secret-tool, which is not installed")
	} else {
		lookup := exec.Command(tool, "lookup", "service", "wfauth", "username", o.Account)
		lookup.Env = append(os.Environ(), session.Env...)
		if out, err := lookup.Output(); err != nil || string(out) != string(stored) {
			t.Fatalf("secret-tool finds %q, %v", out, err)
		}
	}
	// go-keyring reads this process's environment, so it runs in another.
	goKeyring := start(t, "go-keyring", setting{}, session.Env...)
	goKeyring.says(t, string(stored))
	goKeyring.says(t, "replaced")
	check(t, i, `{"by":"go-keyring"}`)
	save(t, i, `{"by":"wfauth again"}`)
	if err := goKeyring.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	goKeyring.says(t, "deleted")
	if err := i.recovery.remove(); err != nil { // else a note says that it cannot be opened any more
		t.Fatal(err)
	}
	check(t, i, "")
}

// Another program's item, or one that was tampered with, is named, kept, and
// not shown.
func TestKeyringForeignItem(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Getenv = secrettest.Keyring(t).Getenv
	i := OpenKeyring(o)
	for _, value := range foreign() {
		if err := i.backend.set(t.Context(), o.Account, []byte(value)); err != nil {
			t.Fatal(err)
		}
		_, err := i.Load(t.Context())
		checkKind(t, err, Damaged)
		checkKind(t, i.Save(t.Context(), []byte(`{"n":1}`)), Damaged)
		if kept, err := i.backend.get(t.Context(), o.Account); string(kept) != value || err != nil {
			t.Errorf("%q became %q, %v", value, kept, err)
		}
	}
	if err := i.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, i, "")
}

// An item that is there twice, as another program may have left it, is deleted
// with its double: one that stays would come back to life.
func TestItemThatIsThereTwice(t *testing.T) {
	t.Parallel()
	session := secrettest.Keyring(t)
	o := options(t)
	o.Getenv = session.Getenv
	i := OpenKeyring(o)
	save(t, i, `{"n":1}`)
	raw, err := i.backend.get(t.Context(), o.Account)
	if err != nil {
		t.Fatal(err)
	}
	_, err = serve(t.Context(), i.backend.(*dbusKeyring), func(ctx context.Context, s *secretService) (struct{}, error) {
		opened, err := s.session(s.openSession(ctx))
		if err != nil {
			return struct{}{}, err
		}
		collection, err := s.defaultCollection(ctx)
		if err != nil {
			return struct{}{}, err
		}
		properties := map[string]dbus.Variant{itemInterface + ".Attributes": dbus.MakeVariant(itemAttributes(o.Account))}
		const replace = false
		return struct{}{}, s.call(ctx, collection, collectionInterface+".CreateItem", properties, newSecret(opened, raw), replace).Err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, i, "")
}
