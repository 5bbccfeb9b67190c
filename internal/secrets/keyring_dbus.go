//go:build unix && !darwin

package secrets

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// dbusKeyring is the Secret Service of the session bus: gnome-keyring, KWallet
// or KeePassXC. It speaks D-Bus itself, because go-keyring, which serves the
// other systems, here knows no context, waits for ever on a dialog, takes a
// dismissed one for success, starts a bus where there is none, and needs seven
// calls for a read that takes three. Its items are found by the same
// attributes, so that each reads what the other wrote.
//
// The items of a command share one connection, and ask by the service's name:
// a keyring that is restarted between two calls is found again.
type dbusKeyring struct {
	getenv    func(string) string
	bus       *Bus
	deadline  time.Duration
	patience  time.Duration // with a person in front of a dialog
	silence   time.Duration // before that person is told of it
	arrival   time.Duration // with a keyring that has not been seen yet
	mayPrompt bool
	mayStart  bool
	note      func(string)
}

func newKeyring(o Options) backend {
	display := hasDisplay(o.Getenv)
	return &dbusKeyring{
		getenv:    o.Getenv,
		bus:       o.Bus,
		deadline:  o.Deadline,
		patience:  unlockPatience,
		silence:   700 * time.Millisecond, // many prompts show nothing and are done at once
		arrival:   time.Second,
		mayPrompt: o.Interactive && display,
		mayStart:  display, // where nobody could unlock it, a keyring started now would only be left behind
		note:      o.Note,
	}
}

func (k *dbusKeyring) get(ctx context.Context, account string) ([]byte, error) {
	return serve(ctx, k, func(ctx context.Context, s *secretService) ([]byte, error) {
		session := s.openSession(ctx) // asked for at once: a read waits for one answer less
		item, err := s.find(ctx, account)
		if item == "" || err != nil {
			return nil, err
		}
		return s.secret(ctx, item, session)
	})
}

func (k *dbusKeyring) set(ctx context.Context, account string, value []byte) error {
	_, err := serve(ctx, k, func(ctx context.Context, s *secretService) (struct{}, error) {
		item, err := s.find(ctx, account)
		if err != nil {
			return struct{}{}, err
		}
		if item != "" { // in place, wherever it is: a second copy could shadow it
			return struct{}{}, s.setSecret(ctx, item, value)
		}
		return struct{}{}, s.create(ctx, account, value)
	})
	return err
}

func (k *dbusKeyring) delete(ctx context.Context, account string) error {
	_, err := serve(ctx, k, func(ctx context.Context, s *secretService) (struct{}, error) {
		for {
			item, err := s.find(ctx, account)
			if item == "" || err != nil {
				return struct{}{}, err
			}
			if err := s.delete(ctx, item); err != nil {
				return struct{}{}, err
			}
		}
	})
	return err
}

// serve runs op on the Secret Service, within the keyring's deadline but for the
// time a dialog is open before a person.
func serve[T any](ctx context.Context, k *dbusKeyring, op func(context.Context, *secretService) (T, error)) (T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &secretService{keyring: k, cancel: cancel}
	s.start(k.deadline)
	defer s.timer.Stop()
	return bounded(ctx, func() (v T, err error) {
		if s.conn, err = k.bus.connection(ctx, k.getenv); err != nil {
			return v, err
		}
		for pause := 10 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
			if v, err = op(ctx, s); err == nil || !s.comesBack(ctx, err) {
				return v, busFault(err)
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return v, context.Cause(ctx)
			}
		}
	})
}

// busFault gives an error of the bus or the service its kind.
func busFault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		return fault(NoBus, "keyring", "the session bus went away: %w", err)
	}
	if strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn.") {
		return fault(NoService, "keyring", "the session bus cannot start one: %w", e)
	}
	switch e.Name {
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner":
		return fault(NoService, "keyring", "no keyring is running on the session bus")
	case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected":
		return errWentAway()
	case "org.freedesktop.Secret.Error.IsLocked":
		return errLocked()
	}
	return fault(Unusable, "keyring", "%w", e)
}

func errWentAway() *Error {
	return fault(NoService, "keyring", "it went away before it answered, and did not come back")
}

func errLocked() *Error {
	return fault(Locked, "keyring", "it is locked, and there is nobody to unlock it (no terminal, or no display)")
}
