package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/workfront"
)

// A ledger stands before a tenant and writes down what reaches it.
type ledger struct {
	t      *testing.T
	tenant *emulator.Tenant
	env    map[string]string
	folder string

	mu       sync.Mutex // guards what follows
	writes   int
	requests int
	rows     map[string]int                                   // by ID or name: how often it was written
	trouble  func(r *http.Request, form string) (kind string) // what goes wrong with a write; nil: nothing
}

func newLedger(t *testing.T, o emulator.Options) *ledger {
	t.Helper()
	o.Projects = 20
	l := &ledger{t: t, tenant: emulator.New(o), rows: map[string]int{}, folder: t.TempDir()}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.env = map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": l.tenant.NewSession("")}
	return l
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	l.mu.Lock()
	l.requests++
	kind := ""
	if r.Method != http.MethodGet && !strings.Contains(string(body), "method=GET") {
		l.writes++
		q := r.Clone(r.Context())
		q.Body = io.NopCloser(strings.NewReader(string(body)))
		_ = q.ParseForm()
		var rows []struct{ ID, Name string }
		_ = json.Unmarshal([]byte(q.Form.Get("updates")), &rows)
		for _, row := range rows {
			l.rows[row.ID+row.Name]++
		}
		for id := range strings.SplitSeq(q.Form.Get("id"), ",") {
			l.rows[id]++
		}
		if l.trouble != nil {
			kind = l.trouble(r, q.Form.Get("updates"))
		}
	}
	l.mu.Unlock()
	switch kind {
	case "":
		l.tenant.ServeHTTP(w, r)
	case "503":
		http.Error(w, "<html>out of order", http.StatusServiceUnavailable)
	case "429":
		w.Header().Set("Retry-After", "0")
		http.Error(w, `{"error":{"message":"too many"}}`, http.StatusTooManyRequests)
	case "401":
		http.Error(w, `{"error":{"message":"You are not currently logged in."}}`, http.StatusUnauthorized)
	case "drop":
		panic(http.ErrAbortHandler)
	case "lose": // done, and nobody hears of it
		l.tenant.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
}

func (l *ledger) run(args ...string) (status int, stdout, stderr string) {
	l.t.Helper()
	return within(l.t, l.env, args...)
}

func (l *ledger) file(name, text string) string {
	l.t.Helper()
	path := filepath.Join(l.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return path
}

// tasks makes n tasks of a project that is open, and gives their IDs.
func (l *ledger) tasks(n int) (ids []string) {
	l.t.Helper()
	_, project, _ := l.run("proj", "create", "name=open", "--jq", ".ID")
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, `{"name":"task %d","projectID":%q}`+"\n", i, strings.TrimSpace(project))
	}
	status, out, stderr := l.run("task", "create", "--input", l.file("tasks.ndjson", rows.String()))
	if status != 0 || strings.Count(out, "\n") != n {
		l.t.Fatalf("exit status %d, %d lines: %s", status, strings.Count(out, "\n"), stderr)
	}
	for line := range strings.Lines(out) {
		var done struct{ ID string }
		if err := json.Unmarshal([]byte(line), &done); err != nil || len(done.ID) != 32 {
			l.t.Fatal(line, err)
		}
		ids = append(ids, done.ID)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes, l.requests, l.rows = 0, 0, map[string]int{}
	return ids
}

// with counts the tasks that a filter finds.
func (l *ledger) with(object string, filter ...string) string {
	l.t.Helper()
	_, out, _ := l.run(append([]string{object, "count"}, filter...)...)
	return strings.TrimSpace(out)
}

func csvOf(ids []string, column string, value func(i int) string) string {
	text := "ID," + column + "\n"
	for i, id := range ids {
		text += id + "," + value(i) + "\n"
	}
	return text
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A hundred rows go in one request, and an upsert sends what differs and nothing else.
func TestBulkRequests(t *testing.T) {
	t.Parallel()
	l := newLedger(t, emulator.Options{})
	ids := l.tasks(450)
	input := l.file("rows.csv", csvOf(ids, "priority", func(i int) string { return fmt.Sprint(1 + i%4) }))
	status, out, stderr := l.run("task", "update", "--input", input, "--concurrency", "3")
	if status != 0 || strings.Count(out, "\n") != 450 || l.writes != 5 || !strings.Contains(stderr, "wfauth: 450 rows: 450 updated\n") {
		t.Errorf("exit status %d, %d requests, %s", status, l.writes, stderr)
	}
	if got := l.with("task", "priority=3", "name~task"); got != "112" {
		t.Errorf("%s tasks have the priority 3", got)
	}
	if there(input+".wfauth-journal") || there(input+".rejected.ndjson") {
		t.Error("files are left behind")
	}
	for want := range []string{"one", "two"} {
		var rows strings.Builder
		for i := range 120 {
			fmt.Fprintf(&rows, `{"name":"p","extRefID":"key %d","priority":%d}`+"\n", i, 1)
		}
		before := l.writes
		status, _, stderr := l.run("proj", "upsert", "--key", "extRefID", "--input", l.file("proj.ndjson", rows.String()))
		if wrote := l.writes - before; status != 0 || wrote != 2*(1-want) {
			t.Errorf("run %d: exit status %d, %d writes: %s", want, status, wrote, stderr)
		}
	}
	changed := l.file("proj2.ndjson", `{"name":"other","extRefID":"key 7","priority":1}`+"\n"+`{"name":"p","extRefID":"key 8","priority":1}`+"\n")
	before := l.writes
	if status, _, stderr := l.run("proj", "upsert", "--key", "extRefID", "--input", changed); status != 0 || l.writes != before+1 || !strings.Contains(stderr, "2 rows: 1 updated, 1 unchanged") {
		t.Errorf("exit status %d: %s", status, stderr)
	}
	deleting := l.file("gone.csv", csvOf(ids[:250], "name", func(int) string { return "x" }))
	before = l.writes
	if status, out, stderr := l.run("task", "delete", "--input", deleting, "--yes"); status != 0 || l.writes != before+3 || strings.Count(out, "\n") != 250 {
		t.Errorf("exit status %d, %d requests: %s", status, l.writes-before, stderr)
	}
	if got := l.with("task", "name~task"); got != "200" {
		t.Errorf("%s tasks are left", got)
	}
}

// Whatever a bad row spoils, the good ones are done once and it stands in the file of the rejected, which is an input again.
func TestBulkBadRows(t *testing.T) {
	t.Parallel()
	for _, habit := range [...]string{emulator.BadRowBatch, emulator.BadRowAlone} {
		for _, verb := range [...]string{"update", "create", "create --key extRefID"} {
			t.Run(habit+", "+verb, func(t *testing.T) {
				t.Parallel()
				l := newLedger(t, emulator.Options{BadRow: habit})
				bad := func(i int) bool { return i == 3 || i == 77 || i == 110 || i >= 200 && i < 205 }
				var rows strings.Builder
				var ids []string
				if verb == "update" {
					ids = l.tasks(230)
				}
				l.run("proj", "create", "name=earlier", "ownerID=$$USER.ID") // of the same minute, and not of this run
				for i := range 230 {
					owner := "$$USER.ID"
					if bad(i) {
						owner = strings.Repeat("0", 32)
					}
					row := map[string]any{"name": fmt.Sprintf("row %d", i), "extRefID": fmt.Sprintf("k %d", i)}
					row["ownerID"] = owner
					object := "proj"
					if ids != nil {
						object, row["ID"], row["assignedToID"] = "task", ids[i], owner
						delete(row, "ownerID")
					}
					_ = object
					text, _ := json.Marshal(row)
					rows.Write(append(text, '\n'))
				}
				object := "proj"
				if ids != nil {
					object = "task"
				}
				input := l.file("rows.ndjson", rows.String())
				args := append([]string{object}, strings.Fields(verb)...)
				status, out, stderr := l.run(append(args, "--input", input)...)
				if status != exitSome || strings.Count(out, "\n") != 222 || !strings.Contains(stderr, "8 rejected ("+input+".rejected.ndjson)") {
					t.Fatalf("exit status %d, %d lines: %s", status, strings.Count(out, "\n"), stderr)
				}
				if got := l.with(object, "name~row "); got != "222" {
					t.Errorf("%s objects have a name of these", got)
				}
				text, err := os.ReadFile(input + ".rejected.ndjson")
				if err != nil || strings.Count(string(text), "\n") != 8 || !strings.Contains(string(text), `"$row":4,`) {
					t.Fatal(string(text), err)
				}
				again := l.file("again.ndjson", strings.ReplaceAll(string(text), strings.Repeat("0", 32), "$$USER.ID"))
				if status, out, stderr := l.run(append(args, "--input", again)...); status != 0 || strings.Count(out, "\n") != 8 {
					t.Errorf("the rejected once more: exit status %d: %s", status, stderr)
				}
				if got := l.with(object, "name~row "); got != "230" {
					t.Errorf("%s objects have a name of these", got)
				}
				status, _, stderr = l.run(append(args, "--input", input)...)
				if status != exitUsage || !strings.Contains(stderr, "it is there already") || !strings.Contains(stderr, " --resume\n") {
					t.Errorf("the journal of before: exit status %d: %s", status, stderr)
				}
			})
		}
	}
}

// Answers that are lost, refused and broken in turn leave nothing twice: what is uncertain is said, and sent again only when asked.
func TestBulkTrouble(t *testing.T) {
	t.Parallel()
	l := newLedger(t, emulator.Options{})
	l.fail(-1)
	args := []string{"proj", "create", "--input", l.named(1000), "--concurrency", "2"}
	status, _, stderr := l.run(args...)
	if status != exitSome || !strings.Contains(stderr, "uncertain: ") || !strings.Contains(stderr, " --retry-uncertain\n") {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	l.trouble = nil
	if status, _, stderr = l.run(append(args, "--resume")...); status != exitSome {
		t.Errorf("--resume: exit status %d: %s", status, stderr)
	}
	l.once(1000, false)
	status, out, stderr := l.run(append(args, "--retry-uncertain")...)
	if status != 0 || strings.Count(out, "\n") != 1000 || strings.Count(out, `"ID"`) != 1000 {
		t.Errorf("--retry-uncertain: exit status %d, %d lines: %s", status, strings.Count(out, "\n"), stderr)
	}
	l.once(1000, true)
}

// With a key a run settles by itself what is uncertain, half a minute later.
func TestBulkTroubleWithKey(t *testing.T) {
	t.Parallel()
	l := newLedger(t, emulator.Options{})
	l.fail(6)
	status, out, stderr := l.run("proj", "create", "--key", "extRefID", "--input", l.named(500))
	if status != 0 || strings.Count(out, "\n") != 500 || strings.Contains(stderr, "uncertain") {
		t.Errorf("exit status %d, %d lines: %s", status, strings.Count(out, "\n"), stderr)
	}
	l.once(500, true)
}

// fail has writes go wrong in turn, the first so many of them, or all for -1.
func (l *ledger) fail(times int) {
	kinds := []string{"lose", "429", "drop", "", "503", ""}
	n := 0
	l.trouble = func(*http.Request, string) string {
		if n++; times >= 0 && n > times {
			return ""
		}
		return kinds[(n-1)%len(kinds)]
	}
}

// named is an input of n projects, each with a name and a key.
func (l *ledger) named(n int) string {
	l.t.Helper()
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, `{"name":"row %d","extRefID":"k %d"}`+"\n", i, i)
	}
	return l.file("rows.ndjson", rows.String())
}

// A session that ends in the middle ends the run with 4: what was not sent is not rejected, and the next run goes on.
func TestBulkSessionEnds(t *testing.T) {
	t.Parallel()
	l := newLedger(t, emulator.Options{})
	ids := l.tasks(250)
	input := l.file("rows.csv", csvOf(ids, "priority", func(int) string { return "4" }))
	l.trouble = func(*http.Request, string) string {
		if l.writes > 1 {
			return "401"
		}
		return ""
	}
	status, out, stderr := l.run("task", "update", "--input", input)
	if status != exitLogin || strings.Count(out, "\n") != 100 || !strings.Contains(stderr, "250 rows: 100 updated, 150 not sent") || !strings.Contains(stderr, " --resume\n") || there(input+".rejected.ndjson") {
		t.Errorf("exit status %d, %d lines: %s", status, strings.Count(out, "\n"), stderr)
	}
	l.trouble = nil
	before := l.writes
	status, out, stderr = l.run("task", "update", "--input", input, "--resume")
	if status != 0 || strings.Count(out, "\n") != 250 || l.writes != before+2 || !strings.Contains(stderr, "150 updated, 100 done before") {
		t.Errorf("--resume: exit status %d, %d lines, %d writes: %s", status, strings.Count(out, "\n"), l.writes-before, stderr)
	}
}

// What became of a batch is told by its error: only a refusal and what certainly was not done are believed.
func TestFate(t *testing.T) {
	t.Parallel()
	d := &delivery{writing: &writing{objectCall: &objectCall{app: &app{}}}}
	refusal := &workfront.Refusal{Status: 422, Message: "Invalid Parameter"}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"refused":         {refusal, "*bulk.Refused"},
		"session gone":    {&workfront.Refusal{Status: 401, SessionGone: true}, "*bulk.NotSent"},
		"maybe done":      {&workfront.MaybeDoneError{Err: errors.New("cut")}, "*errors.errorString"},
		"maybe refused":   {&workfront.MaybeDoneError{Err: refusal}, "*errors.errorString"},
		"never left":      {errors.New("refused connection"), "*bulk.NotSent"},
		"others too many": {&workfront.Failure{Status: 429}, "*bulk.NotSent"},
	} {
		if got := fmt.Sprintf("%T", d.fate(c.err)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

// once wants no object twice, and where all are done none missing.
func (l *ledger) once(n int, all bool) {
	l.t.Helper()
	_, out, _ := l.run("proj", "search", "name~row ", "--all", "--fields", "name", "--jq", ".[].name")
	names := strings.Split(strings.TrimSpace(out), "\n")
	seen := map[string]int{}
	for _, name := range names {
		seen[name]++
	}
	if slices.Max(slices.Collect(maps.Values(seen))) > 1 {
		l.t.Errorf("%d objects have %d names", len(names), len(seen))
	}
	if all && len(seen) != n {
		l.t.Errorf("%d objects, not %d", len(seen), n)
	}
}

// What is wrong with an input is found before the first request, with row and column.
func TestBulkInputFaults(t *testing.T) {
	t.Parallel()
	l := newLedger(t, emulator.Options{})
	id := strings.Repeat("0123456789abcdef", 2)
	for name, c := range map[string]struct {
		text  string
		says  string
		typed bool // by metadata, which costs a request
	}{
		"too few cells":   {"ID,name,priority\n" + id + ",x\n", "row 1, line 2: it has 2 cells, and the header has 3", false},
		"too many cells":  {"ID,name\n" + id + ",x,y\n", "row 1, line 2: it has 3 cells", false},
		"no ID":           {"ID,name\n4711,x\n", "row 1, line 2, ID: an ID is 32 hexadecimal digits", false},
		"no column":       {"name\nx\n", "line 1: the header has no column ID", false},
		"twice":           {"ID,name\n" + id + ",x\n" + id + ",y\n", "row 2, ID: it is that of row 1", false},
		"empty":           {"", "it is empty", false},
		"UTF-16":          {"\xff\xfeI\x00D\x00", "UTF-16", false},
		"a date":          {"ID;plannedStartDate\n" + id + ";24.12.2026\n", "row 1, line 2, plannedStartDate: 24.12.2026: plannedStartDate is a date", true},
		"a number":        {`[{"ID":"` + id + `","percentComplete":"half"}]`, "row 1, percentComplete: half: percentComplete is a number", true},
		"no field":        {"ID\tprority\n" + id + "\t1\n", "line 1, column 2: TASK has no field prority; nearest: priority", true},
		"through another": {"ID,project:name\n" + id + ",x\n", "through a reference", false},
		"a doubled name":  {"ID,name,name\n" + id + ",x,y\n", "name is the name of column 2 already", false},
	} {
		before := l.requests
		l.env["XDG_CACHE_HOME"] = t.TempDir()
		input := l.file("faulty", c.text)
		status, out, stderr := l.run("task", "update", "--input", input)
		asked := l.requests - before
		if status != exitUsage || out != "" || !strings.Contains(stderr, c.says) || !strings.Contains(stderr, "nothing was sent") || l.writes > 0 || !c.typed && asked > 0 {
			t.Errorf("%s: exit status %d, %d requests, %s", name, status, asked, stderr)
		}
		if there(input + ".wfauth-journal") {
			t.Errorf("%s: a journal is left", name)
		}
	}
	good := l.file("good.csv", "ID,name\n"+id+",x\n")
	other := l.file("other.wfauth-journal", "something else\n")
	for _, args := range []string{
		"task update --input " + l.folder, "task update --input " + filepath.Join(l.folder, "none"), "task update --input " + good + " --journal " + other,
		"task update --input " + good + " --resume", "task update --input -", "task update " + id + " name=x --journal x", "task update --input " + good + " name=x",
		"task update --input " + good + " -o csv", "task upsert --input " + good, "task upsert --key extRefID", "task delete --input " + good, "task delete " + id,
		"task update --input " + good + " --concurrency 0", "task create --input " + good, "task update", "task update " + id, "task update x name=y", "task create",
		"task create ID=" + id, "task create name", "task copy", "task action", "task action nosuch",
		"task create --key nosuch --input " + l.file("n.csv", "nosuch\n1\n"),
	} {
		status, out, stderr := l.run(strings.Fields(args)...)
		if status != exitUsage || out != "" || !strings.HasPrefix(stderr, "wfauth: ") || l.writes > 0 {
			t.Errorf("%s: exit status %d, %s%s", args, status, out, stderr)
		}
		for _, problem := range hintProblems(stderr) {
			t.Errorf("%s: %s", args, problem)
		}
	}
}
