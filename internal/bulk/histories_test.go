package bulk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A world is a tenant with faults, a journal, and a run that is killed now and then: from one moment on nothing that it does
// counts, neither at the tenant nor in the journal.
type world struct {
	*testing.T
	*tenant
	path string

	mu       sync.Mutex
	rng      *rand.Rand
	faults   float64 // how likely a request meets one
	kills    float64
	dead     bool
	snapshot []byte
	die      context.CancelFunc
	known    map[int]bool // rows whose end was told
	killed   int
}

var errKilled = errors.New("killed")

func (w *world) chance(p float64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.Float64() < p
}

func (w *world) upTo(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n)
}

// alive may kill the run, and tells whether it lives.
func (w *world) alive() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead || w.rng.Float64() >= w.kills {
		return !w.dead
	}
	text, err := os.ReadFile(w.path)
	if err != nil {
		w.Error(err)
	}
	if torn := `{"batch":9999,"send":"create","rows":"1-99"}`; w.rng.IntN(2) == 0 {
		text = append(text, torn[:w.rng.IntN(len(torn))]...)
	}
	w.dead, w.snapshot = true, text
	w.killed++
	w.die()
	return false
}

// Send is that of a tenant at the other end of a bad line.
func (w *world) Send(ctx context.Context, b Batch) (Answer, error) {
	if !w.alive() {
		return Answer{}, errKilled
	}
	w.mu.Lock()
	for _, row := range b.Rows {
		if w.known[row.Number] {
			w.Errorf("row %d is done, and sent again", row.Number)
		}
	}
	w.mu.Unlock()
	time.Sleep(time.Duration(w.upTo(2000)) * time.Millisecond)
	fault := ""
	if w.chance(w.faults) {
		fault = []string{"lost", "cut", "late", "unsent", "half", "fewer"}[w.upTo(6)]
	}
	switch fault {
	case "lost":
		return Answer{}, errCut
	case "unsent":
		return Answer{}, &NotSent{errCut}
	case "late":
		time.AfterFunc(time.Duration(1+w.upTo(20_000))*time.Millisecond, func() { _, _ = w.send(ctx, b) })
		return Answer{}, errCut
	case "half": // a crash of the server
		half := b
		half.Rows = b.Rows[:len(b.Rows)/2]
		_, _ = w.send(ctx, half)
		return Answer{}, errCut
	}
	if !w.alive() && w.chance(0.5) {
		return Answer{}, errKilled // on the way there
	}
	answer, err := w.send(ctx, b)
	time.Sleep(time.Duration(w.upTo(500)) * time.Millisecond)
	switch {
	case !w.alive():
		return Answer{}, errKilled
	case fault == "cut":
		return Answer{}, errCut
	case fault == "fewer" && len(answer.Objects) > 0:
		at := w.upTo(len(answer.Objects))
		answer.Objects = slices.Delete(answer.Objects, at, at+1)
	}
	return answer, err
}

func (w *world) look(find func() ([]jsontext.Value, error)) ([]jsontext.Value, error) {
	if !w.alive() {
		return nil, errKilled
	}
	if w.chance(w.faults / 4) {
		return nil, errCut
	}
	return find()
}

func (w *world) run(s *Sheet, resume, retry bool) (sum Summary, err error) {
	ctx, die := context.WithCancel(context.Background())
	defer die()
	w.mu.Lock()
	w.dead, w.die = false, die
	w.mu.Unlock()
	j, err := OpenJournal(w.path, here, s, resume)
	if err != nil {
		w.Fatal(err)
	}
	defer j.Close()
	job := Job{Sheet: s, Journal: j, Concurrency: 1 + w.upTo(4), RetryUncertain: retry, Same: same, Send: w.Send}
	job.Find = func(ctx context.Context, field string, values, fields []string) ([]jsontext.Value, error) {
		return w.look(func() ([]jsontext.Value, error) { return w.find(ctx, field, values, fields) })
	}
	job.Own = func(ctx context.Context, since, until time.Time, fields []string) ([]jsontext.Value, error) {
		return w.look(func() ([]jsontext.Value, error) { return w.own(ctx, since, until, fields) })
	}
	job.Event = func(e Event) error {
		if !w.alive() {
			return errKilled
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.known[e.Row] && e.Kind != Uncertain {
			w.Errorf("row %d has two ends", e.Row)
		}
		if e.Kind != Uncertain && e.Kind != Rejected {
			w.known[e.Row] = true
		}
		return nil
	}
	return Run(ctx, job)
}

// end is what a run left: after a kill the journal as it was then.
func (w *world) end() {
	if w.dead {
		if err := os.WriteFile(w.path, w.snapshot, 0o600); err != nil {
			w.Fatal(err)
		}
	}
}

// states opens the journal as the next run will.
func (w *world) journal(s *Sheet, look func(*Journal)) {
	j, err := OpenJournal(w.path, here, s, true)
	if err != nil {
		w.Fatal(err)
	}
	defer j.Close()
	for row := range w.known {
		if state, _ := j.state(row); state != done {
			w.Errorf("row %d was told to be done, and is %d in the journal", row, state)
		}
	}
	look(j)
}

// report tells of a history that went wrong.
func (w *world) report(seed uint64) {
	if w.Failed() {
		text, _ := os.ReadFile(w.path)
		w.Logf("seed %d, the last journal:\n%s", seed, text)
	}
}

// histories is how many there are of each kind: where WFAUTH_TEST_FULL is set twice as many, for each is a run of its own.
func histories(few int) int {
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		return 2 * few
	}
	return few
}

// Whatever happens on the way, and whenever the run is killed: the journal and the tenant's books agree, nothing known is done
// twice, and nothing is lost.
func TestHistories(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		live func(*world)
	}{{"create", liveCreates}, {"create by key", liveKeyed(Create)}, {"upsert", liveKeyed(Upsert)}, {"update", liveUpdates}, {"delete", liveDeletes}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			killed := 0
			for seed := range uint64(histories(25)) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					rng := rand.New(rand.NewPCG(seed, 3))
					w := &world{T: t, tenant: newTenant(rng.IntN(2) == 0), path: filepath.Join(dir, "journal"), rng: rng, known: map[int]bool{}}
					w.faults, w.kills = rng.Float64()*0.5, rng.Float64()*0.02
					defer w.report(seed)
					kind.live(w)
					killed += w.killed
					time.Sleep(time.Minute) // what is late comes
				})
			}
			t.Logf("%d histories, %d kills", histories(25), killed)
		})
	}
}

// names are those of rows: some bad, some changed by the tenant, and with few different ones some are the same.
func (w *world) names() func(int) string {
	bad, different := w.upTo(20), 1+w.upTo(400)
	odd := w.upTo(3) == 0
	return func(i int) string {
		switch h := i * 7919 % 1000; {
		case h < bad:
			return fmt.Sprint("bad ", i)
		case odd && h < 2*bad:
			return fmt.Sprint("odd ", i)
		}
		return fmt.Sprint("row ", i%different)
	}
}

// live runs until nothing is pending any more.
func (w *world) live(s *Sheet, retry bool, check func(*Journal)) {
	for n := 0; ; n++ {
		if n == 30 {
			w.kills, w.faults = 0, 0 // it ends some day
		}
		sum, err := w.run(s, n > 0, retry)
		w.end()
		w.journal(s, check)
		if err == nil && !w.dead && sum.Pending() == 0 && (!retry || sum.Uncertain == 0) {
			return
		}
		if n > 100 {
			w.Fatalf("it does not end: %+v, %v", sum, err)
		}
	}
}

func liveCreates(w *world) {
	s := sheet(w, rowsOf(1+w.upTo(400), w.names()), Rules{Verb: Create})
	w.live(s, false, func(j *Journal) { checkBooks(w.T, "after a run", s, j, w.tenant) })
}

func liveKeyed(verb Verb) func(*world) {
	return func(w *world) {
		n := 1 + w.upTo(400)
		s := sheet(w, keyed(n, w.names()), Rules{Verb: verb, Key: "key"})
		for i := range n {
			if w.upTo(4) == 0 {
				w.add(map[string]jsontext.Value{"key": appendQuoted(nil, fmt.Sprint("K", i+1)), "name": jsontext.Value(`"old"`)})
			}
		}
		books := func(j *Journal) {
			w.tenant.mu.Lock()
			defer w.tenant.mu.Unlock()
			there := map[string][]*thing{}
			for _, o := range w.objects {
				key, _ := plain(o.fields["key"])
				there[key] = append(there[key], o)
			}
			for row := range s.All(w.Context()) {
				objects := there[row.Key]
				state, _ := j.state(row.Number)
				if len(objects) > 1 || state == done && len(objects) == 0 {
					w.Errorf("%s is %d, and %d objects have it", row.Key, state, len(objects))
				}
				if want := strings.ReplaceAll(row.text("name"), "odd ", "odd"); verb == Upsert && state == done && string(objects[0].fields["name"]) != `"`+want+`"` {
					w.Errorf("%s is done, and %s", row.Key, objects[0].json())
				}
			}
		}
		w.live(s, true, books)
	}
}

func liveUpdates(w *world) {
	s := sheet(w, w.updates(rowsOf(1+w.upTo(400), w.names())), Rules{Verb: Update})
	w.live(s, true, func(j *Journal) {
		w.tenant.mu.Lock()
		defer w.tenant.mu.Unlock()
		for row := range s.All(w.Context()) {
			o := w.objects[row.ID]
			state, _ := j.state(row.Number)
			taken := string(o.fields["name"]) == `"`+strings.ReplaceAll(row.text("name"), "odd ", "odd")+`"`
			if state == done && !taken || state == rejected && !strings.HasPrefix(row.text("name"), "bad") {
				w.Errorf("row %d is %d, and %s", row.Number, state, o.json())
			}
		}
	})
}

func liveDeletes(w *world) {
	text := []string{"ID"}
	var last string
	for i := range 1 + w.upTo(400) {
		o := w.add(nil)
		switch {
		case w.upTo(30) == 0:
			o.fields["name"] = jsontext.Value(`"bad"`)
		case last != "" && w.upTo(20) == 0:
			o.parent = last
		}
		last = o.id
		if i%50 == 49 {
			text = append(text, fmt.Sprintf("%032x", 1<<40+i)) // was never there
		}
		text = append(text, o.id)
	}
	s := sheet(w, strings.Join(text, "\n"), Rules{Verb: Delete})
	w.live(s, true, func(j *Journal) {
		w.tenant.mu.Lock()
		defer w.tenant.mu.Unlock()
		for row := range s.All(w.Context()) {
			o := w.objects[row.ID]
			state, _ := j.state(row.Number)
			if state == done && o != nil || state == rejected && (o == nil || o.fields["name"] == nil) {
				w.Errorf("row %d is %d, and the object is %v", row.Number, state, o)
			}
		}
	})
}
