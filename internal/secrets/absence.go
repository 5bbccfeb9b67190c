//go:build unix && !darwin

package secrets

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// comesBack says whether a call that failed is worth another one, since the
// keyring is being started anew: gnome-keyring has been seen to end itself when
// many come at once, and systemd or the bus then start another. One that was
// there is waited for until the deadline. One that was not seen yet is waited
// for a moment, if the bus knows how to start one: another process may just
// have seen it end.
func (s *secretService) comesBack(ctx context.Context, err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		return false
	}
	switch e.Name {
	case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected":
		s.away.Store(true)
		return true
	case "org.freedesktop.Secret.Error.NoSession", "org.freedesktop.Secret.Error.NoSuchObject":
		return true // what it gave us a moment ago: it is another one by now
	case "org.freedesktop.DBus.Error.UnknownMethod", "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownInterface":
		return s.away.Load() // it has its name already, and not yet all the rest
	}
	absent := strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn.") ||
		e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || e.Name == "org.freedesktop.DBus.Error.NameHasNoOwner"
	switch bus := s.keyring.bus; {
	case !absent:
		return false
	case s.away.Load():
		return true
	case bus.hasMet():
		s.away.Store(true)
		return true
	case s.keyring.mayStart, bus.isMissed(), !s.startable(ctx):
		return false // the bus has tried just now, or nobody will
	case time.Since(s.began) >= s.keyring.arrival:
		bus.miss()
		return false
	}
	return true
}

// startable says whether the bus knows how to start a keyring.
func (s *secretService) startable(ctx context.Context) bool {
	var names []string
	err := s.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names)
	return err == nil && slices.Contains(names, secretsName)
}
