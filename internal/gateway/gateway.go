// Package gateway lets programs that cannot log in to Workfront use the session of one that has: it decides who may call and what
// may pass, answers whole lists, and keeps the session to itself. It knows neither Workfront's client nor its session nor a command
// line: what sends requests and reads lists is given to it.
package gateway

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"time"
)

// Config is what a gateway is made of.
type Config struct {
	Key     string // what callers have to know; see [ParseKey]
	Writing bool   // also what changes something may pass

	// Send sends a request with the session added, and gives the answer as it is to reach the caller but for what is taken out of
	// it. An [*Error] tells the caller's status and words.
	Send func(context.Context, *Request) (*http.Response, error)
	// List checks a list before anything is asked for. The errors of both it and its result are as those of Send.
	List func(List) (Rows, error)
	// Keep holds a file of a caller's until done, so that its length is known and it can be sent again.
	Keep func(io.Reader) (content io.ReaderAt, size int64, done func(), err error)
	// Secrets are what must not reach a caller, in every form in which a server may say it back.
	Secrets func() []string
	// Done, if set, is told of each request when it has ended.
	Done func(Exchange)
}

// Exchange is one request of a caller's, as a log shows it.
type Exchange struct {
	Method string
	Path   string // without the key and without parameters; empty where the key was not known
	Status int    // 0: none was sent
	Bytes  int64
	Took   time.Duration
	Why    string // of a refusal or a failure
}

// gateway is the handler of a loopback listener.
type gateway struct {
	Config
	key   [sha256.Size]byte
	hosts []string // what the listener may be called, as in a Host header
}

func newGateway(c Config, address string) *gateway {
	return &gateway{c, sha256.Sum256([]byte(c.Key)), hostsOf(address)}
}

// ServeHTTP answers one request: first it looks at who calls, and only then at what is asked for.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := newAnswer(w, r)
	defer a.end()
	err := error(errBroken) // where copying it panics
	if g.Done != nil {
		defer func() { g.Done(a.exchange(r.Method, err, g.Secrets())) }()
	}
	err = g.answer(a, r)
	if err != nil && r.Context().Err() != nil {
		err = errStopped
		if context.Cause(r.Context()) == context.Canceled { //nolint:errorlint // the very one: net/http's, and not a wrapped one of ours
			err = errGone
		}
	}
	switch {
	case err == nil:
	case a.begun: // only a connection that breaks tells that something is missing
		panic(http.ErrAbortHandler)
	default:
		a.refuse(err, g.Secrets())
	}
}

// What a request ends with that nobody wants any more, or that has no end.
var (
	errStopped = &Error{Status: http.StatusServiceUnavailable, Message: "wfauth proxy has been stopped"}
	errBroken  = &Error{Status: http.StatusBadGateway, Message: "the answer broke off"}
	errGone    = &Error{Status: http.StatusServiceUnavailable, Message: "the caller went away"}
)

func (g *gateway) answer(a *answer, r *http.Request) error {
	if err := g.stranger(r); err != nil {
		return err
	}
	path, ok := g.admit(r)
	if !ok {
		return errUnknown
	}
	a.path = path
	to, err := judge(r.RequestURI, path)
	if err != nil {
		return err
	}
	r.Body = a.patient(r.Body)
	request, done, err := g.read(r, to)
	if err != nil {
		return err
	}
	defer done()
	if to.list {
		return g.rows(a, r, to, request)
	}
	return g.pass(a, r, request)
}
