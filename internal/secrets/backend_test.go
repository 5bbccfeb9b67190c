package secrets

import (
	"context"
	"errors"
	"testing"
)

// The cause of an interruption is what a caller sees, also when the store
// noticed the interruption first and says something of its own.
func TestBoundedReturnsTheCause(t *testing.T) {
	t.Parallel()
	interrupt := errors.New("interrupted")
	for range 1000 { // either may come first
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := bounded(ctx, func() (int, error) {
			cancel(interrupt)
			return 0, errRefused
		})
		if !errors.Is(err, interrupt) {
			t.Fatalf("error %v, want the cause", err)
		}
	}
}
