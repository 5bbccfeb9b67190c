package workfront

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Deliveries takes the events that Workfront posts to a subscription's URL. Whoever knows the URL may post there, so what does not
// bear the token is refused.
type Deliveries struct {
	Token string // of the subscriptions; a secret
	// Take is given each event once, as one line of JSON, one at a time. Where it fails Workfront is told to come again.
	Take func(event []byte) error

	mu   sync.Mutex // guards what follows, and calls of Take
	seen map[[sha256.Size]byte]bool
	old  [][sha256.Size]byte // those of seen, in their order
}

const (
	maxDelivery = 4 << 20 // of a body; Workfront's are at most 1 MB
	remembered  = 10_000  // events by which doubles are known; they come within 48 hours
	maxCallers  = 256     // connections at a time
)

// Serve takes deliveries until the listener is closed. Its error is never nil.
func (d *Deliveries) Serve(l net.Listener) error {
	server := &http.Server{
		Handler: d, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	defer server.Close()
	return server.Serve(&crowded{Listener: l, places: make(chan struct{}, maxCallers), closed: make(chan struct{})})
}

// ServeHTTP answers 2xx once the event was taken, for what is lost here never comes again.
func (d *Deliveries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := r.Header.Get("Authorization")
	if word, rest, ok := strings.Cut(given, " "); ok && strings.EqualFold(word, "Bearer") {
		given = rest
	}
	want, got := sha256.Sum256([]byte(d.Token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	switch {
	case d.Token == "" || subtle.ConstantTimeCompare(want[:], got[:]) != 1:
		w.Header().Set("Connection", "close") // whoever it is, the place is wanted
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST is taken", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	event := jsontext.Value(body)
	if err != nil || event.Kind() != '{' || event.Compact(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	if err := d.once(event); err != nil {
		http.Error(w, "not taken", http.StatusServiceUnavailable)
	}
}

// once takes an event unless it was taken before.
func (d *Deliveries) once(event []byte) error {
	sum := identity(event)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen[sum] {
		return nil
	}
	if err := d.Take(event); err != nil {
		return err
	}
	if d.seen == nil {
		d.seen = map[[sha256.Size]byte]bool{}
	}
	d.seen[sum], d.old = true, append(d.old, sum)
	if len(d.old) > remembered {
		delete(d.seen, d.old[0])
		d.old = d.old[1:]
	}
	return nil
}

// identity is that of the subscription, the time and the states, by which two deliveries of one event are known. An event without
// them is known by all that it says.
func identity(event []byte) [sha256.Size]byte {
	var parts [4]jsontext.Value
	dec := jsontext.NewDecoder(bytes.NewBuffer(event), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, _ = dec.ReadToken() // it is an object, and whole
	for dec.PeekKind() == '"' {
		name, _ := dec.ReadToken()
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			break
		}
		for i, want := range [...]string{"subscriptionId", "eventTime", "newState", "oldState"} {
			if text == want {
				parts[i] = value.Clone()
			}
		}
	}
	if parts[0] == nil || parts[1] == nil {
		return sha256.Sum256(event)
	}
	var all []byte
	for _, p := range parts {
		_ = p.Canonicalize(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // else it stays as it came
		all = append(append(all, p...), 0)
	}
	return sha256.Sum256(all)
}

// crowded lets so many in at a time; the others wait in the system's queue.
type crowded struct {
	net.Listener
	places chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (c *crowded) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Listener.Close()
}

func (c *crowded) Accept() (net.Conn, error) {
	select {
	case c.places <- struct{}{}:
	case <-c.closed:
		return nil, net.ErrClosed
	}
	conn, err := c.Listener.Accept()
	if err != nil {
		<-c.places
		return nil, err
	}
	return &caller{Conn: conn, leave: sync.OnceFunc(func() { <-c.places })}, nil
}

type caller struct {
	net.Conn
	leave func()
}

func (c *caller) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
