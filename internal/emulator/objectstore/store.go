// Package objectstore is what a Workfront tenant holds: its objects by type, how they are found, counted and changed,
// and what is refused in whose words. It knows nothing of HTTP, sessions or who may ask.
package objectstore

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options decide what a store is filled with.
type Options struct {
	Seed     uint64 // decides identifiers, data and the order of unsorted answers
	Projects int    // how many projects
	Tasks    int    // how many tasks in all; 0 means about eight a project
	MaxRows  int    // of an answer, however many are asked for; 0 means as many
	Alone    bool   // a bad row of a bulk request spoils no other, not the whole request
}

// Store holds all objects of a tenant. Its methods are safe for concurrent use.
type Store struct {
	opts       Options
	contents   contents
	customerID string

	unsorted atomic.Uint64 // how many answers were given in no promised order

	mu     sync.RWMutex      // guards what follows, and the tables' contents
	tables map[string]*table // by code
	list   []*table          // in the order of the schema
	wants  func(objCode string) bool
	told   func([]Change)
}

// Each use of the seed draws from a stream of its own, so that more of one does not change another.
const (
	streamData   = 0
	streamOrder  = 3
	streamAround = 5
)

// New returns a store with its data in place. Equal options give equal stores.
func New(opts Options) *Store { return seed(opts) }

func newStore(opts Options) *Store {
	s := &Store{opts: opts, tables: make(map[string]*table), contents: contents{byName: make(map[string]*content)}}
	for _, c := range schema() {
		t := newTable(c)
		s.tables[c.code], s.list = t, append(s.list, t)
	}
	for _, t := range s.list {
		for _, code := range t.class.parts {
			t.parts = append(t.parts, s.tables[code])
		}
	}
	return s
}

// CustomerID returns the ID of the customer whose tenant this is.
func (s *Store) CustomerID() string { return s.customerID }

// Person is a user as those need to know who sign in.
type Person struct{ ID, Name, Username string }

// People returns the first n users. The first is an administrator.
func (s *Store) People(n int) []Person {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables["USER"]
	people := make([]Person, n)
	for row := range people {
		people[row] = Person{
			ID:       t.ids[row].String(),
			Name:     t.get(t.class.field("name"), int32(row)).text,
			Username: t.get(t.class.field("username"), int32(row)).text,
		}
	}
	return people
}

// Verb is what can be asked of an object type.
type Verb int

// The verbs. The first group reads, the second changes.
const (
	Describe Verb = iota
	Get
	Search
	Count
	Report
	Query

	Create
	Edit
	Act
	Delete
)

// Request is what is asked of the store.
type Request struct {
	Verb   Verb
	Object string // a type's code or name, in any case; "" with Describe is all of them
	ID     string // of the one object that is meant; "" leaves it to the parameters
	Name   string // of a named query or an action
	Params Params

	UserID  string    // who asks
	Now     time.Time // when
	Version int       // of the API; money is text since 20
	Model   string    // what refusals call that version
	URL     string    // what addresses in metadata begin with
}

// query is a request that is being answered.
type query struct {
	Request
	store *Store
	txn   *txn // of a request that changes something
}

// Answer appends the answer to a request to dst. What is refused is a *Refusal, and then nothing has changed.
func (s *Store) Answer(dst []byte, r Request) ([]byte, error) {
	var err error
	if r.Params, err = r.Params.withListOptions(); err != nil {
		return nil, err
	}
	q := &query{Request: r, store: s}
	if r.Object == "" && r.Verb == Describe {
		return q.describeAll(dst)
	}
	t := s.table(r.Object)
	if t == nil {
		return nil, unknownObject(r.Object)
	}
	if err := q.allowed(t); err != nil {
		return nil, err
	}
	if r.Verb < Create {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return q.look(dst, t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.txn = s.begin(r)
	dst, err = q.alter(dst, t)
	q.txn.keep() // also if some was refused: what was done of the rest stands
	return dst, err
}

// Atomic does all of the requests, which one person makes at one time, or none of them.
func (s *Store) Atomic(requests []Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	txn := s.begin(requests[0])
	defer txn.keep()
	for _, r := range requests {
		q := &query{Request: r, store: s, txn: txn}
		if err := q.step(); err != nil {
			txn.back(mark{})
			return err
		}
	}
	return nil
}

func (q *query) step() (err error) {
	if q.Params, err = q.Params.withListOptions(); err != nil {
		return err
	}
	t := q.store.table(q.Object)
	if t == nil {
		return unknownObject(q.Object)
	}
	if err := q.allowed(t); err != nil {
		return err
	}
	if q.Verb < Create {
		_, err = q.look(nil, t)
		return err
	}
	_, err = q.alter(nil, t)
	return err
}

// allowed refuses what cannot be asked of an object type.
func (q *query) allowed(t *table) error {
	operations := [...]string{Search: "search", Count: "count", Report: "report", Get: "get", Create: "add", Edit: "edit", Delete: "delete"}
	if int(q.Verb) >= len(operations) || operations[q.Verb] == "" || t.class.allows(operations[q.Verb]) {
		return nil
	}
	return unsupported("unable to find method for service endpoint type: %s", strings.ToUpper(operations[q.Verb]))
}

func (q *query) look(dst []byte, t *table) ([]byte, error) {
	switch q.Verb {
	case Describe:
		return q.describe(dst, t.class)
	case Search:
		return q.search(dst, t)
	case Count:
		return q.countRows(dst, t)
	case Report:
		return q.report(dst, t)
	case Query:
		return q.query(dst, t)
	}
	return q.get(dst, t)
}

func (q *query) alter(dst []byte, t *table) ([]byte, error) {
	switch q.Verb {
	case Create:
		return q.create(dst, t)
	case Edit:
		return q.edit(dst, t)
	case Act:
		return q.act(dst, t)
	}
	return q.remove(dst, t)
}

// Known returns the refusal that an object type of that name gets from a version of the API, nil if there is one.
func (s *Store) Known(name, model string) error {
	switch code := strings.ToUpper(name); {
	case s.table(name) != nil:
		return nil
	case code == "NONWKD" || code == "TPRED":
		return invalid("%s is not a top level object and can't be requested directly in %s", code, strings.ToLower(model))
	}
	return unknownObject(name)
}

// table finds an object type by its code or its long name, in any case. Issues go by a third name.
func (s *Store) table(name string) *table {
	if t, ok := s.tables[strings.ToUpper(name)]; ok {
		return t
	}
	for _, t := range s.tables {
		if strings.EqualFold(name, t.class.name) || t.class.alias != "" && strings.EqualFold(name, t.class.alias) {
			return t
		}
	}
	return nil
}
