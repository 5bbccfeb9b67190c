//go:build !linux

package secrettest

import "testing"

type parts struct{}

// Keyring skips the test: there is no private keyring on this system.
func Keyring(t testing.TB) *Session {
	t.Helper()
	missing(t, "a private keyring needs Linux")
	return nil
}

// Bus is as on Linux.
func Bus(t testing.TB) *Session { t.Helper(); return Keyring(t) }

// SilentBus is as on Linux.
func SilentBus(t testing.TB) *Session { t.Helper(); return Keyring(t) }

// NoBus is as on Linux.
func NoBus(t testing.TB) *Session { t.Helper(); return Keyring(t) }

// Lock is as on Linux.
func (s *Session) Lock(testing.TB) {}

// Freeze is as on Linux.
func (s *Session) Freeze(testing.TB) {}

// Thaw is as on Linux.
func (s *Session) Thaw(testing.TB) {}

// Kill is as on Linux.
func (s *Session) Kill(testing.TB) {}

// Activated is as on Linux.
func (s *Session) Activated() bool { return false }

// Deaths is as on Linux.
func (s *Session) Deaths(testing.TB) int { return 0 }
