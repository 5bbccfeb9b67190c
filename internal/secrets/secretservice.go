//go:build unix && !darwin

package secrets

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of https://specifications.freedesktop.org/secret-service-spec/.
const (
	secretsName         = "org.freedesktop.secrets"
	secretsPath         = dbus.ObjectPath("/org/freedesktop/secrets")
	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	promptInterface     = "org.freedesktop.Secret.Prompt"

	noObject = dbus.ObjectPath("/") // "none", for prompts and aliases
)

// secret is the Secret struct of the specification, (oayays).
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// A secretService is one operation's view of the service.
type secretService struct {
	keyring *dbusKeyring
	conn    *dbus.Conn
	cancel  context.CancelCauseFunc

	began time.Time
	timer *time.Timer // of the operation's deadline; stands still while a dialog is open
	ends  time.Time
	away  atomic.Bool // it was there, and is not
}

// start gives the operation this long from now.
func (s *secretService) start(deadline time.Duration) {
	s.began, s.ends = time.Now(), time.Now().Add(deadline)
	s.timer = time.AfterFunc(deadline, func() {
		if s.away.Load() {
			s.cancel(errWentAway())
		} else {
			s.cancel(silent("keyring", s.keyring.deadline))
		}
	})
}

func (s *secretService) call(ctx context.Context, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	call := <-s.send(ctx, path, method, args...).Done
	if call.Err == nil {
		s.keyring.bus.meet()
	}
	return call
}

// send is call without waiting for the answer.
func (s *secretService) send(ctx context.Context, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	flags := dbus.FlagNoAutoStart
	if s.keyring.mayStart {
		flags = 0
	}
	return s.conn.Object(secretsName, path).GoWithContext(ctx, method, flags, make(chan *dbus.Call, 1), args...)
}

// find returns the account's item, unlocked, or "" when there is none. A
// locked collection may not list its items, so "none" counts only when the
// default collection is open.
func (s *secretService) find(ctx context.Context, account string) (dbus.ObjectPath, error) {
	item, err := s.search(ctx, account)
	if item != "" || err != nil {
		return item, err
	}
	collection, err := s.defaultCollection(ctx)
	if collection == noObject || err != nil {
		return "", err
	}
	var locked bool
	err = s.call(ctx, collection, "org.freedesktop.DBus.Properties.Get", collectionInterface, "Locked").Store(&locked)
	if !locked || err != nil {
		return "", err
	}
	if err := s.unlock(ctx, collection); err != nil {
		return "", err
	}
	return s.search(ctx, account)
}

func (s *secretService) search(ctx context.Context, account string) (dbus.ObjectPath, error) {
	attributes := itemAttributes(account)
	var open, locked []dbus.ObjectPath
	err := s.call(ctx, secretsPath, serviceInterface+".SearchItems", attributes).Store(&open, &locked)
	if denied(err) {
		err = s.call(ctx, secretsPath, serviceInterface+".SearchItems", attributes).Store(&open, &locked)
	}
	switch {
	case err != nil:
		return "", err
	case len(open) > 0:
		return open[0], nil
	case len(locked) > 0:
		return locked[0], s.unlock(ctx, locked[0])
	}
	return "", nil
}

// denied waits a moment when gnome-keyring says that it has no such method: it
// has been seen to, after a client was killed in the middle of a write. Asking
// again helps.
func denied(err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	if ok = ok && e.Name == "org.freedesktop.DBus.Error.UnknownMethod"; ok {
		time.Sleep(20 * time.Millisecond)
	}
	return ok
}

// itemAttributes are those of go-keyring.
func itemAttributes(account string) map[string]string {
	return map[string]string{"service": keyringService, "username": account}
}

func (s *secretService) defaultCollection(ctx context.Context) (dbus.ObjectPath, error) {
	var collection dbus.ObjectPath
	err := s.call(ctx, secretsPath, serviceInterface+".ReadAlias", "default").Store(&collection)
	return collection, err
}

// openSession opens the way by which secrets go over the bus. It is not encrypted:
// who could read this user's bus could ask for the secrets as well.
func (s *secretService) openSession(ctx context.Context) *dbus.Call {
	return s.send(ctx, secretsPath, serviceInterface+".OpenSession", "plain", dbus.MakeVariant(""))
}

// session waits for what openSession has asked for.
func (s *secretService) session(opening *dbus.Call) (dbus.ObjectPath, error) {
	var output dbus.Variant
	var session dbus.ObjectPath
	err := (<-opening.Done).Store(&output, &session)
	return session, err
}

func (s *secretService) secret(ctx context.Context, item dbus.ObjectPath, opening *dbus.Call) ([]byte, error) {
	session, err := s.session(opening)
	if denied(err) {
		session, err = s.session(s.openSession(ctx))
	}
	if err != nil {
		return nil, err
	}
	var v secret
	err = s.call(ctx, item, itemInterface+".GetSecret", session).Store(&v)
	return v.Value, err
}

func (s *secretService) setSecret(ctx context.Context, item dbus.ObjectPath, value []byte) error {
	session, err := s.session(s.openSession(ctx))
	if err != nil {
		return err
	}
	return s.call(ctx, item, itemInterface+".SetSecret", newSecret(session, value)).Err
}

func (s *secretService) create(ctx context.Context, account string, value []byte) error {
	collection, err := s.defaultCollection(ctx)
	if err != nil {
		return err
	}
	if collection == noObject {
		if collection, err = s.createDefaultCollection(ctx); err != nil {
			return err
		}
	}
	session, err := s.session(s.openSession(ctx))
	if err != nil {
		return err
	}
	properties := map[string]dbus.Variant{
		itemInterface + ".Label":      dbus.MakeVariant(fmt.Sprintf("Password for '%s' on '%s'", account, keyringService)),
		itemInterface + ".Attributes": dbus.MakeVariant(itemAttributes(account)),
	}
	const replace = true
	var item, prompt dbus.ObjectPath
	err = s.call(ctx, collection, collectionInterface+".CreateItem", properties, newSecret(session, value), replace).Store(&item, &prompt)
	if err != nil {
		return err
	}
	return s.prompt(ctx, prompt)
}

// createDefaultCollection makes what a desktop without a password login lacks.
// The service asks for the password of it, so there must be someone to ask.
func (s *secretService) createDefaultCollection(ctx context.Context) (dbus.ObjectPath, error) {
	missing := fault(NoCollection, "keyring", "it has no default collection to write to")
	if !s.keyring.mayPrompt {
		return "", missing
	}
	properties := map[string]dbus.Variant{collectionInterface + ".Label": dbus.MakeVariant("Default keyring")}
	var collection, prompt dbus.ObjectPath
	err := s.call(ctx, secretsPath, serviceInterface+".CreateCollection", properties, "default").Store(&collection, &prompt)
	if err != nil {
		return "", err
	}
	if err := s.prompt(ctx, prompt); err != nil {
		return "", err
	}
	collection, err = s.defaultCollection(ctx)
	if err == nil && collection == noObject {
		err = missing
	}
	return collection, err
}

func newSecret(session dbus.ObjectPath, value []byte) secret {
	return secret{Session: session, Parameters: []byte{}, Value: value, ContentType: "text/plain; charset=utf8"}
}

func (s *secretService) delete(ctx context.Context, item dbus.ObjectPath) error {
	var prompt dbus.ObjectPath
	if err := s.call(ctx, item, itemInterface+".Delete").Store(&prompt); err != nil {
		return err
	}
	return s.prompt(ctx, prompt)
}

// unlock unlocks an item or a collection. One without a password needs no
// dialog.
func (s *secretService) unlock(ctx context.Context, path dbus.ObjectPath) error {
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := s.call(ctx, secretsPath, serviceInterface+".Unlock", []dbus.ObjectPath{path}).Store(&unlocked, &prompt)
	if err != nil {
		return err
	}
	return s.prompt(ctx, prompt)
}
