package auth

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// listener waits on the redirect for the one answer of this login. Anything may knock on a local port: other programs, other
// users, pages in the same browser, a prefetcher. None of them can end the login, use it up, or learn from it.
type listener struct {
	listenerOptions
	redirect redirect
	opening  opening

	sockets []net.Listener
	servers []*http.Server
	serving sync.WaitGroup // the accept loops
	pages   sync.WaitGroup // requests that wait for the verdict, or write it
	conns   connections
	answers chan callback // the first valid one
	held    chan struct{} // closed when nobody is let in any more

	mu      sync.Mutex
	taken   string        // the query of the answer that counts
	closed  bool          // no page is promised any more
	decided chan struct{} // closed when verdict is set
	verdict verdict
	told    map[string]bool
}

// listenerOptions are what a login knows before there is a listener.
type listenerOptions struct {
	expect        expectation
	host, profile string           // for the page
	certificate   *tls.Certificate // for an https redirect on this machine; nil for one that is made for it
	opens         bool             // a browser is opened, by an address of its own
	notice        func(string)     // called once for each reason
	owner         func(client, server netip.AddrPort) (own, told bool)
}

// The limits of the server: a callback is one short GET.
const (
	headerBytes = 16 << 10
	headerWait  = 5 * time.Second
	answerWait  = 5 * time.Second // for a page to reach the browser once the verdict is there
)

// open binds the first redirect whose port is free and begins to serve; the caller closes it.
func open(uris []string, o listenerOptions) (*listener, error) {
	r, sockets, err := listen(uris)
	if err != nil {
		return nil, err
	}
	l := newListener(r, o)
	if r.scheme == "https" && !r.remote {
		if sockets, err = l.secure(sockets); err != nil {
			return nil, err
		}
	}
	var other []net.Listener
	if o.opens {
		other = l.addOpening()
	}
	l.start(sockets, l.serve)
	l.start(other, l.serveOther)
	return l, nil
}

func newListener(r redirect, o listenerOptions) *listener {
	return &listener{
		listenerOptions: o, redirect: r, answers: make(chan callback, 1), held: make(chan struct{}), decided: make(chan struct{}),
		told: map[string]bool{},
	}
}

// secure has the sockets speak TLS.
func (l *listener) secure(sockets []net.Listener) ([]net.Listener, error) {
	certificate := l.certificate
	if certificate == nil {
		var err error
		if certificate, err = ownCertificate(l.redirect.host, time.Now()); err != nil {
			for _, s := range sockets {
				s.Close()
			}
			return nil, err
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}}
	for i := range sockets {
		sockets[i] = secureSocket{tls.NewListener(sockets[i], config), sockets[i]}
	}
	return sockets, nil
}

// secureSocket keeps the deadline of the socket below within reach.
type secureSocket struct {
	net.Listener
	below net.Listener
}

func (s secureSocket) SetDeadline(t time.Time) error {
	if timed, ok := s.below.(interface{ SetDeadline(time.Time) error }); ok {
		return timed.SetDeadline(t)
	}
	return errors.ErrUnsupported
}

// addOpening gives the browser's launcher an address: on the redirect's own port, or where that speaks TLS or is on another
// machine, on a free one, whose socket is returned. Without any the launcher gets none.
func (l *listener) addOpening() []net.Listener {
	l.opening = opening{at: l.redirect, key: randomText()}
	if l.redirect.scheme == "http" {
		return nil
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.opening = opening{}
		return nil
	}
	_, port, _ := net.SplitHostPort(socket.Addr().String())
	l.opening.at = redirect{scheme: "http", host: "127.0.0.1", port: port}
	return []net.Listener{socket}
}

// start serves sockets by a handler.
func (l *listener) start(sockets []net.Listener, handler http.HandlerFunc) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerWait,
		ReadTimeout:       headerWait,
		MaxHeaderBytes:    headerBytes,
		ConnState:         l.conns.changed,
		ErrorLog:          log.New(io.Discard, "", 0), // it would print what strangers sent
		// No WriteTimeout: the page waits for the exchange, and the handler sets its own deadline then.
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is a stranger's like any other
	}
	server.SetKeepAlivesEnabled(false)
	l.servers = append(l.servers, server)
	l.sockets = append(l.sockets, sockets...)
	for _, socket := range sockets {
		l.serving.Go(func() { _ = server.Serve(&turnstile{Listener: socket, held: l.held, freed: l.decided}) }) // ends with close
	}
}

// serve refuses whatever is not the callback of this login, in the order of how little has to be believed.
func (l *listener) serve(w http.ResponseWriter, r *http.Request) {
	if l.opening.at == l.redirect && l.opening.is(r.URL.EscapedPath()) {
		l.serveOpening(w, r)
		return
	}
	status, why := l.check(r, l.redirect, l.redirect.path)
	if why != "" {
		l.refuse(w, status, why)
		return
	}
	answer, err := l.expect.read(r.URL.RawQuery)
	if err != nil {
		l.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if !l.take(r, answer) {
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

// serveOther serves a port that has nothing but the launcher's address.
func (l *listener) serveOther(w http.ResponseWriter, r *http.Request) {
	if l.opening.is(r.URL.EscapedPath()) {
		l.serveOpening(w, r)
		return
	}
	status, why := l.check(r, l.opening.at, "")
	l.refuse(w, status, why)
}

// take makes the first valid answer the one that counts. The same address a second time (a reload, a double click) may
// wait for the same verdict: the caller then owes a pages.Done.
func (l *listener) take(r *http.Request, answer callback) bool {
	query := r.URL.RawQuery
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.taken != "" && l.taken != query {
		return false
	}
	kept := l.conns.keep(r.RemoteAddr)
	if l.taken == "" {
		l.taken = query
		l.answers <- answer
		l.hold()
	} else if !kept {
		return false
	}
	l.pages.Add(1)
	return true
}

// hold lets nobody in any more until the verdict, and sends the others away: those who have just come after a moment, for the
// browser may be among them, with the same address once more.
func (l *listener) hold() {
	select {
	case <-l.held:
		return
	default:
	}
	close(l.held)
	now := time.Now()
	l.conns.cutOthers(now.Add(-patience))
	time.AfterFunc(patience, func() { l.conns.cutOthers(now) })
}

// answered is hold for an answer that did not come by the browser.
func (l *listener) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold()
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

// dismiss has those answered who came between the answer and the verdict, unless they say nothing.
func (l *listener) dismiss() {
	for _, socket := range l.sockets { // a loop that waits for the next connection waits no longer
		timed, ok := socket.(interface{ SetDeadline(time.Time) error })
		if !ok || timed.SetDeadline(time.Now().Add(drainWait)) != nil {
			return
		}
	}
	l.serving.Wait()
	for until := time.Now().Add(2 * drainWait); l.conns.waiting() > 0 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}

// close stops listening and gives pages that are being written a moment to arrive, also after Ctrl-C. Strangers get none.
func (l *listener) close() {
	l.decide(verdict{http.StatusGone, "failure", "The login was ended", "wfauth is no longer waiting for it. Nothing was stored."})
	select {
	case <-l.held:
		l.dismiss()
	default:
	}
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.pages.Wait() // each has a write deadline
	for _, server := range l.servers {
		_ = server.Close()
	}
	l.serving.Wait()
}
