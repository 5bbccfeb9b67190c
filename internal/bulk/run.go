package bulk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Run sends what is pending. It returns what is known of all rows, with an error that ended it early: that of [NotSent], of
// Find, Event or the journal, or the cause of ctx. Rejected and uncertain rows are no error.
func Run(ctx context.Context, job Job) (Summary, error) {
	if err := job.check(); err != nil {
		return Summary{}, err
	}
	job.Concurrency = max(1, job.Concurrency)
	r := &run{Job: job, rules: job.Sheet.rules, kinds: map[Kind]int{}, calm: newCalm(job.Concurrency)}
	if r.Journal == nil {
		all, err := newStates(job.Sheet.Rows)
		if err != nil {
			return Summary{}, err
		}
		r.Journal = &Journal{states: all}
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Settle == 0 {
		r.Settle = usualSettle
	}
	r.started = r.Now()
	steps := []func(context.Context) error{r.recall, r.settleOwn, r.main}
	if r.rules.Key != "" {
		steps = append(steps, r.settleKeys)
	}
	var err error
	for _, step := range steps {
		if err = step(ctx); err != nil {
			break
		}
	}
	if listed := r.list(); err == nil {
		err = listed
	}
	sum := r.summary()
	sum.Kinds = r.kinds
	return sum, err
}

// usualSettle is the usual one.
const usualSettle = 30 * time.Second

// A run is a job at work.
type run struct {
	Job
	rules Rules

	started time.Time // by the server's clock
	calm    calm
	made    made

	mu       sync.Mutex // guards what follows, and calls of Event and Progress
	kinds    map[Kind]int
	requests int
	failed   error // ended the run
	deaf     bool  // Event does not want to hear more
}

// work is what one batch will do.
type work struct {
	verb  Verb
	rows  []Row
	retry bool // the rows were uncertain
}

// main sends the rows that are pending.
func (r *run) main(ctx context.Context) error {
	return r.pass(ctx, func(ctx context.Context, give func(work) error) error {
		l := lanes{run: r, give: give}
		for row, err := range r.Sheet.All(ctx) {
			if err != nil {
				return err
			}
			state, _ := r.Journal.state(row.Number)
			if state < pending || state > pending && (!r.RetryUncertain || r.rules.Key != "") {
				continue // those with a key are looked up in the end
			}
			if err := l.take(ctx, row, state > pending); err != nil {
				return err
			}
		}
		return l.flush(ctx)
	})
}

// pass has batches sent while feed makes them, so many at a time.
func (r *run) pass(ctx context.Context, feed func(ctx context.Context, give func(work) error) error) error {
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan work)
	var sending sync.WaitGroup
	for range r.Concurrency {
		sending.Go(func() {
			for w := range queue {
				if err := r.deliver(ctx, w); err != nil {
					r.fail(err)
					stop()
				}
			}
		})
	}
	err := feed(feeding, func(w work) error {
		select {
		case queue <- w:
			return nil
		case <-feeding.Done():
			return context.Cause(feeding)
		}
	})
	close(queue)
	sending.Wait()
	if failed := r.failure(); failed != nil {
		return failed // what stopped the feeding
	}
	return err
}

// fail ends the run; the first reason counts.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
}

func (r *run) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// An outcome is what became of a row.
type outcome struct {
	row     Row
	kind    Kind // "": nothing, it is pending again
	object  *found
	ignored []string
	why     string
}

// conclude records what became of the rows of a batch, and tells it. Number 0: no request was needed.
func (r *run) conclude(number int32, outcomes []outcome, why string) error {
	l := line{Batch: number, Why: why, At: r.Now().UTC()}
	var events []Event
	for _, o := range outcomes {
		e := Event{Row: o.row.Number, Kind: o.kind, ID: o.row.ID, Ignored: o.ignored, Why: o.why}
		if o.object != nil {
			e.ID, e.Object = o.object.id, o.object.object
		}
		switch o.kind {
		case "":
			l.Again.add(o.row.Number)
			continue
		case Uncertain: // it is, as long as no line says otherwise
			continue
		case Rejected:
			l.Rejected = append(l.Rejected, Rejection{o.row.Number, o.why, []byte(o.row.input())})
		default:
			l.Done = append(l.Done, doneRow{o.row.Number, e.ID})
		}
		events = append(events, e)
	}
	recorded := r.Journal.record(l)
	if err := errors.Join(recorded, r.tell(events)); err != nil {
		return err // what is known is told, even if it could not be kept
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Progress != nil {
		sum := r.Journal.Summary()
		sum.Requests = r.requests
		r.Progress(sum)
	}
	return nil
}

// tell passes events on.
func (r *run) tell(events []Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range events {
		r.kinds[e.Kind]++
		if r.Event == nil || r.deaf {
			continue
		}
		if err := r.Event(e); err != nil {
			r.deaf = true
			return err
		}
	}
	return nil
}

func (r *run) summary() Summary {
	sum := r.Journal.Summary()
	r.mu.Lock()
	defer r.mu.Unlock()
	sum.Requests = r.requests
	return sum
}

// list tells which rows are uncertain in the end, those of earlier runs included.
func (r *run) list() error {
	if r.Journal.Summary().Uncertain == 0 {
		return nil
	}
	for number := 1; number <= r.Sheet.Rows; number++ {
		state, a := r.Journal.state(number)
		if state <= pending {
			continue
		}
		if err := r.tell([]Event{{Row: number, Kind: Uncertain, Why: a.reason()}}); err != nil {
			return err
		}
	}
	return nil
}

// reason of an attempt of which nothing came back.
func (a attempt) reason() string {
	if a.why == "" {
		return "the run ended before the answer came"
	}
	return a.why
}

// wait waits until what was sent at a moment of the server's clock can be looked up.
func (r *run) wait(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(min(at.Sub(r.Now())+r.Settle, r.Settle)) // no longer, whatever the clocks say
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ended says whether a look or a request failed for a reason that ends the run.
func ended(ctx context.Context, err error) bool {
	_, ok := errors.AsType[*NotSent](err)
	return ok || ctx.Err() != nil
}

// halves of rows; the second is empty for one.
func halves(rows []Row) [][]Row {
	return slices.Collect(slices.Chunk(rows, max(1, (len(rows)+1)/2)))
}
