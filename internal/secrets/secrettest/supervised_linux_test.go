package secrettest

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// A supervised keyring that ends comes back, unlocked, with what it had stored, and that is counted.
func TestKeyringComesBack(t *testing.T) {
	t.Parallel()
	s := Keyring(t)
	s.Supervise(t)
	conn := s.connect(t)
	var label dbus.Variant
	alias := conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default")
	property := func(method string, args ...any) *dbus.Call {
		return alias.Call("org.freedesktop.DBus.Properties."+method, 0, append([]any{"org.freedesktop.Secret.Collection", "Label"}, args...)...)
	}
	if err := property("Set", dbus.MakeVariant("of this test")).Err; err != nil {
		t.Fatal(err)
	}
	if n := s.Deaths(t); n != 0 {
		t.Errorf("%d deaths before any", n)
	}
	for want := 1; want <= 2; want++ {
		s.signal(t, syscall.SIGABRT)
		deadline := time.Now().Add(patience)
		for s.Deaths(t) < want { // it may answer once more
			if time.Now().After(deadline) {
				t.Fatal("nobody has noticed that the keyring ended")
			}
			time.Sleep(5 * time.Millisecond)
		}
		if err := property("Get").Store(&label); err != nil || !strings.Contains(label.String(), "of this test") {
			t.Errorf("what was stored is %v, %v", label, err)
		}
	}
}
