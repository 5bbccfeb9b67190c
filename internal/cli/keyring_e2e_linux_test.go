package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// elsewhere is the world with another session's bus, and everything else its own.
func (w *world) elsewhere(session *secrettest.Session) *world {
	return w.with(
		"DBUS_SESSION_BUS_ADDRESS="+session.Getenv("DBUS_SESSION_BUS_ADDRESS"),
		"XDG_RUNTIME_DIR="+session.Getenv("XDG_RUNTIME_DIR"),
	)
}

// leftovers are the command lines of the processes that began in this world and are still there: a process's
// environment is its children's too.
func (w *world) leftovers() (found []string) {
	w.t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, folder := range folders {
		env, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !bytes.Contains(env, []byte("WFAUTH_TEST_WORLD="+w.mark)) {
			continue // it has ended meanwhile
		}
		command, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err == nil && len(command) > 0 {
			found = append(found, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// Whatever is wrong with the keyring, each command that needs it says so in one line, with what to do, and ends; no
// daemon is left, and none was started.
func TestKeyringTrouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trouble func(t *testing.T, w *world, own *secrettest.Session) (troubled *world, bus *secrettest.Session)
		says    string
		hint    string
	}{
		{
			name: "absent", says: `no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is no \S+/bus`, hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, _ *secrettest.Session) (*world, *secrettest.Session) {
				return w.elsewhere(secrettest.NoBus(t)), nil
			},
		},
		{
			name: "no service", says: `no keyring is running on the session bus`, hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, _ *secrettest.Session) (*world, *secrettest.Session) {
				bus := secrettest.Bus(t)
				return w.elsewhere(bus), bus
			},
		},
		{
			name: "gone", says: `no keyring is running on the session bus`, hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, own *secrettest.Session) (*world, *secrettest.Session) {
				own.Kill(t)
				return w, own
			},
		},
		{
			name: "locked", says: `it is locked, and there is nobody to unlock it \(no terminal, or no display\)`,
			hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, own *secrettest.Session) (*world, *secrettest.Session) {
				own.Lock(t)
				return w, own
			},
		},
		{
			name: "silent", says: `no answer within 5s`, hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, _ *secrettest.Session) (*world, *secrettest.Session) {
				return w.elsewhere(secrettest.SilentBus(t)), nil
			},
		},
		{
			name: "frozen", says: `no answer within 5s`, hint: `LOGIN --storage file`,
			trouble: func(t *testing.T, w *world, own *secrettest.Session) (*world, *secrettest.Session) {
				own.Freeze(t)
				return w, own
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			own := secrettest.Keyring(t)
			w := newWorld(t, emulator.Options{Rotate: true}, own)
			w.login()
			before := w.tenant.Counts()
			troubled, bus := c.trouble(t, w.with(usualDeadline+"=5s"), own)

			var processes []*process
			for _, args := range [][]string{
				{"token"}, {"token", "--refresh"}, {"api", "proj/count"}, {"status"}, {"logout"}, {"login"}, {"login", w.url, "--profile", "new"},
			} {
				processes = append(processes, troubled.start(args...))
			}
			for _, p := range processes {
				args := p.cmd.Args[1:]
				if p.wait(); late(p.stderr.String()) && !late(c.says) {
					p = troubled.run(args...) // alone, where so many at once were too much
				}
				if p.status != 1 {
					t.Errorf("%v: exit status %d, not 1", args, p.status)
				}
				if out := p.stdout.String(); out != "" && args[0] != "status" {
					t.Errorf("%v: stdout has %q", args, out)
				}
				login := "wfauth login"
				if len(args) == 4 {
					login = regexp.QuoteMeta(w.firstLogin("--profile", "new"))
				}
				want := `^wfauth: (local: )?keyring: ` + c.says + "\n  hint: " + strings.ReplaceAll(c.hint, "LOGIN", login) + "\n$"
				if !regexp.MustCompile(want).MatchString(p.stderr.String()) {
					t.Errorf("%v: stderr does not match %s: %s", args, want, p.stderr.String())
				}
			}
			if left := w.leftovers(); len(left) > 0 {
				t.Errorf("processes are left: %q", left)
			}
			if bus != nil && bus.Activated() {
				t.Error("the bus was made to start a keyring")
			}
			if after := w.tenant.Counts(); after != before {
				t.Errorf("the tenant was asked for something that could not be stored: %+v, before %+v", after, before)
			}
		})
	}
}
