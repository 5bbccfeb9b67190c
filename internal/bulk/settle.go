package bulk

import (
	"context"
	"errors"
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
