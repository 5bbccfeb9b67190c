package network

import (
	"io"
	"net/http"
	"time"
)

// Exchange is one request and its answer, as far as may be told of them.
type Exchange struct {
	Method, URL string // without a password in the URL
	Status      int    // 0: no answer came
	Bytes       int64  // of the answer's body
	Took        time.Duration
	Err         error
}

// Traced tells of every request that Base sends, once its answer was closed or failed to come.
type Traced struct {
	Base http.RoundTripper
	Done func(Exchange)
}

// RoundTrip sends a request.
func (t Traced) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	e := Exchange{Method: r.Method, URL: r.URL.Redacted()}
	resp, err := t.Base.RoundTrip(r)
	e.Took = time.Since(began)
	if err != nil {
		e.Err = err
		t.Done(e)
		return nil, err
	}
	e.Status = resp.StatusCode
	resp.Body = &tracedBody{ReadCloser: resp.Body, done: func(n int64) {
		e.Bytes, e.Took = n, time.Since(began)
		t.Done(e)
	}}
	return resp, nil
}

type tracedBody struct {
	io.ReadCloser
	n    int64
	done func(n int64)
}

func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	return n, err
}

func (b *tracedBody) Close() error {
	if b.done != nil {
		b.done(b.n)
		b.done = nil
	}
	return b.ReadCloser.Close()
}
