package auth

import (
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	maxOpen  = 64                     // connections at a time, whatever they have sent
	maxKept  = 8                      // of them, such as wait for the page
	patience = 100 * time.Millisecond // what each of them is given to send a request, at least
)

// connections bounds those that are open: the oldest makes room for the newest, so that idle or slow ones, however many,
// can neither keep the browser out nor use up the descriptors that storing the session needs. A burst that is younger than
// patience has to queue instead, so that it cannot push the browser out either.
type connections struct {
	mu   sync.Mutex
	open []connection // oldest first
}

type connection struct {
	net.Conn
	since time.Time
	kept  bool // it has brought the answer, and waits for the page
}

// changed is the server's ConnState hook; that of a new connection is called by the accept loop, which it may hold up.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		for !c.admit(conn) {
			time.Sleep(time.Millisecond)
		}
	case http.StateClosed, http.StateHijacked:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open = slices.DeleteFunc(c.open, func(o connection) bool { return o.Conn == conn })
	}
}

func (c *connections) admit(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= maxOpen {
		oldest := slices.IndexFunc(c.open, func(o connection) bool { return !o.kept })
		if time.Since(c.open[oldest].since) < patience {
			return false
		}
		cut(c.open[oldest].Conn)
		c.open = slices.Delete(c.open, oldest, oldest+1)
	}
	c.open = append(c.open, connection{Conn: conn, since: time.Now()})
	return true
}

// keep has the connection of a request outlast the others; false says that it is gone, or that too many wait already.
func (c *connections) keep(remote string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, at := 0, -1
	for i, o := range c.open {
		if o.kept {
			kept++
		}
		if o.RemoteAddr().String() == remote {
			at = i
		}
	}
	if at < 0 || kept >= maxKept {
		return false
	}
	c.open[at].kept = true
	return true
}

// cutOthers closes those that were there at a moment, but for such as are kept. Each has had patience.
func (c *connections) cutOthers(moment time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = slices.DeleteFunc(c.open, func(o connection) bool {
		if o.kept || o.since.After(moment) {
			return false
		}
		cut(o.Conn)
		return true
	})
}

// waiting counts those that have not brought the answer.
func (c *connections) waiting() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.open {
		if !o.kept {
			n++
		}
	}
	return n
}

// cut closes a connection without the farewell of TLS, which could wait.
func cut(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	_ = conn.Close()
}
