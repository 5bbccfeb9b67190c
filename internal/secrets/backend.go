package secrets

import (
	"context"
	"time"
)

// A backend is a place that keeps small values by account name: the keyring,
// sealed files, memory. It knows nothing of what the values mean.
type backend interface {
	// get returns nil, nil when there is no value.
	get(ctx context.Context, account string) ([]byte, error)
	// set replaces the value. A nil error is a claim, not a proof: a keyring
	// whose dialog was dismissed has been seen to return one.
	set(ctx context.Context, account string, value []byte) error
	// delete returns nil when there was no value.
	delete(ctx context.Context, account string) error
}

// bounded runs f until it returns or ctx ends, whichever is first, and in the
// second case returns the cause. What f does after that is lost; its goroutine
// ends with f.
func bounded[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		if r.err != nil && ctx.Err() != nil {
			r.err = context.Cause(ctx) // f failed because ctx ended
		}
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, context.Cause(ctx)
	}
}

// silent is the error of a store that has not answered for d.
func silent(where string, d time.Duration) *Error {
	return fault(Silent, where, "no answer within %v", d)
}
