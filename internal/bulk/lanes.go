package bulk

import (
	"context"
	"fmt"
	"time"
)

// lanes gather rows into batches: what is to be created, what is to be updated, and apart from these what was uncertain, for a
// batch of those that never leaves says nothing new of them.
type lanes struct {
	run     *run
	give    func(work) error
	patient bool // wait until what was sent can be looked up

	group    []Row // to be looked up together
	weight   int
	attempts map[int]attempt // of those of the group that were uncertain

	open    []*lane
	nothing []outcome // rows that need no request
}

type lane struct {
	work
	weight int
}

// lookups are how many keys are looked up at a time.
const lookups = 200

// take takes a row that is to be sent.
func (l *lanes) take(ctx context.Context, row Row, retry bool) error {
	switch {
	case l.run.rules.Key != "":
		state, a := l.run.Journal.state(row.Number)
		if state > pending {
			if l.attempts == nil {
				l.attempts = map[int]attempt{}
			}
			l.attempts[row.Number] = a
		}
		l.group = append(l.group, row)
		if l.weight += row.size; len(l.group) == lookups || l.weight > maxWeight {
			return l.look(ctx)
		}
		return nil
	case l.run.rules.Verb == Update && len(row.Fields) == 0:
		return l.none(outcome{row: row, kind: Unchanged})
	}
	return l.add(l.run.rules.Verb, row, retry)
}

// none takes a row that needs no request.
func (l *lanes) none(o outcome) error {
	l.nothing = append(l.nothing, o)
	if len(l.nothing) < maxRows {
		return nil
	}
	return l.conclude()
}

func (l *lanes) conclude() error {
	if len(l.nothing) == 0 {
		return nil
	}
	all := l.nothing
	l.nothing = nil
	return l.run.conclude(0, all, "")
}

// add gives a batch away when it is full.
func (l *lanes) add(verb Verb, row Row, retry bool) error {
	var at *lane
	for _, o := range l.open {
		if o.verb == verb && o.retry == retry {
			at = o
		}
	}
	if at == nil {
		at = &lane{work: work{verb: verb, retry: retry}}
		l.open = append(l.open, at)
	}
	if len(at.rows) > 0 && at.weight+row.size > maxWeight {
		if err := l.send(at); err != nil {
			return err
		}
	}
	at.rows = append(at.rows, row)
	if at.weight += row.size; len(at.rows) < maxRows {
		return nil
	}
	return l.send(at)
}

func (l *lanes) send(at *lane) error {
	full := at.work
	at.rows, at.weight = nil, 0
	return l.give(full)
}

// flush gives away what has gathered.
func (l *lanes) flush(ctx context.Context) error {
	if err := l.look(ctx); err != nil {
		return err
	}
	if err := l.conclude(); err != nil {
		return err
	}
	for _, at := range l.open {
		if len(at.rows) > 0 {
			if err := l.send(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// look looks a group up by its keys, and sends each row where it belongs.
func (l *lanes) look(ctx context.Context) error {
	group, attempts := l.group, l.attempts
	l.group, l.weight, l.attempts = nil, 0, nil
	if len(group) == 0 {
		return nil
	}
	if l.patient {
		if err := l.run.wait(ctx, l.latest(attempts)); err != nil {
			return err
		}
	}
	there, err := l.run.byKey(ctx, group)
	if err != nil {
		return err
	}
	for _, row := range group {
		a, retry := attempts[row.Number]
		if err := l.judge(row, there[row.Key], a, retry); err != nil {
			return err
		}
	}
	return nil
}

// latest is when the last of these can have been sent: a request may have waited before it left, and was then given up or killed.
func (l *lanes) latest(attempts map[int]attempt) (at time.Time) {
	for _, a := range attempts {
		if a.ended.IsZero() {
			a.ended = l.run.started
		}
		if a.ended.After(at) {
			at = a.ended
		}
	}
	return at
}

// judge decides what is to be done about a row whose key these objects have.
func (l *lanes) judge(row Row, there []found, a attempt, retry bool) error {
	key := l.run.rules.Key
	switch len(there) {
	case 0:
		return l.add(Create, row, retry)
	case 1:
	default:
		return l.none(outcome{row: row, kind: Rejected, why: twiceThere(key, row.Key, there)})
	}
	object := &there[0]
	kind := There
	switch {
	case retry && a.verb == Create:
		kind = Created
	case retry && a.verb == Update:
		kind = Updated
	case l.run.rules.Verb == Upsert:
		kind = Unchanged
	}
	if l.run.rules.Verb == Upsert {
		var differs []Field
		for _, f := range row.Fields {
			if f.Name != key && !l.run.Same(f.Value, member(object.fields, f.Name)) {
				differs = append(differs, f)
			}
		}
		if len(differs) > 0 {
			row.ID, row.whole, row.Fields = object.id, row.Fields, differs
			return l.add(Update, row, retry)
		}
	}
	return l.none(outcome{row: row, kind: kind, object: object})
}

func twiceThere(key, value string, there []found) string {
	text := fmt.Sprintf("%d objects have %s %s:", len(there), key, value)
	for i, o := range there {
		if i == 5 {
			return text + " …"
		}
		text += " " + o.id
	}
	return text
}

// byKey finds the objects that have the keys of rows, by their exact text.
func (r *run) byKey(ctx context.Context, rows []Row) (map[string][]found, error) {
	values := make([]string, len(rows))
	for i, row := range rows {
		values[i] = row.Key
	}
	objects, err := r.Find(ctx, r.rules.Key, values, fieldsOf(rows))
	if err != nil {
		return nil, err
	}
	there := map[string][]found{}
	for _, o := range objectsOf(objects) {
		if text, ok := plain(member(o.fields, r.rules.Key)); ok {
			there[text] = append(there[text], o)
		}
	}
	return there, nil
}
