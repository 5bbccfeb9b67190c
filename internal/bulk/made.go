package bulk

import (
	"sync"
	"time"
)

// calm is when no create of this run is in flight.
type calm struct {
	turn   chan struct{} // one who wants it, at a time
	flight chan struct{} // a place for each create
}

func newCalm(concurrency int) calm {
	return calm{make(chan struct{}, 1), make(chan struct{}, concurrency)}
}

func (c calm) enter() { c.flight <- struct{}{} }
func (c calm) leave() { <-c.flight }

// hold waits until nothing is in flight, and keeps it so until release is called.
func (c calm) hold() (release func()) {
	c.turn <- struct{}{}
	for range cap(c.flight) {
		c.enter()
	}
	return func() {
		for range cap(c.flight) {
			c.leave()
		}
		<-c.turn
	}
}

// made are the IDs of what was created lately: an object of one row must not be taken for another's.
type made struct {
	mu      sync.Mutex
	batches []madeBatch
	flights map[int32]flight // batches of which nothing is known yet
}

type flight struct {
	at time.Time // when it was about to be sent
	work
}

type madeBatch struct {
	at  time.Time // not before its objects were entered
	ids []string
}

// lately is how long they are kept beyond the oldest batch in flight: longer than a request, and than Now is early.
const lately = 5 * time.Minute

// patience is how long a request may have waited before it left, where a kill left no word of it. What was entered later is not found
// and stays uncertain.
const patience = 10 * time.Minute

func (m *made) begin(number int32, f flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flights == nil {
		m.flights = map[int32]flight{}
	}
	m.flights[number] = f
}

func (m *made) end(number int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.flights, number)
}

func (m *made) add(at time.Time, outcomes []outcome) {
	var ids []string
	for _, o := range outcomes {
		if o.kind == Created && o.object != nil {
			ids = append(ids, fold(o.object.id))
		}
	}
	m.keep(at, ids)
}

func (m *made) keep(at time.Time, ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	oldest := at
	for _, f := range m.flights {
		if f.at.Before(oldest) {
			oldest = f.at
		}
	}
	for len(m.batches) > 0 && m.batches[0].at.Before(oldest.Add(-lately)) {
		m.batches = m.batches[1:]
	}
	if len(ids) > 0 {
		m.batches = append(m.batches, madeBatch{at, ids})
	}
}

// others are the creates of other batches that came back and of which nothing is known yet: they are looked for next.
func (m *made) others(number int32) (rows []Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for other, f := range m.flights {
		if other != number && f.verb == Create {
			rows = append(rows, f.rows...)
		}
	}
	return rows
}

// unknown takes away the objects that are known.
func (m *made) unknown(objects []found) ([]found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := map[string]bool{}
	for _, b := range m.batches {
		for _, id := range b.ids {
			ids[id] = true
		}
	}
	return without(objects, ids), nil
}

func without(objects []found, ids map[string]bool) (rest []found) {
	for _, o := range objects {
		if !ids[fold(o.id)] {
			rest = append(rest, o)
		}
	}
	return rest
}
