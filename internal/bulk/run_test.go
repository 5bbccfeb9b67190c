package bulk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var here = Identity{Command: "task create", Tenant: "https://acme.example"}

func journal(t testing.TB, path string, s *Sheet, resume bool) *Journal {
	t.Helper()
	j, err := OpenJournal(path, here, s, resume)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j
}

// outcomes runs a job and shows each event as "row kind".
func outcomesOf(t testing.TB, job Job) (Summary, []string) {
	t.Helper()
	var got []string
	job.Event = func(e Event) error {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s", e.Row, e.Kind, e.Why)))
		return nil
	}
	sum, err := Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b string) int {
		var x, y int
		fmt.Sscan(a, &x)
		fmt.Sscan(b, &y)
		return x - y
	})
	return sum, got
}

func rowsOf(n int, name func(i int) string) string {
	var b strings.Builder
	b.WriteString("name\n")
	for i := 1; i <= n; i++ {
		b.WriteString(name(i) + "\n")
	}
	return b.String()
}

func numbered(i int) string { return fmt.Sprint("row ", i) }

// Both habits of a server, and every kind of bad row: what is good is done once, what is bad stands alone.
func TestBadRows(t *testing.T) {
	t.Parallel()
	bad := func(rows ...int) func(int) string {
		return func(i int) string {
			if slices.Contains(rows, i) {
				return fmt.Sprint("bad ", i)
			}
			return numbered(i)
		}
	}
	for _, c := range []struct {
		name     string
		rows     int
		text     func(int) string
		rejected []int
		requests [2]int // batch, alone
	}{
		{"none", 250, numbered, nil, [2]int{3, 3}},
		{"one", 100, bad(57), []int{57}, [2]int{13, 2}},
		{"first and last", 100, bad(1, 100), []int{1, 100}, [2]int{25, 3}},
		{"all", 10, bad(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, [2]int{19, 19}},
		{"one alone", 1, bad(1), []int{1}, [2]int{1, 1}},
		{"together only", 100, func(i int) string {
			if i == 3 || i == 90 {
				return "twin"
			}
			return numbered(i)
		}, []int{90}, [2]int{15, 2}},
	} {
		for i, habit := range []string{"batch", "alone"} {
			for _, verb := range []Verb{Create, Update} {
				t.Run(fmt.Sprint(c.name, "/", habit, "/", verb), func(t *testing.T) {
					t.Parallel()
					server := newTenant(habit == "alone")
					text := rowsOf(c.rows, c.text)
					if verb == Update {
						text = server.updates(text)
					}
					s := sheet(t, text, Rules{Verb: verb})
					path := filepath.Join(t.TempDir(), "journal")
					j := journal(t, path, s, false)
					sum, _ := outcomesOf(t, server.job(s, j))
					if sum.Done != c.rows-len(c.rejected) || sum.Rejected != len(c.rejected) || sum.Uncertain != 0 {
						t.Errorf("%+v", sum)
					}
					if verb == Create && sum.Requests != c.requests[i] {
						t.Errorf("%d requests, not %d", sum.Requests, c.requests[i])
					}
					for row := 1; row <= c.rows; row++ {
						state, _ := j.state(row)
						if (state == rejected) != slices.Contains(c.rejected, row) {
							t.Errorf("row %d is %d", row, state)
						}
						want := 1
						if state == rejected && c.text(row) != "twin" {
							want = 0
						}
						if n := server.with("name", c.text(row)); n != want {
							t.Errorf("row %d: %d objects have its name", row, n)
						}
					}
				})
			}
		}
	}
}

// updates makes updates of objects of rows of names.
func (s *tenant) updates(text string) string {
	var b strings.Builder
	b.WriteString("ID,name\n")
	for line := range strings.Lines(strings.TrimPrefix(text, "name\n")) {
		fmt.Fprintf(&b, "%s,%s", s.add(nil).id, line)
	}
	return b.String()
}

func TestAtomicRefusal(t *testing.T) {
	t.Parallel()
	server := newTenant(true)
	s := sheet(t, rowsOf(250, func(i int) string {
		if i == 120 {
			return "bad"
		}
		return numbered(i)
	}), Rules{Verb: Create})
	job := server.job(s, nil)
	job.Atomic = true
	ids := 0
	job.Event = func(e Event) error {
		if e.ID != "" {
			ids++
		}
		return nil
	}
	sum, err := Run(t.Context(), job)
	if err != nil || sum.Done != 150 || sum.Rejected != 100 || sum.Requests != 3 || len(server.objects) != 150 || ids != 0 {
		t.Errorf("%+v, %v, %d objects, %d IDs", sum, err, len(server.objects), ids)
	}
}

// A delete takes the children along; what is not there any more is done.
func TestDeleteTakesChildren(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{false, true} {
		for _, find := range []bool{false, true} {
			server := newTenant(alone)
			parent := server.add(nil)
			child := server.add(nil)
			child.parent = parent.id
			kept := server.add(map[string]jsontext.Value{"name": jsontext.Value(`"bad"`)})
			other := server.add(nil)
			s := sheet(t, strings.Join([]string{"ID,name", parent.id + ",x", child.id + ",", kept.id + ",y", strings.ToUpper(other.id) + ",", idA + ","}, "\n"), Rules{Verb: Delete})
			other.id = strings.ToUpper(other.id)
			server.objects[other.id] = other
			job := server.job(s, nil)
			if !find {
				job.Find = nil
			}
			sum, got := outcomesOf(t, job)
			if sum.Done != 4 || sum.Rejected != 1 || !slices.Contains(got, "3 rejected You do not have sufficient access to delete this") || !slices.Contains(got, "5 gone") || !alone && !slices.Contains(got, "2 gone") {
				t.Errorf("alone %v: %+v %v", alone, sum, got)
			}
			if server.objects[kept.id] == nil || server.objects[child.id] != nil || server.objects[other.id] != nil {
				t.Errorf("alone %v: the wrong objects are left", alone)
			}
		}
	}
}

// What Workfront changed on the way is not taken for a row that was not made, and sent again.
func TestAlteredRowIsNotDoubled(t *testing.T) {
	t.Parallel()
	server := newTenant(true)
	s := sheet(t, "name\nplain\nodd one\nbad\n", Rules{Verb: Create})
	sum, got := outcomesOf(t, server.job(s, nil))
	if sum.Done != 1 || sum.Uncertain != 2 || len(server.objects) != 2 || len(server.requests) != 1 {
		t.Errorf("%+v %v, %d objects", sum, got, len(server.objects))
	}
	server = newTenant(true)
	job := server.job(s, nil)
	job.Own = nil
	if sum, got := outcomesOf(t, job); sum.Uncertain != 3 || len(server.requests) != 1 {
		t.Errorf("nobody can look: %+v %v", sum, got)
	}
}

func TestIgnoredFieldsAreNamed(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, "name,text\na,odd 1\nb,odd 2\nc,plain\n", Rules{Verb: Create})
	job := server.job(s, nil)
	ignored := map[int][]string{}
	job.Event = func(e Event) error {
		ignored[e.Row] = e.Ignored
		if e.Kind != Created || e.ID == "" || !strings.Contains(string(e.Object), fmt.Sprintf(`"name":"%c"`, 'a'+e.Row-1)) {
			t.Errorf("row %d is %s", e.Row, e.Object)
		}
		return nil
	}
	if _, err := Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int][]string{1: {"text"}, 2: {"text"}, 3: nil}, ignored); diff != "" {
		t.Error(diff)
	}
}

// Only what an answer says is done.
func TestAnswersThatDoNotSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		verb   Verb
		answer func([]jsontext.Value) (Answer, error)
		done   int
	}{
		{"one is missing", Create, func(all []jsontext.Value) (Answer, error) { return Answer{Objects: all[1:]}, nil }, 4},
		{"one is missing", Update, func(all []jsontext.Value) (Answer, error) { return Answer{Objects: all[1:]}, nil }, 4},
		{"one stands twice", Create, func(all []jsontext.Value) (Answer, error) { return Answer{Objects: append(all[1:], all[1])}, nil }, 4},
		{"of others", Update, func([]jsontext.Value) (Answer, error) {
			return Answer{Objects: []jsontext.Value{jsontext.Value(`{"ID":"` + idA + `"}`), jsontext.Value(`[]`), jsontext.Value(`{}`)}}, nil
		}, 0},
		{"nothing", Update, func([]jsontext.Value) (Answer, error) { return Answer{}, nil }, 0},
		{"nothing", Delete, func([]jsontext.Value) (Answer, error) { return Answer{}, nil }, 5},
		{"all", Create, func([]jsontext.Value) (Answer, error) { return Answer{All: true}, nil }, 5},
		{"cut", Update, func([]jsontext.Value) (Answer, error) { return Answer{}, errCut }, 0},
		{"cut", Delete, func([]jsontext.Value) (Answer, error) { return Answer{}, errCut }, 0},
	} {
		t.Run(fmt.Sprint(c.name, "/", c.verb), func(t *testing.T) {
			t.Parallel()
			server := newTenant(false)
			text := rowsOf(5, numbered)
			if c.verb != Create {
				text = server.updates(text)
			}
			job := server.job(sheet(t, text, Rules{Verb: c.verb}), nil)
			job.Own = nil
			job.Send = func(ctx context.Context, b Batch) (Answer, error) {
				a, err := server.send(ctx, b)
				if err != nil {
					t.Error(err)
				}
				return c.answer(a.Objects)
			}
			sum, got := outcomesOf(t, job)
			if sum.Done != c.done || sum.Uncertain != 5-c.done || sum.Requests != 1 || len(got) != 5 {
				t.Errorf("%+v %v", sum, got)
			}
		})
	}
}

// What certainly did nothing ends the run, says nothing of its rows and is sent by the next one.
func TestNotSentEndsTheRun(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(1000, numbered), Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	job := server.job(s, j)
	gone := errors.New("the session is gone")
	job.Send = func(ctx context.Context, b Batch) (Answer, error) {
		if len(server.requests) == 3 {
			return Answer{}, &NotSent{gone}
		}
		return server.send(ctx, b)
	}
	sum, err := Run(t.Context(), job)
	if !errors.Is(err, gone) || sum.Done != 300 || sum.Pending() != 700 || sum.Rejected+sum.Uncertain != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	j.Close()
	j = journal(t, path, s, true)
	if sum, _ := outcomesOf(t, server.job(s, j)); !sum.Whole() || len(server.objects) != 1000 || sum.Requests != 7 {
		t.Errorf("%+v, %d objects", sum, len(server.objects))
	}
	if err := j.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// An uncertain batch does not end the run, and is not sent again without being asked for.
func TestUncertain(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	text := server.updates(rowsOf(300, numbered))
	s := sheet(t, text, Rules{Verb: Update})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	job := server.job(s, j)
	job.Send = func(ctx context.Context, b Batch) (Answer, error) {
		if b.Rows[0].Number == 101 {
			return Answer{}, errCut
		}
		return server.send(ctx, b)
	}
	sum, got := outcomesOf(t, job)
	if sum.Done != 200 || sum.Uncertain != 100 || got[150] != "151 uncertain the connection broke" {
		t.Errorf("%+v %v", sum, got[150])
	}
	j.Close()
	j = journal(t, path, s, true)
	sum, got = outcomesOf(t, server.job(s, j))
	if sum.Uncertain != 100 || sum.Requests != 0 || len(got) != 100 || got[0] != "101 uncertain the connection broke" {
		t.Errorf("resumed: %+v %v", sum, got)
	}
	job = server.job(s, j)
	job.RetryUncertain = true
	job.Send = func(context.Context, Batch) (Answer, error) { return Answer{}, &NotSent{errCut} }
	if sum, err := Run(t.Context(), job); err == nil || sum.Uncertain != 100 {
		t.Errorf("a retry that never left says something of its rows: %+v, %v", sum, err)
	}
	j.Close()
	j = journal(t, path, s, true)
	job = server.job(s, j)
	job.RetryUncertain = true
	if sum, _ := outcomesOf(t, job); !sum.Whole() || sum.Requests != 1 {
		t.Errorf("retried: %+v", sum)
	}
}

// Ctrl-C leaves what is in flight uncertain and everything else as it was.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(1000, numbered), Rules{Verb: Create})
	j := journal(t, filepath.Join(t.TempDir(), "journal"), s, false)
	ctx, cancel := context.WithCancelCause(t.Context())
	job := server.job(s, j)
	job.Concurrency = 3
	why := errors.New("interrupted")
	job.Send = func(ctx context.Context, b Batch) (Answer, error) {
		if b.Rows[0].Number < 401 {
			return server.send(ctx, b)
		}
		cancel(why)
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	sum, err := Run(ctx, job)
	if !errors.Is(err, why) || sum.Done != len(server.objects) || sum.Uncertain == 0 || sum.Uncertain > 300 || sum.Pending() < 300 {
		t.Errorf("%+v, %v, %d objects", sum, err, len(server.objects))
	}
}

// An output that cannot be written ends the run.
func TestDeafEnds(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(1000, numbered), Rules{Verb: Create})
	job := server.job(s, nil)
	broken := errors.New("broken pipe")
	job.Event = func(Event) error { return broken }
	if sum, err := Run(t.Context(), job); !errors.Is(err, broken) || sum.Done != 100 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// At so much latency the run takes as long as its requests, so many at a time.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			server := newTenant(false)
			s := sheet(t, server.updates(rowsOf(10_000, numbered)), Rules{Verb: Update})
			job := server.job(s, nil)
			job.Concurrency = concurrency
			job.Send = func(ctx context.Context, b Batch) (Answer, error) {
				time.Sleep(100 * time.Millisecond)
				return server.send(ctx, b)
			}
			start := time.Now()
			sum, err := Run(t.Context(), job)
			want := 100 * 100 * time.Millisecond / time.Duration(concurrency)
			if took := time.Since(start); err != nil || sum.Requests != 100 || took != want {
				t.Errorf("%d at a time: %v, %+v, %v", concurrency, took, sum, err)
			}
		})
	}
}

func TestUpdateOfNothing(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	a := server.add(nil)
	s := sheet(t, "ID,name\n"+a.id+",\n", Rules{Verb: Update})
	if sum, got := outcomesOf(t, server.job(s, nil)); sum.Requests != 0 || got[0] != "1 unchanged" {
		t.Errorf("%+v %v", sum, got)
	}
}

// Heavy rows make smaller batches.
func TestWeight(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(10, func(int) string { return strings.Repeat("x", 1<<20) }), Rules{Verb: Create})
	if sum, _ := outcomesOf(t, server.job(s, nil)); sum.Requests != 4 {
		t.Errorf("%+v", sum)
	}
}
