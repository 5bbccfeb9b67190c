package gateway

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// Turns lets a number of requests be at Workfront at once, from the moment they are sent until their answer has been read; the others
// wait, first come, first served. Whoever pauses between two attempts lets others go. A request that its caller gives up stays
// where it is until its answer begins: Workfront goes on working at it, and callers that give up ask again.
type Turns struct {
	base http.RoundTripper
	free chan struct{}
}

// NewTurns lets at most n requests through to base, which bounds how long it waits for an answer to begin.
func NewTurns(base http.RoundTripper, n int) *Turns { return &Turns{base, make(chan struct{}, n)} }

// RoundTrip implements [http.RoundTripper].
func (t *Turns) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Context()
	select {
	case t.free <- struct{}{}:
	case <-asked.Done():
		return nil, context.Cause(asked)
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(asked))
	leave := sync.OnceFunc(func() { cancel(nil); <-t.free })
	var sent atomic.Bool // whole
	trace := &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { sent.Store(i.Err == nil) }}
	ended := make(chan end, 1)
	go func() {
		resp, err := t.base.RoundTrip(r.WithContext(httptrace.WithClientTrace(ctx, trace))) //nolint:bodyclose // below, or by who asked
		ended <- end{resp, err}
	}()
	var e end
	select {
	case e = <-ended:
	case <-asked.Done():
		if sent.Load() {
			go func() {
				if e := <-ended; e.err == nil {
					e.resp.Body.Close()
				}
				leave()
			}()
			return nil, context.Cause(asked)
		}
		cancel(context.Cause(asked))
		e = <-ended
	}
	if e.err != nil {
		leave()
		return nil, e.err
	}
	stop := context.AfterFunc(asked, func() { cancel(context.Cause(asked)) })
	e.resp.Body = &turnBody{e.resp.Body, func() { stop(); leave() }}
	return e.resp, nil
}

// end is how a request ended.
type end struct {
	resp *http.Response
	err  error
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
