package cli

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// gates stand before a tenant and can make it wait before it takes a request up.
type gates struct {
	mu     sync.Mutex // guards what follows
	next   http.Handler
	closed []*gate
}

// before puts the gates before another tenant.
func (gs *gates) before(next http.Handler) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	gs.next = next
}

// A gate holds the requests to one path back until it is opened.
type gate struct {
	t       *testing.T
	prefix  string
	arrived chan struct{} // gets one for each request
	left    chan struct{} // gets one for each that went away while it was held
	opened  chan struct{}
	open    func()
}

// closeGate holds back the requests whose path begins with prefix; at the end of the test it opens by itself.
func (w *world) closeGate(prefix string) *gate {
	g := &gate{t: w.t, prefix: prefix, arrived: make(chan struct{}, 1000), left: make(chan struct{}, 1000), opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	w.t.Cleanup(g.open)
	w.gates.mu.Lock()
	defer w.gates.mu.Unlock()
	w.gates.closed = append(w.gates.closed, g)
	return g
}

// wait waits for a request to arrive.
func (g *gate) wait() {
	g.t.Helper()
	g.await(g.arrived, "arrives")
}

// forsaken waits until the one that sent a request has gone, so that it is never taken up.
func (g *gate) forsaken() {
	g.t.Helper()
	g.await(g.left, "goes away")
}

func (g *gate) await(event <-chan struct{}, what string) {
	g.t.Helper()
	select {
	case <-event:
	case <-time.After(patience):
		g.t.Fatalf("no request for %s %s", g.prefix, what)
	}
}

func (gs *gates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	gs.mu.Lock()
	next, closed := gs.next, gs.closed
	gs.mu.Unlock()
	for _, g := range closed {
		if !strings.HasPrefix(r.URL.Path, g.prefix) {
			continue
		}
		// Only once a body was read does the server see that its sender goes away.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.arrived <- struct{}{}
		select {
		case <-g.opened:
		case <-r.Context().Done():
			g.left <- struct{}{}
			return
		}
	}
	next.ServeHTTP(w, r)
}
