package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A churn stands before a tenant: at each page of tasks that is asked for, some go and others come.
type churn struct {
	t      *testing.T
	tenant *emulator.Tenant

	mu        sync.Mutex // guards what follows
	session   string
	project   string
	removable []string        // nothing hangs on them
	there     map[string]bool // from the beginning, until now
	pages     int             // that were asked for
	until     int             // at which of them it is quiet: where more come at each request than one brings, nobody reaches the end
}

// perPage is how many go, and come, at each page.
const perPage = 30

func (c *churn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/task/search") {
		c.change()
	}
	c.tenant.ServeHTTP(w, r)
}

// change removes tasks, one half of them at the beginning of the list and the other anywhere, and makes as many.
func (c *churn) change() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pages++; c.pages > c.until {
		return
	}
	var gone []string
	var come []map[string]string
	for i := range perPage {
		at := i % 2 * (c.pages * 7919 % len(c.removable))
		gone = append(gone, c.removable[at])
		delete(c.there, c.removable[at])
		c.removable = slices.Delete(c.removable, at, at+1)
		come = append(come, map[string]string{"name": fmt.Sprintf("new %d", i), "projectID": c.project})
	}
	c.call("DELETE", "/attask/api/v22.0/task?force=true&id="+strings.Join(gone, ","), "")
	updates, _ := json.Marshal(come)
	c.call("POST", "/attask/api/v22.0/task", "updates="+url.QueryEscape(string(updates)))
}

// call asks the tenant itself.
func (c *churn) call(method, path, body string) []byte {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("sessionID", c.session)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	c.tenant.ServeHTTP(w, r)
	if w.Code != 200 {
		c.t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// A whole list while rows come and go in it: each that was there throughout comes once, and none twice.
func TestProxyRowsUnderChurn(t *testing.T) {
	t.Parallel()
	tasks := inFull(100_000, 9_000)
	w := newWorld(t, emulator.Options{Tasks: tasks}, nil)
	w.login()
	c := &churn{t: t, tenant: w.tenant, session: w.tenant.NewSession(""), there: map[string]bool{}}
	c.project = answer[[]map[string]any](w, "api", "proj/search?status=CUR&$$LIMIT=1", "--fields", "ID")[0]["ID"].(string)
	all := answer[[]map[string]any](w, "api", "task/search", "--paginate", "--fields", "ID,parentID,project:status")
	parents := map[any]bool{}
	for _, task := range all {
		parents[task["parentID"]] = true
	}
	for _, task := range all {
		id := task["ID"].(string)
		c.there[id] = true
		if !parents[id] && task["project"].(map[string]any)["status"] == "CUR" {
			c.removable = append(c.removable, id)
		}
	}
	if len(all) != tasks || len(c.removable) < tasks/10 {
		t.Fatalf("the tenant has %d tasks, of which %d can go", len(all), len(c.removable))
	}
	w.gates.before(c)
	s := w.serve()
	for _, format := range []string{"csv", "json"} {
		c.mu.Lock()
		c.until = c.pages + tasks/1000
		c.mu.Unlock()
		status, out := curl(t, "--max-time", "900", "-f", s.URL+"/rows/task."+format+"?fields=ID,name")
		if status != 0 {
			t.Fatalf("%s: curl ends with %d: %s", format, status, s.stderr.String())
		}
		ids := idsOf(t, format, out)
		if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Errorf("%s: the rows are not in order, or some came twice", format)
		}
		c.mu.Lock()
		missing := len(c.there)
		for _, id := range ids {
			if c.there[id] {
				missing--
			}
		}
		if missing > 0 || len(c.there) > tasks-perPage {
			t.Errorf("%s: of %d rows that were there throughout %d are missing", format, len(c.there), missing)
		}
		t.Logf("%s: %d rows came, %d were there throughout, %d pages were asked for so far", format, len(ids), len(c.there), c.pages)
		c.mu.Unlock()
	}
}

// idsOf reads the IDs of a list as a program would.
func idsOf(t *testing.T, format, text string) (ids []string) {
	t.Helper()
	type task struct{ ID string }
	switch format {
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) == 0 || rows[0][0] != "ID" {
			t.Fatalf("%v: %.200q", err, text)
		}
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
	case "json":
		var list struct{ Data []task }
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatalf("%v: %.200q", err, text)
		}
		for _, row := range list.Data {
			ids = append(ids, row.ID)
		}
	case "ndjson":
		for line := range strings.Lines(text) {
			var row task
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v: %.200q", err, line)
			}
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// A list that is cut in the middle looks like one to every reader: whether Workfront refuses, fails, or the gateway is killed.
func TestProxyListIsCut(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("curl")
	if err != nil {
		lacking(t, "curl", "there is no curl on this machine")
	}
	for name, answer := range map[string]func(w http.ResponseWriter){
		"a refusal": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"message":"no rights"}}`)
		},
		"another list": func(w http.ResponseWriter) { fmt.Fprint(w, `{"data":{"a":1}}`) },
		"a kill":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Options{Tasks: 5000}, nil)
			w.login()
			s := w.serve("--concurrency", "1")
			rowsCame := make(chan struct{}) // of the first page
			w.gates.before(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("$$FIRST") == "0" {
					w.tenant.ServeHTTP(out, r)
					return
				}
				select {
				case <-rowsCame:
				case <-r.Context().Done():
					return
				}
				if answer == nil {
					_ = s.cmd.Process.Kill()
					return
				}
				answer(out)
			}))
			cmd := exec.Command(path, "-sSfN", "--noproxy", "*", "--max-time", "120", s.URL+"/rows/task.csv?fields=ID,name")
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			rows := bufio.NewReader(out)
			if head, err := rows.ReadString('\n'); err != nil || head != "ID,name\r\n" {
				t.Errorf("curl has got %q (%v), and nothing was to be cut", head, err)
			}
			close(rowsCame)
			rest, _ := io.ReadAll(rows) // what is missing is for curl to say
			_ = cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status == 0 || status == 22 || len(rest) == 0 {
				t.Errorf("curl ends with %d, and takes %d bytes for all", status, len(rest))
			}
		})
	}
}
