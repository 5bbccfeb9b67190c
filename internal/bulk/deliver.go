package bulk

import (
	"context"
	"errors"
	"time"
)

// deliver sends a batch and finds out what became of its rows; what was refused goes in halves. Its error ends the run.
func (r *run) deliver(ctx context.Context, w work) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.failure() != nil {
		return nil // it ends already
	}
	again, err := r.request(ctx, w)
	if err != nil || len(again) == 0 {
		return err
	}
	for _, half := range halves(again) {
		if err := r.deliver(ctx, work{verb: w.verb, rows: half}); err != nil {
			return err
		}
	}
	return nil
}

// request sends a batch once. It returns the rows that are to be sent again: certainly not done, or harmless to repeat.
func (r *run) request(ctx context.Context, w work) (again []Row, err error) {
	if w.verb == Create {
		r.calm.enter()
	}
	at := r.Now()
	number, err := r.Journal.send(w.verb, spansOf(w.rows), at, w.retry)
	r.made.begin(number, flight{at, w})
	defer r.made.end(number)
	var answer Answer
	var failed error
	if err == nil {
		answer, failed = r.send(ctx, w)
	}
	var outcomes []outcome
	if err == nil && failed == nil {
		outcomes = r.answered(w, answer)
		err = r.conclude(number, outcomes, missing(outcomes))
		r.made.add(r.Now(), outcomes)
	}
	if w.verb == Create {
		r.calm.leave()
	}
	if err != nil || failed == nil {
		return nil, err
	}
	if notSent, ok := errors.AsType[*NotSent](failed); ok {
		if err := r.unsent(number, w, failed); err != nil {
			return nil, errors.Join(notSent, err)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, notSent
	}
	if refused, ok := errors.AsType[*Refused](failed); ok {
		return r.refused(ctx, number, at, w, refused)
	}
	return nil, r.unknown(ctx, number, at, w, failed)
}

func (r *run) send(ctx context.Context, w work) (Answer, error) {
	if ctx.Err() != nil {
		return Answer{}, &NotSent{context.Cause(ctx)}
	}
	r.mu.Lock()
	r.requests++
	r.mu.Unlock()
	return r.Send(ctx, Batch{Verb: w.verb, Rows: w.rows, Atomic: r.Atomic})
}

// unsent records that a batch has done nothing: its rows are what they were.
func (r *run) unsent(number int32, w work, failed error) error {
	l := line{Batch: number, Unsent: true, Why: failed.Error()}
	if !w.retry {
		l.Again = spansOf(w.rows)
	}
	return r.Journal.record(l)
}

// answered matches the rows of a batch that was done to what came back.
func (r *run) answered(w work, answer Answer) []outcome {
	kind := map[Verb]Kind{Create: Created, Update: Updated, Delete: Deleted}[w.verb]
	objects := objectsOf(answer.Objects)
	of := make([]*found, len(w.rows))
	all := answer.All || r.Atomic || w.verb == Delete
	switch w.verb {
	case Update:
		byID := map[string]*found{}
		for i := range objects {
			byID[fold(objects[i].id)] = &objects[i]
		}
		for i, row := range w.rows {
			of[i] = byID[fold(row.ID)]
		}
	case Create:
		p := pair(w.rows, objects, r.Same)
		if len(objects) == len(w.rows) {
			all = true
			p.guess()
		}
		for i, object := range p.of {
			if object != none {
				of[i] = &objects[object]
			}
		}
	}
	outcomes := make([]outcome, len(w.rows))
	for i, row := range w.rows {
		outcomes[i] = outcome{row: row, kind: kind, object: of[i]}
		if of[i] == nil && !all {
			outcomes[i].kind = Uncertain
		}
		if of[i] != nil {
			outcomes[i].ignored = r.ignored(row, *of[i])
		}
	}
	return outcomes
}

// ignored are the fields of which an object says another value than was written.
func (r *run) ignored(row Row, object found) (names []string) {
	for _, f := range row.Fields {
		if got := member(object.fields, f.Name); got != nil && !r.Same(f.Value, got) {
			names = append(names, f.Name)
		}
	}
	return names
}

// missing says why some rows of an answer are uncertain.
func missing(outcomes []outcome) string {
	for _, o := range outcomes {
		if o.kind == Uncertain {
			return "the answer does not name this row"
		}
	}
	return ""
}

// refused decides about the rows of a batch that Workfront refused.
func (r *run) refused(ctx context.Context, number int32, at time.Time, w work, refused *Refused) (again []Row, err error) {
	outcomes := make([]outcome, len(w.rows))
	for i, row := range w.rows {
		outcomes[i].row = row
	}
	why := ""
	switch {
	case len(w.rows) == 1 && w.verb == Delete && refused.NotFound:
		outcomes[0].kind = Gone
	case len(w.rows) == 1 || r.Atomic:
		for i := range outcomes {
			outcomes[i].kind, outcomes[i].why = Rejected, refused.Message
		}
	case w.verb == Delete && refused.NotFound && r.Find != nil:
		r.stillThere(ctx, outcomes)
	case w.verb == Create:
		why = refused.Message + "; which of the rows were created all the same cannot be told"
		outcomes, err = r.lookFor(ctx, number, w.rows, at)
	}
	for _, o := range outcomes {
		if o.kind == "" {
			again = append(again, o.row)
		}
	}
	if recorded := r.conclude(number, outcomes, why); recorded != nil {
		return nil, recorded
	}
	return again, err
}

// stillThere finds out which objects a refused delete has left. A look that fails costs requests and nothing else.
func (r *run) stillThere(ctx context.Context, outcomes []outcome) {
	ids := make([]string, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.row.ID
	}
	objects, err := r.Find(ctx, "ID", ids, nil)
	if err != nil {
		return
	}
	there := map[string]bool{}
	for _, o := range objectsOf(objects) {
		there[fold(o.id)] = true
	}
	for i := range outcomes {
		if !there[fold(ids[i])] {
			outcomes[i].kind = Gone
		}
	}
}

// unknown records a batch of which nothing is known. Creates without a key are looked for at once; those with one at the end.
func (r *run) unknown(ctx context.Context, number int32, at time.Time, w work, failed error) error {
	var outcomes []outcome
	var err error
	if w.verb == Create && r.rules.Key == "" && ctx.Err() == nil {
		outcomes, err = r.lookFor(ctx, number, w.rows, at)
		for i := range outcomes {
			if outcomes[i].kind == "" {
				outcomes[i].kind = Uncertain // it may be made yet
			}
		}
	}
	if recorded := r.conclude(number, outcomes, failed.Error()); recorded != nil {
		return recorded
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
