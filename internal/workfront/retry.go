package workfront

import (
	"cmp"
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

	// DefaultPatience is how long a request waits for others at the customer to be done.
	DefaultPatience = 5 * time.Minute
	firstWait       = time.Second // upper bound of the first pause after a 429; it doubles
)

// repetition says what may be sent again.
type repetition int

const (
	never     repetition = iota
	ifReading            // only what changes nothing, for the server may have seen it
	anything             // the server has not taken it up
)

// outcome is what one attempt came to: an answer with no error, an answer that is a refusal or a failure, or an error alone.
type outcome struct {
	resp     *Response
	err      error
	gone     bool // the session, says the server
	tooMany  bool // requests at once, says the server
	honoured bool // the session, by an answer of the origin
	again    repetition
	after    time.Duration // Retry-After; 0: not given
	burden   burden        // whether the size of what was asked for may be the reason
	unsure   bool          // what was to be changed may have been
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
	if !sameOrigin(q.url, c.Origin) {
		l.session = nil
	}
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
			return loginPage(&Response{Status: resp.StatusCode, Proto: resp.Proto, Header: resp.Header, Body: resp.Body})
		}
		if l, err = c.follow(l, resp.StatusCode, target); err != nil {
			return outcome{err: err}
		}
	}
	return outcome{err: fmt.Errorf("%s redirects more than %d times", q.url.Host, maxRedirects)}
}

// faulted is the outcome of a request that brought no answer.
func faulted(err error, unsent bool) outcome {
	o := outcome{err: err, again: ifReading, unsure: !unsent}
	if unsent {
		o.again = anything
	}
	if f, ok := errors.AsType[*fault](err); ok {
		if f.final {
			o.again = never
		}
		if !unsent {
			o.burden = f.burden
		}
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

// tries counts what was done for one request.
type tries struct {
	repeats int       // after faults
	waits   int       // in a row, after a 429
	since   time.Time // the first of them
}

// pause tells whether q is to be sent again after o, and how long to wait before.
func (c *Client) pause(ctx context.Context, q *call, o *outcome, t *tries) (wait time.Duration, again bool) {
	if o.tooMany {
		wait, again = c.waitForOthers(o, t)
	} else {
		t.waits = 0
		wait, again = repeat(q, o, t)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		again = false
	}
	return wait, again && q.body.sendable()
}

// repeat is the pause after a fault.
func repeat(q *call, o *outcome, t *tries) (time.Duration, bool) {
	most := maxRepeats
	if q.hasty && o.burden != light {
		most = 1
	}
	if o.again == never || o.again == ifReading && q.changes || t.repeats >= most {
		return 0, false
	}
	if o.after > maxAfter {
		o.err = fmt.Errorf("%w; it asks to wait %v before the next request", o.err, o.after)
		return 0, false
	}
	wait := jittered(min(maxPause, firstPause<<t.repeats))
	if o.after > 0 {
		// The jitter is added, so that those who were sent away together do not come back together.
		wait = o.after + rand.N(firstPause)
	}
	t.repeats++
	return wait, true
}

// waitForOthers is the pause after a 429: how long it lasts depends on what else the customer's programs are doing, so the bound is a time
// and not a number of tries.
func (c *Client) waitForOthers(o *outcome, t *tries) (time.Duration, bool) {
	now, patience := time.Now(), cmp.Or(c.Patience, DefaultPatience)
	if t.waits == 0 {
		t.since = now
	}
	waited := now.Sub(t.since)
	switch left := patience - waited; {
	case o.after > 0 && o.after > left:
		o.err = fmt.Errorf("%w; it asks to wait %v before the next request, and --patience is %v", o.err, o.after, patience)
		return 0, false
	case left <= 0:
		if waited > 0 {
			o.err = fmt.Errorf("%w, still after %v of waiting (--patience)", o.err, waited.Round(time.Second))
		}
		return 0, false
	default:
		wait := min(jittered(min(maxPause, firstWait<<min(t.waits, 10))), left)
		if o.after > 0 {
			wait = o.after + rand.N(firstWait)
		}
		t.waits++
		c.noteWaiting(patience)
		return wait, true
	}
}

// noteWaiting tells once that others are waited for.
func (c *Client) noteWaiting(patience time.Duration) {
	if c.Note != nil {
		c.noted.Do(func() {
			c.Note(fmt.Sprintf("Workfront has too many requests at once, of this company's programs in all: waiting for them, for up to %v", patience))
		})
	}
}

// jittered is a random time of at least half of d, so that a pause is one.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2) }

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
