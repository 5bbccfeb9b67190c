// Package secrets keeps the secrets of a profile: in the operating system's
// keyring, in a file sealed by a passphrase, or in memory. It does not know
// what the secrets are, talks to no server, and never writes one in the clear.
package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"filippo.io/age"
)

// An Item is one profile's secrets in one store: a payload (a JSON value) that
// is replaced as a whole. Its methods may be called from several goroutines.
// Errors are of type [*Error], or the cause of a ctx that ended.
//
// A payload must never be lost and an older one must never come back, whenever
// the process or the keyring is killed. Save therefore goes
//
//	1 seal generation N+1 in the recovery file   2 write it to the store
//	3 read it back                               4 remove the recovery file
//
// and Load takes the higher generation of store and recovery file:
//   - killed before 1 is complete: the file is replaced by one rename, so the
//     store has N and the file is absent or as old; N is the newest there is.
//   - between 1 and 2, or in 2 of a store that replaces atomically: the file
//     has N+1 and is taken; the identity that opens it is in either item.
//   - after 2: both have N+1, the same payload. A store that may come back
//     older than it says, as a keyring does that writes to disk later and ends
//     before, keeps its file until a Load has seen N+1 in it a while after.
//
// An identity is never changed once it is in the store, so that step 1 never
// seals to a key that the store does not have yet. A Save into an empty store
// has no step 1, and fails when step 2 does; Reserve puts the identity there
// beforehand, and takes the room for step 1.
type Item struct {
	where    string // for messages: "keyring", a path
	account  string
	backend  backend
	recovery recovery
	lag      time.Duration         // after which the backend keeps what it has taken, even if it ends
	ready    func(context.Context) // does what the store is slow at, before the lock is waited for; nil: nothing is
	locker   locker
	probing  locker
	limit    int // bytes the backend holds per item; 0: no limit
	note     func(string)

	mu   sync.Mutex // guards what follows
	held *holding   // nil: this Item does not have the lock
}

// OpenMemory returns an Item that lives as long as the process.
func OpenMemory() *Item {
	return &Item{
		where: "memory", account: "memory",
		backend: &memory{values: make(map[string][]byte)},
		locker:  newTurn(), probing: newTurn(),
		note: func(string) {},
	}
}

// Load returns the newest payload, or nil, nil when there is none.
func (i *Item) Load(ctx context.Context) ([]byte, error) {
	s, err := i.read(ctx)
	if err != nil {
		return nil, err
	}
	if s.behind || s.rested {
		i.repair(ctx)
	}
	i.remember(s)
	return s.payload, nil
}

// Save replaces the payload. When it returns nil, the payload is safe: it has
// been read back from the store, or, when the store refused it, from a sealed
// file that the next Load finds (after a Note). The caller holds the lock, and
// calls Load under it before it does anything that cannot be repeated: Save
// then depends on no read of the store.
func (i *Item) Save(ctx context.Context, payload []byte) error {
	s := i.remembered()
	if s == nil {
		var err error
		if s, err = i.read(ctx); err != nil {
			return err
		}
	}
	first := s.identity == ""
	key, err := i.keyOf(s)
	if err != nil {
		return err
	}
	next := &state{generation: s.generation + 1, identity: key.String(), payload: payload}
	e := envelope{Generation: next.generation, Identity: next.identity, Payload: payload}
	large, err := i.large(e)
	if err != nil {
		return fault(Unusable, i.where, "%w", err)
	}
	sealed := false
	if large || (!first && i.recovery.path != "") {
		err := i.recovery.write(e, key, i.takeRoom())
		if err != nil && large {
			return err
		}
		sealed = err == nil
	}
	switch err := i.settle(ctx, e, large); {
	case err == nil && !large && (first || i.lag == 0):
		// A file that stays is of the generation now in the store, or older.
		_ = i.recovery.remove()
	case err == nil:
	case sealed && !first:
		next.behind = true
		i.note(fmt.Sprintf("%v; the secrets are kept, sealed, in %s, and the next command puts it right", err, i.recovery.path))
	default:
		return err
	}
	i.remember(next)
	return nil
}

// Delete removes every copy: the item, then the file that only the item opens.
// It returns nil when there was none. The caller holds the lock.
func (i *Item) Delete(ctx context.Context) error {
	if err := i.backend.delete(ctx, i.account); err != nil {
		return err
	}
	switch left, err := i.backend.get(ctx, i.account); {
	case err != nil:
		return err
	case left != nil:
		return fault(Lost, i.where, "the item is still there after it was deleted")
	}
	if err := i.recovery.remove(); err != nil {
		return err
	}
	i.forget()
	return nil
}

// Lock excludes everyone else, in this process and in others, from this
// credential until release is called. It waits for at most 30 s; a person who
// is asked for a passphrase is asked before.
func (i *Item) Lock(ctx context.Context) (release func(), err error) {
	if i.ready != nil {
		i.ready(ctx)
	}
	h, err := i.locker.lock(ctx)
	if err != nil {
		return nil, err
	}
	i.begin(h)
	return sync.OnceFunc(i.end), nil
}

// read returns what item and recovery file come to; it is never nil without an
// error, and changes nothing.
func (i *Item) read(ctx context.Context) (*state, error) {
	s, err := i.readOnce(ctx)
	if e, ok := errors.AsType[*Error](err); ok && e.Where == i.recovery.path {
		// Without the lock, item and file may be of two moments.
		return i.readOnce(ctx)
	}
	return s, err
}

func (i *Item) readOnce(ctx context.Context) (*state, error) {
	raw, err := i.backend.get(ctx, i.account)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		if i.recovery.exists() {
			i.note(i.recovery.path + " is of an item that is no longer in the store; it cannot be opened any more")
		}
		return &state{}, nil
	}
	e, err := decodeEnvelope(raw)
	if err != nil {
		return nil, fault(Damaged, i.where, "the item of %s is %w", i.account, err)
	}
	s := &state{generation: e.Generation, identity: e.Identity, payload: e.Payload}
	if !isIdentity(e.Identity) {
		return nil, i.damagedItem()
	}
	if !e.Sealed && !i.holding() && !i.recovery.exists() {
		return s, nil // nearly always; making a key of the identity takes its time, and only Save needs one then
	}
	key, err := i.keyOf(s)
	if err != nil {
		return nil, err
	}
	kept, err := i.recovery.read(key)
	switch {
	case errors.Is(err, errUnopened) && !e.Sealed:
		// Newer data could be in it, but nobody can read them.
		i.note(err.Error() + "; it is left out")
	case err != nil:
		return nil, err
	case kept != nil && kept.Generation > e.Generation:
		s.generation, s.payload, s.behind = kept.Generation, kept.Payload, true
	case e.Sealed && (kept == nil || kept.Generation < e.Generation):
		return nil, fault(Damaged, i.recovery.path, "the sealed secrets of %s are missing, or older than the store says", i.account)
	case e.Sealed:
		s.payload = kept.Payload
	case kept != nil:
		s.rested = i.recovery.rested(i.lag)
	}
	return s, nil
}

// keyOf is the identity of the item, or a new one where there is no item yet.
func (i *Item) keyOf(s *state) (*age.X25519Identity, error) {
	if s.identity == "" {
		return age.GenerateX25519Identity()
	}
	key, err := age.ParseX25519Identity(s.identity)
	if err != nil {
		return nil, i.damagedItem() // err could quote the key
	}
	return key, nil
}

func (i *Item) damagedItem() error {
	return fault(Damaged, i.where, "the item of %s is damaged, or not written by wfauth", i.account)
}

// settle makes the item say what e says, and reads it back.
func (i *Item) settle(ctx context.Context, e envelope, large bool) error {
	if large {
		e.Payload, e.Sealed = nil, true
	}
	raw, err := e.encode()
	if err != nil {
		return fault(Unusable, i.where, "%w", err)
	}
	if err := i.backend.set(ctx, i.account, raw); err != nil {
		return err
	}
	switch back, err := i.backend.get(ctx, i.account); {
	case err != nil:
		return err
	case !bytes.Equal(back, raw):
		return fault(Lost, i.where, "read back something else than was written")
	}
	return nil
}

// repair puts an item right that is behind its recovery file, and removes a
// file whose generation the store has kept. Only the holder of the lock may do
// either. If someone else has it, even in this process, that one is about to
// write anyway; if the store still refuses, the file stays.
func (i *Item) repair(ctx context.Context) {
	h, ok := i.locker.tryLock()
	if !ok {
		return
	}
	defer h.release()
	s, err := i.read(ctx)
	switch {
	case err != nil:
	case s.rested:
		_ = i.recovery.remove()
	case s.behind:
		e := envelope{Generation: s.generation, Identity: s.identity, Payload: s.payload}
		large, err := i.large(e)
		if err == nil {
			err = i.settle(ctx, e, large)
		}
		switch {
		case err != nil || large:
		case i.lag == 0:
			_ = i.recovery.remove()
		default:
			i.recovery.renew() // the store has it anew, and may lose it anew
		}
	}
}

func (i *Item) large(e envelope) (bool, error) {
	raw, err := e.encode()
	return i.limit > 0 && len(raw) > i.limit, err
}
