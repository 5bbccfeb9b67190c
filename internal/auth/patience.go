package auth

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// A request that was not taken up is sent again so often, after pauses that add up to less than two seconds, and only
// while its faults come quickly: others may be waiting for the lock.
const (
	repeats = 3
	quickly = 5 * time.Second
)

// patiently does it again while the fault is one that the server had no part in, or asked for.
func patiently(ctx context.Context, do func() error) error {
	began := time.Now()
	for pause, n := 250*time.Millisecond, 0; ; pause, n = 2*pause, n+1 {
		err := do()
		if fault, ok := errors.AsType[*faultError](err); !ok || !fault.again() || n == repeats || time.Since(began) > quickly {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// passing says whether a status is that of trouble which may be over in a moment.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
