// Package workfront sends requests to one Workfront tenant and tells an answer from a refusal, a fault and a dead session.
// It knows nothing of logging in, of stores, of output formats or of flags.
package workfront

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Credentials gives the headers by which Workfront knows who asks. Their values are secrets.
type Credentials interface {
	// Header gives one that is believed good. It is not changed by who gets it.
	Header(ctx context.Context) (http.Header, error)
	// Renew gives another than stale, which the server has just refused. It is called at most once a request.
	Renew(ctx context.Context, stale http.Header) (http.Header, error)
}

// Client sends requests to one origin. Its fields are set before first use; after that it may be used from several goroutines at once.
type Client struct {
	Origin      *url.URL          // scheme and host of the tenant; credentials are sent nowhere else
	Version     string            // API version, as "v22.0"
	Credentials Credentials       // required
	Transport   http.RoundTripper // nil: http.DefaultTransport
	UserAgent   string            // empty: "wfauth"

	// Patience bounds how long a request is sent again that was not taken up for the number of others (429); 0: [DefaultPatience],
	// negative: not at all.
	Patience time.Duration
	// Note, if set, is told in one line what a person may wonder at.
	Note func(string)
	// Trace, if set, is called once for each HTTP request: when its answer was read to the end, failed or was closed.
	Trace func(Attempt)
	// Accepted, if set, is called with the credentials that the server has just honoured.
	Accepted func(http.Header)

	noted sync.Once // that others are waited for
}

// Attempt is one HTTP request as --debug shows it.
type Attempt struct {
	Number int    // 1 for the first sending; a redirect bears the number of the sending it belongs to
	Method string // as sent
	URL    string // secret values replaced by ***
	Status int    // 0: no answer came
	Bytes  int64  // of the body as received, before decoding
	Took   time.Duration
	Err    error // why no answer came, or why it ended early
}

// Request is one call of the API.
type Request struct {
	// Method is the verb, in any case. Empty means GET, or POST where there is an Input and for an upload.
	Method string
	// Path is relative to the versioned API ("proj/search") or to the root ("/internal/…", "attask/…"), or a URL of the client's
	// origin. Its query is kept.
	Path string
	// Fields go into the query of a GET or DELETE and into the form of a POST or PUT; beside an Input always into the query.
	Fields []Field
	// Files are sent with the Fields, as multipart/form-data. Only an upload takes some: see [IsUpload].
	Files []File
	// Repeatable says that sending it twice does no harm, though it is no read: as an upload, by which nothing is made but a handle.
	Repeatable bool
	// Header is added to the request. What carries a session or frames the message is refused.
	Header http.Header
	// Input is sent as the body, as JSON unless Header says otherwise. What seeks (a file) can be sent again; anything else is
	// streamed, and once a byte of it was read the request is not repeated. The caller closes it, after Do has returned.
	Input io.Reader
}

// Field is one parameter of a request, in the order given and unescaped.
type Field struct{ Key, Value string }

// Response is Workfront's answer. The caller closes Body.
type Response struct {
	Status int
	Proto  string
	Header http.Header // without Content-Encoding and Content-Length where the body was decoded
	// Body is whole in memory for what the API says, up to 16 MiB. Beyond that, and for downloads, it is streamed,
	// and a connection that breaks is an error of Read that counts the bytes.
	Body io.ReadCloser
}

// UsageError is a request that was not sent, because it is wrong as it stands.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }

// errPiped tells why a request could not follow the renewal of its session.
var errPiped = errors.New("the session had ended and was renewed, but the body came from a pipe and cannot be sent twice: run the command again")

// Do sends r and gives Workfront's answer, renewing the session once and repeating what may be repeated.
//
// A [*Refusal] or [*Failure] comes together with the Response that holds its body; with every other error the Response is nil.
// A [*UsageError] means that nothing was sent, a [*MaybeDoneError] around any other that a change may have been made all the same.
// Errors of Credentials are handed on as they are.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	q, err := c.plan(r)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, q)
}

// send is Do for what is planned.
func (c *Client) send(ctx context.Context, q *call) (*Response, error) {
	session, err := c.Credentials.Header(ctx)
	if err != nil {
		return nil, err
	}
	renewed := false
	var t tries
	for sent := 1; ; sent++ {
		turn, err := q.gate.enter(ctx, q.rank)
		if err != nil {
			return nil, err
		}
		o := c.attempt(ctx, q, session, sent)
		q.gate.leave(turn, o.tooMany)
		if o.err == nil {
			if c.Accepted != nil && o.honoured {
				c.Accepted(session)
			}
			return o.resp, nil
		}
		if ctx.Err() != nil {
			o.drop()
			return nil, q.fate(o, context.Cause(ctx))
		}
		if o.gone && !renewed {
			o.drop()
			renewed = true
			if session, err = c.Credentials.Renew(ctx, session); err != nil {
				return nil, err
			}
			if !q.body.sendable() {
				return nil, errPiped
			}
			continue
		}
		if q.halves && o.burden == heavy {
			return o.resp, &heavyError{o.err}
		}
		wait, again := c.pause(ctx, q, &o, &t)
		if !again {
			return o.resp, q.fate(o, o.err)
		}
		o.drop()
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// fate is the last error of q, with what it leaves open.
func (q *call) fate(o outcome, err error) error {
	switch {
	case q.changes && o.unsure:
		return &MaybeDoneError{err}
	case q.halves && o.burden != light:
		return &heavyError{err}
	}
	return err
}
