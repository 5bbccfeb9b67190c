package emulator

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// subscription is one to the events of an object type, and what became of its deliveries.
type subscription struct {
	ID              string        `json:"id"`
	DateCreated     string        `json:"date_created"`
	DateModified    string        `json:"date_modified"`
	Version         string        `json:"version"`
	VersionUpdated  *string       `json:"dateVersionUpdated"`
	CustomerID      string        `json:"customerId"`
	ObjID           *string       `json:"objId"`
	ObjCode         string        `json:"objCode"`
	URL             string        `json:"url"`
	EventType       string        `json:"eventType"`
	AuthToken       string        `json:"authToken"`
	Filters         []eventFilter `json:"filters,omitempty"`
	FilterConnector string        `json:"filterConnector,omitempty"`
	State           urlState      `json:"subscription_url"`

	queue    []delivery
	running  bool // somebody is working the queue off
	failures int  // in a row
}

// urlState is what the tenant thinks of the address that it delivers to.
type urlState struct {
	URL         string  `json:"url"`
	DateCreated string  `json:"date_created"`
	Successes   int     `json:"successes"`
	Failures    int     `json:"failures"`
	DisabledAt  *string `json:"disabled_at"`
	FrozenAt    *string `json:"frozen_at"`
}

// events are the subscriptions of a tenant, and the deliveries that are on their way.
type events struct {
	now   func() time.Time
	retry time.Duration

	mu     sync.Mutex // guards what follows
	all    []*subscription
	timers map[*time.Timer]bool
	closed bool
}

func newEvents(opts Options) *events {
	e := &events{now: opts.Now, retry: opts.EventRetry, timers: make(map[*time.Timer]bool)}
	if e.retry == 0 {
		e.retry = 84800 * time.Millisecond
	}
	return e
}

// close ends all deliveries but the few that have been sent.
func (e *events) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for timer := range e.timers {
		timer.Stop()
	}
	for _, s := range e.all {
		s.queue = nil
	}
}

// stamp is a time as subscriptions have it, in no zone.
func (e *events) stamp() string { return e.now().UTC().Format("2006-01-02T15:04:05.000000") }

// add keeps a new subscription.
func (e *events) add(s subscription, customerID string) subscription {
	s.ID, s.CustomerID, s.Version = newUUID(), customerID, "v2"
	s.DateCreated = e.stamp()
	s.DateModified = s.DateCreated
	s.State = urlState{URL: s.URL, DateCreated: s.DateCreated}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, &s)
	return s.shown()
}

// list are all subscriptions as they may be shown.
func (e *events) list() []subscription {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]subscription, len(e.all))
	for i, s := range e.all {
		list[i] = s.shown()
	}
	return list
}

// change changes one subscription, if there is one.
func (e *events) change(id string, change func(*subscription)) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.all, func(s *subscription) bool { return s.ID == id })
	if i >= 0 {
		change(e.all[i])
	}
	return i >= 0
}

func (e *events) remove(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := len(e.all)
	e.all = slices.DeleteFunc(e.all, func(s *subscription) bool {
		if s.ID == id {
			s.queue = nil
		}
		return s.ID == id
	})
	return len(e.all) < before
}

// shown is a copy without what nobody is told: all of the token but its end.
func (s *subscription) shown() subscription {
	shown := *s
	shown.AuthToken = mask(s.AuthToken)
	shown.queue = nil
	return shown
}

func mask(token string) string {
	if len(token) <= 8 {
		return strings.Repeat("*", len(token))
	}
	return "****" + token[len(token)-4:]
}

// wants says whether anybody is to be told of changes of such objects.
func (e *events) wants(objCode string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.all, func(s *subscription) bool { return s.ObjCode == objCode && s.State.DisabledAt == nil })
}

// happened queues what subscribers are to be told. The store waits meanwhile.
func (e *events) happened(changes []objectstore.Change) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	at := e.now()
	for _, c := range changes {
		for _, s := range e.all {
			if s.ObjCode != c.ObjCode || s.EventType != string(c.Type) || s.ObjID != nil && *s.ObjID != c.ID || s.State.DisabledAt != nil {
				continue
			}
			if !s.passes(c) {
				continue
			}
			body, _ := json.Marshal(message{
				EventType: s.EventType, SubscriptionID: s.ID, EventTime: eventTime{at.Nanosecond(), at.Unix()}, NewState: c.New, OldState: c.Old,
			}) // strings, numbers and JSON always marshal
			e.enqueue(s, delivery{body: body})
		}
	}
}

// message is what is delivered.
type message struct {
	EventType      string          `json:"eventType"`
	SubscriptionID string          `json:"subscriptionId"`
	EventTime      eventTime       `json:"eventTime"`
	NewState       json.RawMessage `json:"newState"`
	OldState       json.RawMessage `json:"oldState"`
}

type eventTime struct {
	Nano        int   `json:"nano"`
	EpochSecond int64 `json:"epochSecond"`
}

// newUUID returns a random UUID, version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
