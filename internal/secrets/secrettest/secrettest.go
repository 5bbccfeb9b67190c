// Package secrettest gives tests a real D-Bus session bus, with a real
// gnome-keyring on it in the state that is asked for, apart from the user's
// own. It serves tests only, and changes nothing in their environment.
package secrettest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// A Session is a private session bus in folders of its own. What it started
// ends with the test.
type Session struct {
	// Env holds NAME=VALUE for every variable by which a program finds the
	// bus, the keyring or the user's folders. There is no display in it.
	Env []string

	parts
}

// Getenv looks a name up in Env, and nowhere else.
func (s *Session) Getenv(name string) string {
	for _, entry := range slices.Backward(s.Env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// missing skips the test for want of something on this machine, or fails it
// where WFAUTH_TEST_REQUIRE (a comma-separated list) says "keyring".
func missing(t testing.TB, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("WFAUTH_TEST_REQUIRE"), ","), "keyring") {
		t.Fatalf("WFAUTH_TEST_REQUIRE asks for a keyring: %s", why)
	}
	t.Skip(why)
}
