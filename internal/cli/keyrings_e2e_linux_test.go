package cli

import (
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// items is how many items of wfauth's the keyring has.
func items(t *testing.T, session *secrettest.Session) int {
	t.Helper()
	conn, err := dbus.Connect(session.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var open, locked []dbus.ObjectPath
	err = conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"service": "wfauth"}).Store(&open, &locked)
	if err != nil {
		t.Fatal(err)
	}
	return len(open) + len(locked)
}

// lifeInAKeyring is a session's life in a keyring, from a login that comes to nothing to the logout: each command makes
// one connection to the bus, nobody is asked anything, and nothing is left.
func lifeInAKeyring(t *testing.T, session *secrettest.Session) {
	t.Helper()
	w := newWorld(t, emulator.Options{Rotate: true, EndSessionsOnRefresh: true}, session)
	once := func(command func()) {
		t.Helper()
		connections := session.Connections(t)
		if command(); connections() != 1 {
			t.Errorf("%d connections to the bus, want 1", connections())
		}
	}
	once(func() {
		if p := w.run("login", w.url, "--no-browser", "--timeout", "1ms"); p.status != 4 {
			t.Fatalf("exit status %d: %s", p.status, p.stderr.String())
		}
	})
	if n := items(t, session); n != 0 {
		t.Errorf("a login that came to nothing has left %d items", n)
	}
	once(func() { w.login() })
	first := w.must("token")
	for range 2 {
		once(func() {
			if next := w.must("token", "--refresh"); next == first {
				t.Error("not refreshed")
			}
		})
	}
	once(func() { w.must("api", "proj/count") })
	once(func() { w.must("status", "--check") })
	once(func() { w.must("doctor") })
	once(func() { w.login() }) // over what is there
	w.must("token", "--refresh")
	if n := items(t, session); n != 1 {
		t.Errorf("%d items, want 1", n)
	}
	once(func() { w.must("logout") })
	if n := items(t, session); n != 0 {
		t.Errorf("the logout has left %d items", n)
	}
	if p := w.run("token"); p.status != 4 {
		t.Errorf("after the logout: exit status %d: %s", p.status, p.stderr.String())
	}
	if c := w.tenant.Counts(); c.Reused != 0 {
		t.Errorf("%d refresh tokens came twice", c.Reused)
	}
}

func TestGNOMEKeyring(t *testing.T) {
	t.Parallel()
	lifeInAKeyring(t, secrettest.Keyring(t))
}

func TestKeePassXC(t *testing.T) {
	t.Parallel()
	lifeInAKeyring(t, secrettest.KeePassXC(t, false))
}

func TestKWallet(t *testing.T) {
	t.Parallel()
	lifeInAKeyring(t, secrettest.KWallet(t))
}

// KWallet ends right after a refresh, or after a first login, which it has said it has and has not written yet.
func TestKWalletThatEnds(t *testing.T) {
	t.Parallel()
	session := secrettest.KWallet(t)
	w := newWorld(t, emulator.Options{Rotate: true, EndSessionsOnRefresh: true}, session)
	ends := func() {
		t.Helper()
		session.Kill(t)
		session.Revive(t)
		w.must("token", "--refresh")
	}
	var login *process
	var url string
	session.Written(t, func() { login, url = w.startLogin() }) // a person takes longer than that
	if err := playBrowser(t.Context(), url, w.user(), "allow"); err != nil {
		t.Fatal(err)
	}
	if login.wait() != 0 {
		t.Fatalf("exit status %d: %s", login.status, login.stderr.String())
	}
	ends()
	ends()
	if c := w.tenant.Counts(); c.Reused != 0 || c.Refresh != 2 {
		t.Errorf("%d refreshes, %d tokens came twice", c.Refresh, c.Reused)
	}
}
