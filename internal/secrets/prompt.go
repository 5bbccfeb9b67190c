//go:build unix && !darwin

package secrets

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// prompt does what the service wants done before it goes on, if anything. A
// prompt is not yet a dialog: KeePassXC has one for every write and shows
// nothing, KWallet for a wallet that is open. So it is always run. A person who
// can see a dialog has patience for it; where nobody can, one that is still
// open at the deadline means locked.
func (s *secretService) prompt(ctx context.Context, path dbus.ObjectPath) error {
	if path == noObject {
		return nil
	}
	k := s.keyring
	patience, unanswered := time.Until(s.ends), errLocked()
	if k.mayPrompt {
		patience, unanswered = k.patience, fault(Locked, "keyring", "it was not unlocked within %v", k.patience)
		note := time.AfterFunc(k.silence, func() { k.note("waiting for you to unlock the keyring") })
		defer note.Stop()
	}
	if !s.timer.Stop() {
		return context.Cause(ctx)
	}
	open := time.NewTimer(patience)
	defer open.Stop()

	signals := make(chan *dbus.Signal, 8) // closed with the connection
	s.conn.Signal(signals)
	defer s.conn.RemoveSignal(signals)
	completed := []dbus.MatchOption{dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptInterface)}
	if err := s.conn.AddMatchSignalContext(ctx, completed...); err != nil {
		return err
	}
	defer func() { _ = s.conn.RemoveMatchSignal(completed...) }()
	prompting := s.send(ctx, path, promptInterface+".Prompt", "").Done
	for {
		select {
		case call := <-prompting: // some answer only when all is done
			if call.Err != nil {
				return call.Err
			}
			prompting = nil
		case signal, more := <-signals:
			if !more {
				return dbus.ErrClosed
			}
			if signal.Path != path || signal.Name != promptInterface+".Completed" {
				continue
			}
			var dismissed bool
			err := dbus.Store(signal.Body[:min(1, len(signal.Body))], &dismissed)
			switch {
			case err == nil && !dismissed:
				if k.mayPrompt { // the person's time is not the service's
					s.ends = time.Now().Add(k.deadline)
				}
				s.timer.Reset(time.Until(s.ends))
				return nil
			case !k.mayPrompt: // the service itself found that there is nobody
				return errLocked()
			}
			return fault(Dismissed, "keyring", "its dialog was closed without unlocking it")
		case <-open.C:
			s.dismiss(path)
			return unanswered
		case <-ctx.Done():
			s.dismiss(path)
			return context.Cause(ctx)
		case <-s.conn.Context().Done():
			return dbus.ErrClosed
		}
	}
}

// dismiss takes a dialog away that nobody waits for any more. Whether that
// works, nobody waits for either.
func (s *secretService) dismiss(path dbus.ObjectPath) {
	s.conn.Object(secretsName, path).Go(promptInterface+".Dismiss", dbus.FlagNoReplyExpected|dbus.FlagNoAutoStart, nil)
}
