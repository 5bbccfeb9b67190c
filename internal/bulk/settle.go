package bulk

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lookFor looks which rows of a batch of creates have been made. A row that certainly was not has no kind; one of which that cannot
// be told is uncertain. The error is one that ends the run; the outcomes hold all the same.
func (r *run) lookFor(ctx context.Context, number int32, rows []Row, since time.Time) ([]outcome, error) {
	outcomes := make([]outcome, len(rows))
	for i, row := range rows {
		outcomes[i] = outcome{row: row, kind: Uncertain}
	}
	var err error
	switch {
	case r.rules.Key != "":
		err = r.lookByKey(ctx, outcomes)
	case r.Own != nil:
		defer r.calm.hold()() // what is made now is made by others than this run
		err = r.lookAmongOwn(ctx, outcomes, since, time.Time{}, r.made.unknown, r.made.others(number))
		r.made.add(r.Now(), outcomes)
	}
	if err != nil && !ended(ctx, err) {
		err = nil // it cannot be told, and that is all
	}
	return outcomes, err
}

func (r *run) lookByKey(ctx context.Context, outcomes []outcome) error {
	rows := make([]Row, len(outcomes))
	for i, o := range outcomes {
		rows[i] = o.row
	}
	there, err := r.byKey(ctx, rows)
	if err != nil {
		return err
	}
	for i := range outcomes {
		o := &outcomes[i]
		switch objects := there[o.row.Key]; len(objects) {
		case 0:
			o.kind = ""
		case 1:
			o.kind, o.object = Created, &objects[0]
			o.ignored = r.ignored(o.row, objects[0])
		}
	}
	return nil
}

// lookAmongOwn pairs rows with what this user has entered, but for what is known to be another row's, and what could be one of these
// others. Only if nothing is left over is a row that has no object certainly not there: it could be a row that was changed on the way.
func (r *run) lookAmongOwn(ctx context.Context, outcomes []outcome, since, until time.Time, unknown func([]found) ([]found, error), others []Row) error {
	rows := make([]Row, len(outcomes))
	for i, o := range outcomes {
		rows[i] = o.row
	}
	values, err := r.Own(ctx, since, until, fieldsOf(rows))
	if err != nil {
		return err
	}
	objects, err := unknown(objectsOf(values))
	if err != nil {
		return err
	}
	all := &pairing{rows: others, objects: objects, same: r.Same}
	var ours []found
	for object := range objects {
		if !all.fitsAny(object) {
			ours = append(ours, objects[object])
		}
	}
	p := pair(rows, ours, r.Same)
	over := len(left(p.taken)) > 0 || len(ours) < len(objects)
	for i, object := range p.of {
		switch {
		case object != none:
			outcomes[i].kind, outcomes[i].object = Created, &ours[object]
		case !over:
			outcomes[i].kind = ""
		}
	}
	return nil
}

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

// byOwn says whether uncertain creates are looked for among one's own objects.
func (r *run) byOwn() bool { return r.rules.Verb == Create && r.rules.Key == "" && r.Own != nil }

// recall knows what an earlier run has created lately.
func (r *run) recall(context.Context) error {
	if !r.byOwn() {
		return nil
	}
	return r.Journal.each(func(l line) error {
		ids := make([]string, len(l.Done))
		for i, d := range l.Done {
			ids[i] = fold(d.ID)
		}
		r.made.keep(l.At, ids)
		return nil
	})
}

// settleOwn looks for the creates that earlier runs left uncertain, batch by batch.
func (r *run) settleOwn(ctx context.Context) error {
	if !r.byOwn() || r.Journal.Summary().Uncertain == 0 {
		return nil
	}
	gathered := map[int32][]outcome{}
	for row, err := range r.Sheet.All(ctx) {
		if err != nil {
			return err
		}
		number, a := r.Journal.state(row.Number)
		if number <= pending || a.verb != Create {
			continue
		}
		gathered[number] = append(gathered[number], outcome{row: row, kind: Uncertain})
		if len(gathered[number]) < a.left {
			continue
		}
		outcomes := gathered[number]
		delete(gathered, number)
		if a.ended.IsZero() {
			a.ended = a.at.Add(patience)
		}
		err := r.lookAmongOwn(ctx, outcomes, a.at, a.ended.Add(lately), r.Journal.unknown, nil)
		if err != nil && (ended(ctx, err) || errors.Is(err, ErrJournalDamaged)) {
			return err
		}
		for i := range outcomes {
			if outcomes[i].kind == "" {
				outcomes[i].kind = Uncertain // who knows what is still at work
			}
		}
		if err := r.conclude(number, outcomes, a.why); err != nil {
			return err
		}
		r.made.add(r.Now(), outcomes)
	}
	return nil
}

// unknown takes away the objects that are those of rows known to be done.
func (j *Journal) unknown(objects []found) ([]found, error) {
	candidates := map[string]bool{}
	for _, o := range objects {
		candidates[fold(o.id)] = true
	}
	ids := map[string]bool{}
	err := j.Done(func(_ int, id string) error {
		if id = fold(id); candidates[id] {
			ids[id] = true
		}
		return nil
	})
	return without(objects, ids), err
}

// settleKeys looks up by their keys the rows that are uncertain in the end. One that is not there counts as not made some time after it
// was sent, and is sent once more.
func (r *run) settleKeys(ctx context.Context) error {
	if r.Journal.Summary().Uncertain == 0 {
		return nil
	}
	return r.pass(ctx, func(ctx context.Context, give func(work) error) error {
		l := lanes{run: r, give: give, patient: true}
		for row, err := range r.Sheet.All(ctx) {
			if err != nil {
				return err
			}
			if state, _ := r.Journal.state(row.Number); state > pending {
				if err := l.take(ctx, row, true); err != nil {
					return err
				}
			}
		}
		return l.flush(ctx)
	})
}
