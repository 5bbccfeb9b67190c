package workfront

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	maxRepeats = 5
	firstPause = 250 * time.Millisecond // upper bound of the first; it doubles
	maxPause   = 30 * time.Second
	maxAfter   = 5 * time.Minute // the longest Retry-After that is waited for
)

// repetition says what may be sent again.
type repetition int

const (
	never     repetition = iota
	ifReading            // only what changes nothing, for the server may have seen it
	anything             // the server has not taken it up
)

// outcome is what one attempt came to: an answer with no error, an answer that is a refusal, or an error alone.
type outcome struct {
	resp     *Response
	err      error
	gone     bool // the session, says the server
	tooMany  bool // requests at once, says the server
	honoured bool // the session, by an answer of the origin
	again    repetition
	after    time.Duration // Retry-After; 0: not given
}

// drop gives up an answer that nobody will read.
func (o *outcome) drop() {
	if o.resp != nil {
		o.resp.Body.Close()
	}
}

// attempt sends q once, follows its redirects and reads the answer as far as it must be known.
func (c *Client) attempt(ctx context.Context, q *call, session http.Header, number int) outcome {
	l := leg{q.method, q.url, q.header, q.body, session, q.changes}
	for range maxRedirects + 1 {
		resp, unsent, err := c.roundTrip(ctx, l, number)
		if err != nil {
			return faulted(err, unsent)
		}
		if !isRedirect(resp.StatusCode) {
			read := q.read
			if read == nil {
				read = func(l leg, resp *http.Response) outcome { return c.read(q, l, resp) }
			}
			o := read(l, resp)
			o.tooMany = resp.StatusCode == http.StatusTooManyRequests
			return o
		}
		resp.Body.Close()
		target := location(l.url, resp)
		if c.leadsToLogin(q, target) {
			return loginPage(resp)
		}
		if l, err = c.follow(l, resp.StatusCode, target); err != nil {
			return outcome{err: err}
		}
	}
	return outcome{err: fmt.Errorf("%s redirects more than %d times", q.url.Host, maxRedirects)}
}

// faulted is the outcome of a request that brought no answer.
func faulted(err error, unsent bool) outcome {
	o := outcome{err: err, again: ifReading}
	if unsent {
		o.again = anything
	}
	if f, ok := errors.AsType[*fault](err); ok && f.final {
		o.again = never
	}
	return o
}

// againAfter tells what may be sent again after a status. 429 means that the request was not taken up.
func againAfter(status int) repetition {
	switch status {
	case http.StatusTooManyRequests:
		return anything
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ifReading
	}
	return never
}

// pause tells whether q is to be sent again after o, and how long to wait before.
func (o *outcome) pause(ctx context.Context, q *call, repeats int) (time.Duration, bool) {
	if o.again == never || o.again == ifReading && q.changes || repeats == maxRepeats || !q.body.sendable() {
		return 0, false
	}
	wait := rand.N(min(maxPause, firstPause<<repeats)) // full jitter
	if o.after > 0 {
		// The jitter is added, so that those who were sent away together do not come back together.
		wait = o.after + rand.N(firstPause)
	}
	if o.after > maxAfter {
		o.err = fmt.Errorf("%w; it asks to wait %v before the next request", o.err, o.after)
		return 0, false
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return 0, false
	}
	return wait, true
}

// retryAfter reads RFC 9110, 10.2.3: seconds, or a date, which is taken by the server's own clock.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	until, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}

// sleep waits for d, or until ctx is done, and then gives its cause.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
