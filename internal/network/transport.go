// Package network is the way to the server: the transport with its proxies, certificate authorities, TLS and deadlines, and
// who else has a port of this machine. It knows nothing of what is sent.
package network

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// SettingError is a setting of the way to the server that cannot be used.
type SettingError struct{ Text string }

func (e *SettingError) Error() string { return e.Text }

// NewTransport is how requests travel: proxies from the environment (the standard library never takes one for a loopback
// address), TLS 1.2 or later, a deadline for each step. The authorities of the PEM file caFile, if any, are trusted beside
// the system's; the error is a [*SettingError].
func NewTransport(caFile string) (*http.Transport, error) {
	roots, err := authorities(caFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
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
	}, nil
}

// connectWithin bounds what the standard library leaves at a minute: a proxy that takes a connection and says nothing.
const connectWithin = 20 * time.Second

var errNoConnection = errors.New("no connection within 20 s (is there a proxy that does not answer?)")

// Connecting ends a request that has no connection within 20 s, and names the program to the server.
type Connecting struct {
	Base      http.RoundTripper
	UserAgent string
}

// RoundTrip sends a request, once.
func (c Connecting) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	late := time.AfterFunc(connectWithin, func() { cancel(errNoConnection) })
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { late.Stop() }}
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
