package cli

import (
	"os"
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
