package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// TryRedirect binds the first redirect URI whose port is free, as a login would, lets it go and names it; remote says that it
// is on another machine, where there was nothing to bind.
func TryRedirect(uris []string) (uri string, remote bool, err error) {
	r, listeners, err := listen(uris)
	if err != nil {
		return "", false, err
	}
	for _, l := range listeners {
		l.Close()
	}
	return r.text, r.remote, nil
}

// knockWait is how long a host may take to say anything at all, before a browser is opened for it.
const knockWait = 10 * time.Second

// Knock asks the origin for nothing in particular, without a session: whether anyone answers, and what time it is
// there (zero if it does not say).
func Knock(ctx context.Context, transport http.RoundTripper, origin string) (status int, date time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, origin+"/", nil)
	if err != nil {
		return 0, date, err
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(ctx.Err(), context.Canceled) {
			return 0, date, cause
		}
		return 0, date, unanswered(origin, err, nil)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	date, _ = http.ParseTime(resp.Header.Get("Date"))
	return resp.StatusCode, date, nil
}
