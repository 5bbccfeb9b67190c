package bulk

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func keyed(n int, name func(i int) string) string {
	var b strings.Builder
	b.WriteString("key,name\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "K%d,%s\n", i, name(i))
	}
	return b.String()
}

// A second upsert sends nothing; one that differs in a field sends that field.
func TestUpsert(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	text := keyed(1000, numbered)
	s := sheet(t, text, Rules{Verb: Upsert, Key: "key"})
	job := server.job(s, nil)
	job.Concurrency = 4
	if sum, got := outcomesOf(t, job); !sum.Whole() || sum.Requests != 10 || got[0] != "1 created" || server.finds != 5 {
		t.Fatalf("first: %+v, %d lookups", sum, server.finds)
	}
	if sum, got := outcomesOf(t, job); !sum.Whole() || sum.Requests != 0 || got[999] != "1000 unchanged" {
		t.Fatalf("second: %+v", sum)
	}
	server.requests = nil
	text = strings.Replace(text, "K7,row 7\n", "K7,seven\n", 1) + "K0,new\n"
	job.Sheet = sheet(t, text, Rules{Verb: Upsert, Key: "key"})
	sum, got := outcomesOf(t, job)
	if !sum.Whole() || sum.Requests != 2 || got[6] != "7 updated" || got[1000] != "1001 created" || len(server.objects) != 1001 {
		t.Errorf("third: %+v", sum)
	}
	for _, b := range server.requests {
		if b.Verb == Update && (len(b.Rows) != 1 || string(b.Updates()) != `[{"ID":"`+b.Rows[0].ID+`","name":"seven"}]`) {
			t.Errorf("sent %s", b.Updates())
		}
	}
}

// Keys are what they are to the letter, whatever the server takes for equal; one that stands twice there is nobody's.
func TestKeys(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	add := func(key, name string) *thing {
		return server.add(map[string]jsontext.Value{"key": appendQuoted(nil, key), "name": appendQuoted(nil, name)})
	}
	add("a", "lower")
	first, second := add("B", "x"), add("B", "y")
	there := add("C", "there")
	s := sheet(t, "key,name\nA,upper\nB,z\nC,other\n", Rules{Verb: Create, Key: "key"})
	sum, got := outcomesOf(t, server.job(s, nil))
	want := []string{"1 created", "2 rejected 2 objects have key B: " + first.id + " " + second.id, "3 there"}
	if got[1] == strings.Replace(want[1], first.id+" "+second.id, second.id+" "+first.id, 1) {
		got[1] = want[1]
	}
	if diff := cmp.Diff(want, got); diff != "" || sum.Requests != 1 || string(there.fields["name"]) != `"there"` {
		t.Errorf("%+v %s", sum, diff)
	}
}

// What was sent and not answered is looked up in the end, and not before it could be there.
func TestKeySettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newTenant(false)
		s := sheet(t, keyed(400, numbered), Rules{Verb: Create, Key: "key"})
		job := server.job(s, nil)
		job.Send = func(ctx context.Context, b Batch) (Answer, error) {
			switch b.Rows[0].Number {
			case 101: // done at once, and cut
				_, _ = server.send(ctx, b)
				return Answer{}, errCut
			case 201: // done later
				if server.with("key", "K201") == 0 && len(server.requests) < 10 {
					time.AfterFunc(25*time.Second, func() { _, _ = server.send(context.Background(), b) })
					return Answer{}, errCut
				}
			case 301: // never done
				if len(server.requests) == 2 {
					return Answer{}, errCut
				}
			}
			return server.send(ctx, b)
		}
		start := time.Now()
		sum, _ := outcomesOf(t, job)
		if !sum.Whole() || len(server.objects) != 400 || time.Since(start) != 30*time.Second {
			t.Errorf("%+v, %d objects, after %v", sum, len(server.objects), time.Since(start))
		}
		time.Sleep(time.Minute)
	})
}

// Creates without a key that were cut are found among one's own; what is not found is not sent again.
func TestOwnSettles(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(300, func(i int) string { return fmt.Sprint("same ", i%100) }), Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	job := server.job(s, j)
	job.Send = func(ctx context.Context, b Batch) (Answer, error) {
		switch b.Rows[0].Number {
		case 101: // done but for the last ten, and cut
			b.Rows = b.Rows[:90]
			_, _ = server.send(ctx, b)
			return Answer{}, errCut
		}
		return server.send(ctx, b)
	}
	sum, got := outcomesOf(t, job)
	if sum.Done != 290 || sum.Uncertain != 10 || len(server.objects) != 290 || got[190] != "191 uncertain the connection broke" {
		t.Errorf("%+v, %d objects", sum, len(server.objects))
	}
	for i := 190; i < 195; i++ { // they come late
		server.add(map[string]jsontext.Value{"name": appendQuoted(nil, fmt.Sprint("same ", (i+1)%100))})
	}
	j.Close()
	j = journal(t, path, s, true)
	if sum, _ := outcomesOf(t, server.job(s, j)); sum.Done != 295 || sum.Uncertain != 5 || sum.Requests != 0 {
		t.Errorf("resumed: %+v", sum)
	}
}

// Two batches with the same rows come back at once, one refused and done in part, the other cut and done late: what is one's is not taken for
// the other's, which would then be made twice.
func TestLooksTakeNothingFromEachOther(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			server := newTenant(true)
			s := sheet(t, rowsOf(200, func(i int) string {
				if i == 150 {
					return "bad"
				}
				return fmt.Sprint("same ", i%100)
			}), Rules{Verb: Create})
			job := server.job(s, nil)
			job.Journal = &Journal{}
			job.Journal.states, _ = newStates(200)
			job.Concurrency = 2
			job.Send = func(ctx context.Context, b Batch) (Answer, error) {
				if b.Rows[0].Number == 1 {
					time.Sleep(time.Second)
					time.AfterFunc(5*time.Second, func() { _, _ = server.send(ctx, b) })
					return Answer{}, errCut
				}
				answer, err := server.send(ctx, b)
				time.Sleep(time.Second)
				return answer, err
			}
			if _, err := Run(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			checkBooks(t, "in the end", s, job.Journal, server)
		})
	}
}
