// Package network is the way to the server: the transport with its proxies, certificate authorities, TLS and deadlines, and
// who else has a port of this machine. It knows nothing of what is sent.
package network

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// SettingError is a setting of the way to the server that cannot be used.
type SettingError struct{ Text string }

func (e *SettingError) Error() string { return e.Text }

// NewTransport is how requests travel: proxies from the environment (never for a loopback address), TLS 1.2 or later, a
// deadline for each step. The authorities of the PEM file WFAUTH_CA_CERT, if any, are trusted beside the system's; the error
// is a [*SettingError].
func NewTransport(getenv func(string) string) (*http.Transport, error) {
	roots, err := authorities(getenv("WFAUTH_CA_CERT"))
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 func(r *http.Request) (*url.URL, error) { return ProxyFor(getenv, r.URL) },
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
				return &proxyRefusal{proxy.Host, answer.StatusCode}
			}
			return nil
		},
	}, nil
}

// connectWithin bounds what the standard library leaves at a minute: a proxy that takes a connection and says nothing.
const connectWithin = 20 * time.Second

var errNoConnection = errors.New("no connection within 20 s (is there a proxy that does not answer?)")

// Connecting ends a request that has no connection within 20 s, names the program to the server, and puts into words why no
// answer came: its errors are [*Fault], but for the end of a request's own context.
type Connecting struct {
	Base      http.RoundTripper
	UserAgent string
}

// RoundTrip sends a request, once.
func (c Connecting) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Context()
	ctx, cancel := context.WithCancelCause(asked)
	late := time.AfterFunc(connectWithin, func() { cancel(errNoConnection) })
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true); late.Stop() }}
	r = r.Clone(httptrace.WithClientTrace(ctx, trace))
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", c.UserAgent)
	}
	resp, err := c.Base.RoundTrip(r)
	late.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), errNoConnection) {
			err = errNoConnection
		}
		cancel(nil)
		if errors.Is(asked.Err(), context.Canceled) {
			return nil, err // nobody wants to know
		}
		return nil, explain(r.URL.Host, connected.Load(), err)
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
