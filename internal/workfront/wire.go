package workfront

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

// maxStall is how long a body may bring nothing. (Connecting and the headers are bounded by the Transport.)
const maxStall = 60 * time.Second

var errStalled = errors.New("nothing more came for a minute")

// leg is one HTTP request: that of a call, or one that a redirect led to.
type leg struct {
	method  string
	url     *url.URL
	header  http.Header
	body    *payload
	session http.Header // credentials; nil once a redirect has left the origin
	changes bool
}

// roundTrip sends l. unsent tells of an error that it occurred before anything was written, so that the server cannot have seen l.
// The body of the answer must be closed.
func (c *Client) roundTrip(ctx context.Context, l leg, number int) (resp *http.Response, unsent bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var conn connection
	req := (&http.Request{Method: l.method, URL: l.url, Host: l.url.Host, Header: l.header.Clone()}).
		WithContext(httptrace.WithClientTrace(ctx, conn.trace()))
	l.body.attach(req, l.changes)
	maps.Copy(req.Header, l.session)

	start := time.Now()
	done := func(status int, n int64, err error) {
		if c.Trace != nil {
			c.Trace(Attempt{number, l.method, redacted(l.url), status, n, time.Since(start), err})
		}
		cancel(nil)
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err = transport.RoundTrip(req)
	if err != nil {
		unsent = conn.never(err)
		err = asFault(l.url.Host, err)
		done(0, 0, err)
		return nil, unsent, err
	}
	if l.method == http.MethodHead {
		resp.ContentLength = 0 // what is told is the length that a GET would have
	}
	b := &wireBody{body: resp.Body, expected: resp.ContentLength, stalled: time.AfterFunc(maxStall, func() { cancel(errStalled) })}
	b.stalled.Stop()
	b.done = sync.OnceFunc(func() { done(resp.StatusCode, b.n, b.err) })
	b.cause = func() error { return context.Cause(ctx) }
	resp.Body = b
	return resp, false, nil
}

// wireBody is a body as it arrives, before it is decoded. It notices an end that comes too early and an end that does not come.
type wireBody struct {
	body     io.ReadCloser
	expected int64 // Content-Length; not positive: not known
	n        int64 // bytes so far
	err      error
	stalled  *time.Timer // runs while Read waits
	cause    func() error
	done     func() // once, when the body has ended in whatever way
}

func (b *wireBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.stalled.Reset(maxStall) // while reading only: the reader of what is read may be slow
	n, err := b.body.Read(p)
	b.stalled.Stop()
	b.n += int64(n)
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF && b.n >= b.expected:
		b.done()
		return n, io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(b.cause(), errStalled) {
		err = errStalled
	}
	b.err = fmt.Errorf("the answer was cut after %d bytes: %w", b.n, err)
	b.done()
	return n, b.err
}

func (b *wireBody) Close() error {
	b.done()
	return b.body.Close()
}

// connection follows how far a request got.
type connection struct {
	mu          sync.Mutex // the transport dials in goroutines of its own
	asked, have bool
}

func (c *connection) trace() *httptrace.ClientTrace {
	set := func(flag *bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		*flag = true
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) { set(&c.asked) },
		GotConn: func(httptrace.GotConnInfo) { set(&c.have) },
	}
}

// never tells whether err came before there was a connection to write to. A transport that does not say so is believed only where
// the error itself is one of connecting.
func (c *connection) never(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked {
		return !c.have
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, cert := errors.AsType[*tls.CertificateVerificationError](err)
	return dns || cert
}
