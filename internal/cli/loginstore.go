package cli

import (
	"context"
	"time"

	"github.com/wfauth/wfauth/internal/secrets"
)

// tryStore makes sure of the store before the browser is opened: what is there can be read, a value is taken, given back
// and deleted, and the answer will find its place. Where nothing was stored, an item with the key of the recovery file is,
// so that a keyring which writes to disk seconds later has it there by the time it matters.
func (a *app) tryStore(ctx context.Context, store *secrets.Item) error {
	held, err := store.Load(ctx)
	if err != nil {
		return err
	}
	a.choosing = held == nil
	if err := store.Probe(ctx); err != nil {
		return err
	}
	release, err := store.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	return store.Reserve(ctx)
}

// abandon takes back what tryStore has left, after a login that came to nothing. If it cannot, or there is no time for it,
// an item without a session stays: it counts as none.
func (a *app) abandon(ctx context.Context, store *secrets.Item) {
	patience := 30 * time.Second
	if ctx.Err() != nil {
		patience = 150 * time.Millisecond // Ctrl-C ends everything within 0.2 s
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = store.Abandon(ctx)
}
