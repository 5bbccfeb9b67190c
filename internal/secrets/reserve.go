package secrets

import "context"

// spare is by how much a new payload may be larger than the last. Workfront's
// tokens are some hundred bytes long; what is larger still takes its room when
// it is written.
const spare = 64 << 10

// Reserve makes sure that the Save of an answer will find what it needs, before
// it is asked for: the lock is still ours, the store has an identity, and the
// disk has room for the recovery file. The caller holds the lock; its release
// gives the room back. In a store that was empty an item without a payload is
// left, see Abandon.
func (i *Item) Reserve(ctx context.Context) error {
	if i.recovery.path == "" {
		return nil
	}
	s := i.remembered()
	if s == nil {
		var err error
		if s, err = i.read(ctx); err != nil {
			return err
		}
		i.remember(s)
	}
	if s.identity == "" {
		key, err := i.keyOf(s)
		if err != nil {
			return err
		}
		s = &state{identity: key.String()}
		if err := i.settle(ctx, envelope{Identity: s.identity}, false); err != nil {
			return err
		}
		i.remember(s)
	}
	if earlier := i.takeRoom(); earlier != nil {
		earlier.free()
	}
	taken, err := i.recovery.reserve(len(s.payload) + spare)
	if err != nil {
		return err
	}
	if !i.keepRoom(taken) {
		taken.free()
		return fault(LockLost, i.where, "its lock was removed by another program")
	}
	return nil
}

// Abandon takes the item away that Reserve has left, for a login that came to
// nothing. One that holds a payload stays.
func (i *Item) Abandon(ctx context.Context) error {
	release, err := i.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	s, err := i.read(ctx)
	if err != nil || s.identity == "" || s.payload != nil {
		return err
	}
	return i.Delete(ctx)
}
