package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

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

// A request that was sent is at Workfront until it is answered, though nobody waits for the answer any more. One that was not sent, and
// one whose answer is being read, end with their caller.
func TestTurnsOfThoseWhoGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		there, most := 0, 0
		answer := make(chan io.ReadCloser)
		turns := gateway.NewTurns(roundTrip(func(r *http.Request) (*http.Response, error) {
			there++
			most = max(most, there)
			defer func() { there-- }()
			if r.URL.Path != "/unsent" {
				httptrace.ContextClientTrace(r.Context()).WroteRequest(httptrace.WroteRequestInfo{})
			}
			if r.URL.Path == "/endless" {
				body, w := io.Pipe()
				context.AfterFunc(r.Context(), func() { w.CloseWithError(context.Cause(r.Context())) })
				return &http.Response{Body: body}, nil
			}
			select {
			case body := <-answer:
				return &http.Response{Body: body}, nil
			case <-r.Context().Done():
				return nil, context.Cause(r.Context())
			}
		}), 1)
		gone := errors.New("gone")
		ask := func(path string) (giveUp func(), ended chan error) {
			ctx, cancel := context.WithCancelCause(t.Context())
			r, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			ended = make(chan error, 1)
			go func() {
				resp, err := turns.RoundTrip(r)
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
				}
				ended <- err
			}()
			synctest.Wait()
			return func() { cancel(gone); synctest.Wait() }, ended
		}
		giveUp, first := ask("/")
		giveUp()
		if err := <-first; err != gone {
			t.Errorf("the first ended with %v", err)
		}
		giveUp, second := ask("/")
		giveUp()
		if err := <-second; err != gone || there != 1 {
			t.Errorf("the second ended with %v, and %d are there", err, there)
		}
		_, third := ask("/")
		closed := false
		answer <- &counted{strings.NewReader("x"), func() { closed = true }}
		synctest.Wait()
		if !closed || there != 1 {
			t.Errorf("an answer that nobody waits for is closed: %v, and %d are there", closed, there)
		}
		answer <- &counted{strings.NewReader("x"), func() {}}
		if err := <-third; err != nil {
			t.Error(err)
		}
		giveUp, unsent := ask("/unsent")
		giveUp()
		if err := <-unsent; err != gone || there != 0 {
			t.Errorf("one that was not sent ended with %v, and %d are there", err, there)
		}
		giveUp, reading := ask("/endless")
		giveUp()
		if err := <-reading; err != gone || most != 1 {
			t.Errorf("one whose answer is being read ended with %v; %d were there at once", err, most)
		}
	})
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
