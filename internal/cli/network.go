package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/workfront"
)

// transport is how requests travel: proxies from the environment (the standard library never takes one for a loopback
// address), TLS 1.2 or later, a deadline for each step.
func (a *app) transport() (*http.Transport, error) {
	if a.base != nil {
		return a.base, nil
	}
	roots, err := a.roots()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	a.base = &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     true,
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("the proxy %s refused the connection: %s", proxy.Host, answer.Status)
			}
			return nil
		},
	}
	return a.base, nil
}

// connectWithin bounds what the standard library leaves at a minute: a proxy that takes a connection and says nothing.
const connectWithin = 20 * time.Second

var errNoConnection = errors.New("no connection within 20 s (is there a proxy that does not answer?)")

// connecting ends a request that has no connection in time, and names the program to the server.
type connecting struct{ base http.RoundTripper }

// RoundTrip sends a request, once.
func (c connecting) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	late := time.AfterFunc(connectWithin, func() { cancel(errNoConnection) })
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { late.Stop() }}
	r = r.Clone(httptrace.WithClientTrace(ctx, trace))
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", userAgent())
	}
	resp, err := c.base.RoundTrip(r)
	late.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), errNoConnection) {
			err = errNoConnection
		}
		cancel(nil)
		return nil, err
	}
	resp.Body = &endedBody{resp.Body, func() { cancel(nil) }}
	return resp, nil
}

// endedBody lets a request's context go with its answer.
type endedBody struct {
	io.ReadCloser
	end func()
}

func (b *endedBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func userAgent() string { return "wfauth/" + currentVersion().Version }

// roots adds a company's own authority to the system's; nil is the system's alone.
func (a *app) roots() (*x509.CertPool, error) {
	path := a.env.Getenv("WFAUTH_CA_CERT")
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("", "WFAUTH_CA_CERT: %v", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, usagef("", "WFAUTH_CA_CERT: %s holds no certificate in PEM form", path)
	}
	return roots, nil
}

// tokenTransport is the one for token requests, which are traced here; the API client traces its own.
func (a *app) tokenTransport() (http.RoundTripper, error) {
	base, err := a.transport()
	if err != nil {
		return nil, err
	}
	t := connecting{auth.WithoutReuse(base)}
	if !a.debug {
		return t, nil
	}
	return tracedTransport{a, t}, nil
}

type tracedTransport struct {
	a    *app
	base http.RoundTripper
}

// RoundTrip sends a request and has it traced when its body was read.
func (t tracedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	at := workfront.Attempt{Number: 1, Method: r.Method, URL: r.URL.Redacted()}
	resp, err := t.base.RoundTrip(r)
	at.Took = time.Since(began)
	if err != nil {
		at.Err = err
		t.a.trace(at)
		return nil, err
	}
	at.Status = resp.StatusCode
	resp.Body = &tracedBody{ReadCloser: resp.Body, done: func(n int64) {
		at.Bytes, at.Took = n, time.Since(began)
		t.a.trace(at)
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

// trace is --debug: one line a request.
func (a *app) trace(at workfront.Attempt) {
	outcome := fmt.Sprintf("%d, %d bytes", at.Status, at.Bytes)
	if at.Status == 0 {
		outcome = "no answer"
	}
	if at.Err != nil {
		outcome += ": " + at.Err.Error()
	}
	fmt.Fprintf(a.stderr(), "wfauth: debug: %s %s: %s, %d ms, attempt %d\n", at.Method, at.URL, printable(outcome), at.Took.Milliseconds(), at.Number)
}
