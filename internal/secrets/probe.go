package secrets

import (
	"bytes"
	"context"
)

// Probe reads the item, if there is one, and then writes a value beside it,
// reads that back and deletes it: what the store does with that, it will do
// with a session. The value is not a secret and always the same, so that
// nothing piles up when a probe is killed.
func (i *Item) Probe(ctx context.Context) error {
	if _, err := i.read(ctx); err != nil {
		return err
	}
	h, err := i.probing.lock(ctx)
	if err != nil {
		return err
	}
	defer h.release()
	account, value := i.account+probeSuffix, []byte(`{"v":1,"probe":true}`)
	if err := i.backend.set(ctx, account, value); err != nil {
		return err
	}
	back, err := i.backend.get(ctx, account)
	if err != nil {
		return err
	}
	if err := i.backend.delete(ctx, account); err != nil {
		return err
	}
	if !bytes.Equal(back, value) {
		return fault(Lost, i.where, "a test value was accepted but not kept")
	}
	return nil
}

// probeSuffix is what the account of a probe has more than the item's.
const probeSuffix = ".probe"
