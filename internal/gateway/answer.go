package gateway

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// maxStall is how long a caller may take nothing of its answer: so long it holds what others wait for.
	maxStall = 5 * time.Minute
	// lastWords is what is left for an answer that has been begun or refused, once the gateway is told to stop.
	lastWords = 100 * time.Millisecond
	// maxSilence is how long the body of a request may bring nothing.
	maxSilence = time.Minute
	// maxUnread bounds the waiting for the rest of a request that is refused.
	maxUnread = 10 * time.Second
)

// answer is what a caller is sent. It knows whether that has begun.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	since   time.Time
	path    string // without the key; empty: that was not known
	begun   bool
	status  int
	bytes   int64
	end     func() bool // no more is sent

	mu     sync.Mutex // guards what follows
	ending bool       // its deadline is set, and stays
}

func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	a := &answer{ResponseWriter: w, control: http.NewResponseController(w), since: time.Now()}
	a.end = context.AfterFunc(r.Context(), func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.ending = true
		_ = a.control.SetWriteDeadline(time.Now().Add(lastWords)) // a connection has one
		_ = a.control.SetReadDeadline(time.Now().Add(lastWords))
	})
	h := w.Header()
	// What Workfront stores may be a page with a script in it. In a browser it would run at this address, with the key before its eyes.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the key
	return a
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	a.begun, a.status = true, status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	a.mu.Lock()
	if !a.ending {
		_ = a.control.SetWriteDeadline(time.Now().Add(maxStall))
	}
	a.mu.Unlock()
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// patient reads the body of a request, while something comes.
func (a *answer) patient(body io.ReadCloser) io.ReadCloser { return patientBody{body, a} }

type patientBody struct {
	io.ReadCloser
	a *answer
}

func (b patientBody) Read(p []byte) (int, error) {
	b.a.silence(time.Now().Add(maxSilence))
	defer b.a.silence(time.Time{}) // the server reads on, to see whether the caller goes away
	return b.ReadCloser.Read(p)
}

// silence bounds reading.
func (a *answer) silence(until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ending {
		_ = a.control.SetReadDeadline(until)
	}
}

// refuse tells why there is no answer.
func (a *answer) refuse(err error, secrets []string) {
	e := asError(err)
	a.silence(time.Now().Add(maxUnread))
	h := a.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if name := e.header[0]; name != "" {
		h.Set(name, e.header[1])
	}
	status, body := e.statusAndBody()
	a.WriteHeader(status)
	_, _ = a.Write(hide(body, secrets)) // who has gone needs no answer
}

// exchange is how it ended.
func (a *answer) exchange(method string, err error, secrets []string) Exchange {
	e := Exchange{Method: method, Path: a.path, Status: a.status, Bytes: a.bytes, Took: time.Since(a.since)}
	if err != nil {
		e.Why = string(hide([]byte(asError(err).Message), secrets))
	}
	return e
}
