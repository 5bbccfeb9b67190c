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

// KWallet is as on Linux.
func KWallet(t testing.TB) *Session { t.Helper(); return Keyring(t) }

// KeePassXC is as on Linux.
func KeePassXC(t testing.TB, _ bool) *Session { t.Helper(); return Keyring(t) }

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

// Revive is as on Linux.
func (s *Session) Revive(testing.TB) {}

// Supervise is as on Linux.
func (s *Session) Supervise(testing.TB) {}

// Written is as on Linux.
func (s *Session) Written(testing.TB, func()) {}

// Connections is as on Linux.
func (s *Session) Connections(testing.TB) func() int { return func() int { return 0 } }

// Uninstall is as on Linux.
func (s *Session) Uninstall(testing.TB) {}

// Deaths is as on Linux.
func (s *Session) Deaths(testing.TB) int { return 0 }
