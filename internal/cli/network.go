package cli

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/workfront"
)

// transport is the way to the server, the same for every request of this run.
func (a *app) transport() (*http.Transport, error) {
	if a.base != nil {
		return a.base, nil
	}
	base, err := network.NewTransport(a.env.Getenv)
	a.base = base
	return base, err
}

func userAgent() string { return "wfauth/" + currentVersion().Version }

// tokenTransport is the one for token requests, which are traced here; the API client traces its own.
func (a *app) tokenTransport() (http.RoundTripper, error) {
	base, err := a.transport()
	if err != nil {
		return nil, err
	}
	t := network.Connecting{Base: auth.WithoutReuse(base), UserAgent: userAgent()}
	if !a.debug {
		return t, nil
	}
	return network.Traced{Base: t, Done: func(e network.Exchange) {
		a.sayTraced(e.Method, e.URL, e.Status, e.Bytes, e.Took, 1, e.Err)
	}}, nil
}

// trace is --debug for requests of the API.
func (a *app) trace(at workfront.Attempt) {
	a.sayTraced(at.Method, at.URL, at.Status, at.Bytes, at.Took, at.Number, at.Err)
}

// sayTraced is one line a request.
func (a *app) sayTraced(method, url string, status int, bytes int64, took time.Duration, attempt int, err error) {
	outcome := fmt.Sprintf("%d, %d bytes", status, bytes)
	if status == 0 {
		outcome = "no answer"
	}
	if err != nil {
		outcome += ": " + err.Error()
	}
	fmt.Fprintf(a.stderr(), "wfauth: debug: %s %s: %s, %d ms, attempt %d\n", method, url, a.secrets.Printable(outcome), took.Milliseconds(), attempt)
}
