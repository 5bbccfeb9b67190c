package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// crowded gives the session's bus the limits of a desktop's. A bus that states none serves 256 connections of a user's.
func crowded(t *testing.T, session *secrettest.Session) *secrettest.Session {
	t.Helper()
	path := filepath.Join(session.Getenv("XDG_RUNTIME_DIR"), "bus.conf")
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const limits = `<limit name="max_connections_per_user">100000</limit><limit name="max_incomplete_connections">10000</limit>`
	text := strings.Replace(string(config), "</busconfig>", limits+"</busconfig>", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	conn, err := dbus.Connect(session.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
	return session
}

// revived starts a keyring with what the session's had stored, if that one has died, and says whether it had.
// gnome-keyring 42 does so now and then when a client is killed in the middle of a call: it aborts with "g_variant_new:
// expected GVariant of type 'v'". Its items are on the disk.
func revived(t *testing.T, session *secrettest.Session) bool {
	t.Helper()
	conn, err := dbus.Connect(session.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var alive bool
	err = conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&alive)
	if err != nil {
		t.Fatal(err)
	}
	if alive {
		return false
	}
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Env = append(os.Environ(), session.Env...)
	cmd.Stdin = strings.NewReader("the password of a test") // secrettest's
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // may have died as well
		_ = cmd.Wait()
	})
	eventually(t.Context(), t, "the keyring is back", func() bool {
		var collection dbus.ObjectPath
		err := conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
			Call("org.freedesktop.Secret.Service.ReadAlias", dbus.FlagNoAutoStart, "default").Store(&collection)
		return err == nil && collection != "/"
	})
	return true
}
