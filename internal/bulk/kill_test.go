package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// TestMain lets the test binary be the process that TestKill kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WFAUTH_TEST_BULK"); dir != "" {
		if err := child(dir, os.Getenv("WFAUTH_TEST_SERVER"), os.Getenv("WFAUTH_TEST_KEY")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// wireBatch is what goes over the wire.
type wireBatch struct {
	Find string          `json:"find,omitempty"`
	Rows json.RawMessage `json:"rows"`
}

// child runs a job over the rows of a folder, from where the last one was killed.
func child(dir, server, key string) error {
	ctx := context.Background()
	in, err := Open(filepath.Join(dir, "rows.csv"))
	if err != nil {
		return err
	}
	s, err := Check(ctx, in, Rules{Verb: Create, Key: key})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "journal")
	_, missing := os.Stat(path)
	j, err := OpenJournal(path, here, s, missing == nil)
	if err != nil {
		return err
	}
	defer j.Close()
	call := func(b wireBatch) (objects []jsontext.Value, err error) {
		body, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		answer, err := http.Post(server, "application/json", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			return nil, errors.Join(err, &Refused{Message: string(text)})
		}
		return objects, json.Unmarshal(text, &objects)
	}
	out, err := os.OpenFile(filepath.Join(dir, "out"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = Run(ctx, Job{
		Sheet: s, Journal: j, Concurrency: 3, Settle: 50 * time.Millisecond, Same: same,
		Send: func(_ context.Context, b Batch) (Answer, error) {
			objects, err := call(wireBatch{Rows: []byte(b.Updates())})
			return Answer{Objects: objects}, err
		},
		Find: func(_ context.Context, field string, values, _ []string) ([]jsontext.Value, error) {
			text, err := json.Marshal(values)
			if err != nil {
				return nil, err
			}
			return call(wireBatch{Find: field, Rows: text})
		},
		Event: func(e Event) error {
			_, err := fmt.Fprintf(out, "%d %s\n", e.Row, e.Kind)
			return err
		},
	})
	return err
}

func (s *tenant) serve(w http.ResponseWriter, r *http.Request) {
	var b wireBatch
	var objects []jsontext.Value
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &b)
	}
	switch {
	case err != nil:
	case b.Find != "":
		var values []string
		if err = json.Unmarshal(b.Rows, &values); err == nil {
			objects, err = s.find(r.Context(), b.Find, values, nil)
		}
	default:
		batch := Batch{Verb: Create}
		dec := newObjects(bytes.NewReader(b.Rows), &meter{})
		for {
			v, next := dec.next()
			if next != nil {
				break
			}
			row, _ := Rules{Verb: Create}.object(1, v.Clone())
			batch.Rows = append(batch.Rows, row)
		}
		time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
		var a Answer
		a, err = s.send(r.Context(), batch)
		objects = a.Objects
		time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	_ = json.NewEncoder(w).Encode(objects) // a child that is dead does not read it
}

// kill -9 at any moment: nothing known is doubled, nothing is lost, and what was printed is true.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 3
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		rounds = 6
	}
	for _, key := range []string{"", "key"} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			killed := 0
			for round := range rounds {
				killed += killedRun(t, key, round%2 == 0)
				if t.Failed() {
					t.Fatalf("round %d", round)
				}
			}
			t.Logf("%d runs, killed %d times", rounds, killed)
		})
	}
}

func killedRun(t *testing.T, key string, alone bool) (killed int) {
	t.Helper()
	const rows = 1500
	server := newTenant(alone)
	var mu sync.RWMutex // held by requests at work
	living := 0         // the child whose requests count; what a dead one left on the way never arrives
	next := func() string {
		mu.Lock()
		defer mu.Unlock()
		living++
		return fmt.Sprint("/", living)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.RLock()
		defer mu.RUnlock()
		if r.URL.Path != fmt.Sprint("/", living) {
			http.Error(w, "too late", http.StatusGone)
			return
		}
		server.serve(w, r)
	}))
	defer web.Close()
	dir := t.TempDir()
	text := keyed(rows, func(i int) string {
		if i%700 == 0 {
			return "bad"
		}
		return fmt.Sprint("row ", i)
	})
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for {
		var errs bytes.Buffer
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "WFAUTH_TEST_BULK="+dir, "WFAUTH_TEST_SERVER="+web.URL+next(), "WFAUTH_TEST_KEY="+key)
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		life := 5 + rand.IntN(100+20*killed) // longer and longer, so that a busy machine comes to an end, too
		kill := time.AfterFunc(time.Duration(life)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		kill.Stop()
		if err == nil {
			break
		}
		next()
		if errs.Len() > 0 {
			t.Fatal(errs.String())
		}
		if killed++; killed > 1000 {
			t.Fatal("it does not end")
		}
	}
	s, err := Open(filepath.Join(dir, "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checked, err := Check(t.Context(), s, Rules{Verb: Create, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	j := journal(t, filepath.Join(dir, "journal"), checked, true)
	defer j.Close()
	checkBooks(t, "at the end", checked, j, server)
	if sum := j.Summary(); sum.Pending() != 0 || key != "" && sum.Done != rows-2 {
		t.Errorf("%+v", sum)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		var row int
		var kind Kind
		if _, err := fmt.Sscan(line, &row, &kind); err != nil {
			t.Fatal(err)
		}
		if state, _ := j.state(row); kind == Created && (state != done || printed[line]) {
			t.Errorf("printed %q, and the journal says %d", line, state)
		}
		printed[line] = true
	}
	return killed
}
