package gateway

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// Turns lets a number of requests be at Workfront at once, from the moment they are sent until their answer has been read; the others
// wait, first come, first served. Whoever pauses between two attempts lets others go.
type Turns struct {
	base http.RoundTripper
	free chan struct{}
}

// NewTurns lets at most n requests through to base.
func NewTurns(base http.RoundTripper, n int) *Turns { return &Turns{base, make(chan struct{}, n)} }

// RoundTrip implements [http.RoundTripper].
func (t *Turns) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case t.free <- struct{}{}:
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	leave := sync.OnceFunc(func() { <-t.free })
	resp, err := t.base.RoundTrip(r)
	if err != nil {
		leave()
		return nil, err
	}
	resp.Body = &turnBody{resp.Body, leave}
	return resp, nil
}

// turnBody ends a turn with its answer.
type turnBody struct {
	io.ReadCloser
	leave func()
}

func (b *turnBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.leave()
	}
	return n, err
}

func (b *turnBody) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}
