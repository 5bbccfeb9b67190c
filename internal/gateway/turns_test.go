package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A turn lasts until its answer was read or closed; who waits can go away, and a fault gives the turn back.
func TestTurns(t *testing.T) {
	t.Parallel()
	var at, most atomic.Int32
	turns := gateway.NewTurns(roundTrip(func(r *http.Request) (*http.Response, error) {
		n := at.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if r.URL.Path == "/fault" {
			at.Add(-1)
			return nil, errors.New("a fault")
		}
		return &http.Response{Body: &counted{strings.NewReader("x"), sync.OnceFunc(func() { at.Add(-1) })}}, nil
	}), 3)
	request := func(ctx context.Context, path string) *http.Request {
		r, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1"+path, nil)
		if err != nil {
			t.Error(err)
		}
		return r
	}
	var callers sync.WaitGroup
	for i := range 200 {
		callers.Go(func() {
			path := "/"
			if i%5 == 0 {
				path = "/fault"
			}
			resp, err := turns.RoundTrip(request(t.Context(), path))
			switch {
			case err != nil:
			case i%2 == 0:
				io.Copy(io.Discard, resp.Body)
			default:
				resp.Body.Close()
				resp.Body.Close()
			}
		})
	}
	callers.Wait()
	if most.Load() > 3 {
		t.Errorf("%d were there at once", most.Load())
	}
	for range 3 {
		if _, err := turns.RoundTrip(request(t.Context(), "/")); err != nil {
			t.Fatal(err)
		}
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := turns.RoundTrip(request(ctx, "/")); err != gone {
		t.Errorf("one that waits ends with %v", err)
	}
}

// counted calls done when it has ended or is closed.
type counted struct {
	io.Reader
	done func()
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != nil {
		c.done()
	}
	return n, err
}

func (c *counted) Close() error { c.done(); return nil }
