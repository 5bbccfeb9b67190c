//go:build !unix || darwin

package secrets

import (
	"context"
	"errors"
	"time"

	"github.com/zalando/go-keyring"
)

// nativeKeyring is the macOS keychain or the Windows credential store.
// go-keyring knows no context, so a call that outlives its deadline is left
// behind; it can do no harm, since only an item that was read back counts.
type nativeKeyring struct {
	patience time.Duration // the system may ask a person, unasked by us
}

func newKeyring(o Options) backend {
	if o.Interactive {
		return nativeKeyring{max(o.Deadline, unlockPatience)}
	}
	return nativeKeyring{o.Deadline}
}

func (k nativeKeyring) get(ctx context.Context, account string) ([]byte, error) {
	return k.call(ctx, func() ([]byte, error) {
		value, err := keyring.Get(keyringService, account)
		if errors.Is(err, keyring.ErrNotFound) {
			return nil, nil
		}
		return []byte(value), err
	})
}

func (k nativeKeyring) set(ctx context.Context, account string, value []byte) error {
	_, err := k.call(ctx, func() ([]byte, error) {
		return nil, keyring.Set(keyringService, account, string(value))
	})
	return err
}

func (k nativeKeyring) delete(ctx context.Context, account string) error {
	_, err := k.call(ctx, func() ([]byte, error) {
		err := keyring.Delete(keyringService, account)
		if errors.Is(err, keyring.ErrNotFound) {
			return nil, nil
		}
		return nil, err
	})
	return err
}

func (k nativeKeyring) call(ctx context.Context, f func() ([]byte, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, k.patience, silent("keyring", k.patience))
	defer cancel()
	return bounded(ctx, func() ([]byte, error) {
		value, err := f()
		switch {
		case errors.Is(err, keyring.ErrSetDataTooBig):
			err = fault(TooLarge, "keyring", "%w", err)
		case err != nil:
			err = fault(Unusable, "keyring", "%w", err)
		}
		return value, err
	})
}
