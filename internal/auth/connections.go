package auth

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	maxPending = 64                     // connections that have not sent a whole request yet
	patience   = 100 * time.Millisecond // what each of them is given to send one, at least
)

// connections bounds those that have not sent a whole request: the oldest makes room for the newest, so that idle or
// slow ones, however many, cannot keep the browser out. A burst that is younger than patience has to queue instead, so
// that it cannot push the browser out either.
type connections struct {
	mu      sync.Mutex
	pending []pending // oldest first
}

type pending struct {
	net.Conn
	since time.Time
}

// changed is the server's ConnState hook; that of a new connection is called by the accept loop, which it may hold up.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		for !c.admit(conn) {
			time.Sleep(time.Millisecond)
		}
	case http.StateClosed, http.StateHijacked:
		c.done(conn.RemoteAddr().String())
	}
}

func (c *connections) admit(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) >= maxPending {
		if time.Since(c.pending[0].since) < patience {
			return false
		}
		c.pending[0].Close()
		c.pending = slices.Delete(c.pending, 0, 1)
	}
	c.pending = append(c.pending, pending{conn, time.Now()})
	return true
}

// done takes a connection out whose request has come whole, or that is gone.
func (c *connections) done(remote string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = slices.DeleteFunc(c.pending, func(p pending) bool { return p.RemoteAddr().String() == remote })
}
