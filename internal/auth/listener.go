package auth

import (
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// listener waits on the loopback redirect for the one answer of this login. Anything may knock on a local port: other
// programs, pages in the same browser, a prefetcher. None of them can end the login, use it up, or learn from it.
type listener struct {
	redirect redirect
	expect   expectation
	host     string // for the page
	profile  string
	stranger func(why string) // called once for each reason

	server  *http.Server
	serving sync.WaitGroup // the accept loops
	pages   sync.WaitGroup // requests that wait for the verdict, or write it
	conns   connections
	answers chan callback // the first valid one

	mu      sync.Mutex
	taken   string        // the query of the answer that counts
	closed  bool          // no page is promised any more
	decided chan struct{} // closed when verdict is set
	verdict verdict
	told    map[string]bool
}

// The limits of the server: a callback is one short GET.
const (
	headerBytes = 16 << 10
	headerWait  = 5 * time.Second
	answerWait  = 5 * time.Second // for a page to reach the browser once the verdict is there
)

// open binds the redirect's port and begins to serve; the caller closes it.
func open(uris []string, expect expectation, host, profile string, stranger func(string)) (*listener, error) {
	r, listeners, err := listen(uris)
	if err != nil {
		return nil, err
	}
	l := newListener(r, expect, host, profile, stranger)
	l.start(listeners)
	return l, nil
}

func newListener(r redirect, expect expectation, host, profile string, stranger func(string)) *listener {
	l := &listener{
		redirect: r, expect: expect, host: host, profile: profile, stranger: stranger,
		answers: make(chan callback, 1), decided: make(chan struct{}), told: map[string]bool{},
	}
	l.server = &http.Server{
		Handler:           http.HandlerFunc(l.serve),
		ReadHeaderTimeout: headerWait,
		ReadTimeout:       headerWait,
		MaxHeaderBytes:    headerBytes,
		ConnState:         l.conns.changed,
		ErrorLog:          log.New(io.Discard, "", 0), // it would print what strangers sent
		// No WriteTimeout: the page waits for the exchange, and the handler sets its own deadline then.
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is a stranger's like any other
	}
	l.server.SetKeepAlivesEnabled(false)
	return l
}

func (l *listener) start(sockets []net.Listener) {
	for _, socket := range sockets {
		l.serving.Go(func() { _ = l.server.Serve(socket) }) // ends with close
	}
}

// serve refuses whatever is not the callback of this login, in the order of how little has to be believed.
func (l *listener) serve(w http.ResponseWriter, r *http.Request) {
	l.conns.done(r.RemoteAddr)
	status, why := l.check(r)
	if why != "" {
		l.refuse(w, status, why)
		return
	}
	answer, err := l.expect.read(r.URL.RawQuery)
	if err != nil {
		l.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if !l.take(r.URL.RawQuery, answer) {
		// The state was right, so this is no stranger; but a code is good once, and the first one is being used.
		l.refuse(w, http.StatusConflict, "this login has had its answer already")
		return
	}
	defer l.pages.Done()
	select {
	case <-l.decided:
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Now().Add(answerWait))
		l.verdict.page(w, l.host, l.profile)
		_ = control.Flush() // it is with the system when close goes on
	case <-r.Context().Done():
	}
}

// take makes the first valid answer the one that counts. The same address a second time (a reload, a double click) may
// wait for the same verdict: the caller then owes a pages.Done.
func (l *listener) take(query string, answer callback) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.taken != "" && l.taken != query {
		return false
	}
	if l.taken == "" {
		l.taken = query
		l.answers <- answer
	}
	l.pages.Add(1)
	return true
}

// check looks at everything but the query; an empty reason is none.
func (l *listener) check(r *http.Request) (status int, why string) {
	h := r.Header
	switch {
	case r.URL.IsAbs() && l.redirect.allows(r.Host):
		return http.StatusBadRequest, "it was made as to a proxy"
	case !l.redirect.allows(r.Host):
		return http.StatusMisdirectedRequest, "it was sent to another host name"
	case orRoot(r.URL.EscapedPath()) != l.redirect.path:
		return http.StatusNotFound, "it was for another path"
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "its method was not GET"
	case strings.Contains(h.Get("Sec-Purpose"), "prefetch") || strings.Contains(h.Get("Purpose"), "prefetch") || h.Get("X-Moz") == "prefetch":
		return http.StatusServiceUnavailable, "it was a browser's prefetch"
	case h.Get("Sec-Fetch-Mode") != "" && h.Get("Sec-Fetch-Mode") != "navigate",
		h.Get("Sec-Fetch-Dest") != "" && h.Get("Sec-Fetch-Dest") != "document":
		return http.StatusForbidden, "a page's script or frame made it"
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return http.StatusBadRequest, "it had a body"
	}
	return 0, ""
}

func (l *listener) refuse(w http.ResponseWriter, status int, why string) {
	l.mu.Lock()
	first := !l.told[why]
	l.told[why] = true
	l.mu.Unlock()
	if first && status != http.StatusNotFound { // a favicon is not worth a line
		l.stranger("a request to the redirect port was ignored: " + why)
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte("wfauth: this request does not belong to the login that is going on: " + http.StatusText(status) + "\n"))
}

// decide lets the waiting page be written; only the first verdict counts.
func (l *listener) decide(v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.decided:
	default:
		l.verdict = v
		close(l.decided)
	}
}

// close stops listening and gives pages that are being written a moment to arrive, also after Ctrl-C. Strangers get none.
func (l *listener) close() {
	l.decide(verdict{http.StatusGone, "failure", "The login was ended", "wfauth is no longer waiting for it. Nothing was stored."})
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.pages.Wait() // each has a write deadline
	_ = l.server.Close()
	l.serving.Wait()
}
