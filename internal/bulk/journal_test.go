package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJournalBelongs(t *testing.T) {
	t.Parallel()
	s := sheet(t, "name\na\n", Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	if _, err := OpenJournal(path, here, s, true); !errors.Is(err, ErrNoJournal) {
		t.Errorf("resume of nothing: %v", err)
	}
	j := journal(t, path, s, false)
	if _, err := OpenJournal(path, here, s, true); !errors.Is(err, ErrBusy) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("a second process: %v", err)
	}
	j.Close()
	if _, err := OpenJournal(path, here, s, false); !errors.Is(err, ErrJournalThere) {
		t.Errorf("a fresh start over a journal: %v", err)
	}
	for _, c := range []struct {
		what string
		id   Identity
		text string
	}{
		{"tenant", Identity{here.Command, "https://other.example"}, "name\na\n"},
		{"command", Identity{"task update", here.Tenant}, "name\na\n"},
		{"input", here, "name\nb\n"},
		{"input", here, "name\na\nb\n"},
	} {
		_, err := OpenJournal(path, c.id, sheet(t, c.text, Rules{Verb: Create}), true)
		other, ok := errors.AsType[*OtherJournal](err)
		if !ok || other.What != c.what {
			t.Errorf("another %s: %v", c.what, err)
		}
	}
	for _, text := range []string{"name\na\n", "name\n", "name", "{}\n{}\n", "\n\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if j, err := OpenJournal(path, here, s, true); err == nil {
			j.Close()
			t.Errorf("%q is no journal", text)
		}
		if _, err := OpenJournal(path, here, s, false); !errors.Is(err, ErrJournalThere) {
			t.Errorf("%q is written over: %v", text, err)
		}
	}
	for _, text := range []string{"", `{"journal":1,"comm`} { // a kill before anything was sent
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		j := journal(t, path, s, false)
		j.Close()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		j = journal(t, path, s, true)
		j.Close()
		j = journal(t, path, s, true)
		j.Close()
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%v", left)
	}
	name := filepath.Join(t.TempDir(), "no folder", "journal")
	if _, err := OpenJournal(name, here, s, false); err == nil {
		t.Error("a journal where no folder is")
	}
}

// What a journal says of no row of the input, and what is no line, is damage; it is never passed over.
func TestJournalDamaged(t *testing.T) {
	t.Parallel()
	s := sheet(t, "name\na\n", Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	j.Close()
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const sent = `{"batch":1,"send":"create","rows":"1","at":"2026-01-01T00:00:00Z"}` + "\n"
	for _, bad := range []string{
		"x\n" + sent,
		`{"batch":1,"done":[{"row":2}]}` + "\n", `{"batch":1,"send":"create","rows":"1-2"}` + "\n", `{"batch":1,"again":"0-1"}` + "\n" + sent,
		`{"batch":1,"rejected":[{"row":-1}]}` + "\n", `{"send":"create","rows":"1"}` + "\n", sent + sent,
	} {
		if err := os.WriteFile(path, append(bytes.Clone(first), bad...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenJournal(path, here, s, true); !errors.Is(err, ErrJournalDamaged) && !strings.Contains(bad, "0-1") || err == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRejectedRowsAreInput(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, "name,n,text\nbad a<b>,1.50,\nb,2,x\n\"bad \"\"c\"\"\",,null\n", fieldRules(Create, ""))
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	outcomesOf(t, server.job(s, j))
	name := path + ".rejected.ndjson"
	j.Close()
	j = journal(t, path, s, true)
	if n, err := j.WriteRejected(name); n != 2 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"$row":1,"$error":"Invalid Parameter: name value bad a<b>","name":"bad a<b>","n":1.50}
{"$row":3,"$error":"Invalid Parameter: name value bad \"c\"","name":"bad \"c\"","text":null}
`
	got := string(text)
	if lines := strings.SplitAfter(got, "\n"); strings.HasPrefix(got, `{"$row":3`) {
		got = lines[1] + lines[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again := asLines(t, sheet(t, want, fieldRules(Create, "")))
	if again != "1 {\"name\":\"bad a<b>\",\"n\":1.50}\n2 {\"name\":\"bad \\\"c\\\"\",\"text\":null}\n" {
		t.Errorf("read again: %s", again)
	}
	done := map[int]string{}
	if err := j.Done(func(row int, id string) error { done[row] = id; return nil }); err != nil || len(done) != 1 || done[2] == "" {
		t.Errorf("done: %v, %v", done, err)
	}
}

// A journal that is cut at any byte, be the last batch done or not, leads to the same end: nothing that is known done is done
// again, nothing that is known not to be done is left out.
func TestJournalCut(t *testing.T) {
	t.Parallel()
	text := rowsOf(230, func(i int) string {
		if i == 5 || i == 120 || i == 121 {
			return fmt.Sprint("bad ", i)
		}
		return numbered(i)
	})
	step := 151
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		step = 101
	}
	for _, alone := range []bool{false, true} {
		for _, answered := range []bool{false, true} {
			t.Run(fmt.Sprint("alone ", alone, " answered ", answered), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				path := filepath.Join(dir, "journal")
				s := sheet(t, text, Rules{Verb: Create})
				server := newTenant(alone)
				j := journal(t, path, s, false)
				job := server.job(s, j)
				var sizes []int // of the journal, when each request was sent
				job.Send = func(ctx context.Context, b Batch) (Answer, error) {
					now, err := os.ReadFile(path)
					if err != nil {
						return Answer{}, err
					}
					sizes = append(sizes, len(now))
					return server.send(ctx, b)
				}
				outcomesOf(t, job)
				j.Close()
				whole, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				for cut := 1; cut <= len(whole); cut += step {
					replayCut(t, filepath.Join(dir, fmt.Sprint(cut)), s, server, whole[:cut], sizes, answered)
				}
			})
		}
	}
}

// replayCut makes the books what they were when the journal was cut, and goes on from there.
func replayCut(t *testing.T, path string, s *Sheet, first *tenant, journalText []byte, sizes []int, answered bool) {
	t.Helper()
	sent := 0
	for sent < len(sizes) && sizes[sent] <= len(journalText) {
		sent++
	}
	if !answered && sent > 0 && (sent == len(sizes) || len(journalText) < sizes[sent]) {
		// Was the last one concluded? Its result is the next line; else it may as well never have arrived.
		if !bytes.Contains(journalText[sizes[sent-1]:], []byte("\n")) {
			sent--
		}
	}
	server := newTenant(first.alone)
	for _, b := range first.requests[:sent] {
		_, _ = server.send(t.Context(), b)
	}
	before := len(server.requests)
	if err := os.WriteFile(path, journalText, 0o600); err != nil {
		t.Fatal(err)
	}
	j := journal(t, path, s, true)
	defer j.Close()
	known := map[int]bool{}
	if err := j.Done(func(row int, _ string) error { known[row] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	sum, _ := outcomesOf(t, server.job(s, j))
	for _, b := range server.requests[before:] {
		if slices.ContainsFunc(b.Rows, func(r Row) bool { return known[r.Number] }) {
			t.Errorf("cut at %d: a row that was done is sent again", len(journalText))
		}
	}
	checkBooks(t, fmt.Sprint("cut at ", len(journalText)), s, j, server)
	if sum.Pending() != 0 {
		t.Errorf("cut at %d: %+v", len(journalText), sum)
	}
}

// checkBooks compares what the journal says of creates with what there is: of each content at least as many objects as rows
// that are done, and no more than these and the uncertain ones.
func checkBooks(t *testing.T, when string, s *Sheet, j *Journal, server *tenant) {
	t.Helper()
	type count struct{ done, uncertain, other, objects int }
	counts := map[string]*count{}
	of := func(name string) *count {
		if counts[name] == nil {
			counts[name] = &count{}
		}
		return counts[name]
	}
	for row, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		c := of(strings.ReplaceAll(row.text("name"), "odd ", "odd"))
		switch state, _ := j.state(row.Number); {
		case state == done:
			c.done++
		case state > pending:
			c.uncertain++
		default:
			c.other++
		}
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	for _, o := range server.objects {
		name, _ := plain(o.fields["name"])
		of(name).objects++
	}
	for name, c := range counts {
		if c.objects < c.done || c.objects > c.done+c.uncertain {
			t.Errorf("%s: %s: %d rows done, %d uncertain, %d others, and %d objects", when, name, c.done, c.uncertain, c.other, c.objects)
		}
	}
}

// What a kill left of a line goes before the next one is written.
func TestTornLineGoes(t *testing.T) {
	t.Parallel()
	s := sheet(t, "name\na\n", Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	j.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{`{"batch":1,"send":"create","rows":"1"}`, "\x00\x00\x00\n", strings.Repeat("x", 1000)} {
		if err := os.WriteFile(path, append(bytes.Clone(whole), torn...), 0o600); err != nil {
			t.Fatal(err)
		}
		j := journal(t, path, s, true)
		if sum := j.Summary(); sum.Pending() != 1 {
			t.Errorf("%q: %+v", torn, sum)
		}
		j.Close()
		if got, _ := os.ReadFile(path); !bytes.Equal(got, whole) {
			t.Errorf("%q: the journal is %q", torn, got)
		}
	}
}

// Where the journal cannot be written, nothing is sent.
func TestNoJournalNothingSent(t *testing.T) {
	t.Parallel()
	server := newTenant(false)
	s := sheet(t, rowsOf(300, numbered), Rules{Verb: Create})
	path := filepath.Join(t.TempDir(), "journal")
	j := journal(t, path, s, false)
	job := server.job(s, j)
	job.Send = func(ctx context.Context, b Batch) (Answer, error) {
		a, err := server.send(ctx, b)
		if b.Rows[0].Number == 101 {
			j.file.Close() // as a full disk would
		}
		return a, err
	}
	var told []int
	job.Event = func(e Event) error {
		if e.Kind == Created {
			told = append(told, e.Row)
		}
		return nil
	}
	_, err := Run(t.Context(), job)
	if err == nil || !strings.HasPrefix(err.Error(), "write the journal "+path+": ") || len(server.objects) != 200 || len(told) != 200 {
		t.Errorf("%v, %d objects, %d told", err, len(server.objects), len(told))
	}
	j.Close()
	j = journal(t, path, s, true)
	if sum, _ := outcomesOf(t, server.job(s, j)); !sum.Whole() || len(server.objects) != 300 {
		t.Errorf("%+v, %d objects", sum, len(server.objects))
	}
}
