package cli

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// connections are those to a tenant on which something is still to come, or to be answered.
type connections struct {
	mu     sync.Mutex
	atWork map[net.Conn]struct{} // guarded by mu
}

// changed is the server's ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		if c.atWork == nil {
			c.atWork = map[net.Conn]struct{}{}
		}
		c.atWork[conn] = struct{}{}
		return
	}
	delete(c.atWork, conn) // idle, closed, or another's
}

func (c *connections) all() (all []net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.atWork {
		all = append(all, conn)
	}
	return all
}

// settle waits until the tenant has taken up whatever was sent to it: the request of a process that has died can lie in its
// connection for longer than the next process needs for its own.
func (w *world) settle() {
	w.t.Helper()
	// Connections are accepted in the order in which they were made.
	last, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer last.Close()
	var before []net.Conn
	eventually(w.t.Context(), w.t, "the tenant accepts a connection", func() bool {
		before = before[:0]
		accepted := false
		for _, conn := range w.connections.all() {
			if conn.RemoteAddr().String() == last.LocalAddr().String() {
				accepted = true
				continue
			}
			before = append(before, conn)
		}
		return accepted
	})
	eventually(w.t.Context(), w.t, "the tenant answers all that it has accepted", func() bool {
		now := w.connections.all()
		return !slices.ContainsFunc(before, func(conn net.Conn) bool { return slices.Contains(now, conn) })
	})
}
