package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/objects"
)

// The examples in the help of the objects that people use work on the emulator's tenant.
func TestObjectExamples(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 60})
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	env := map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": tenant.NewSession("")}
	words := regexp.MustCompile(`'[^']*'|\S+`)
	for _, name := range popular {
		o, err := objects.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		status, id, stderr := within(t, env, name, "search", "--limit", "1", "--jq", ".[0].ID", "--quiet")
		if status != 0 {
			t.Fatalf("%s: %s", name, stderr)
		}
		e := examplesOf(o, name)
		for line := range strings.Lines(strings.Join([]string{e.search, e.get, e.count, e.report, e.query, e.describe}, "\n")) {
			line = regexp.MustCompile(` --out \S+`).ReplaceAllString(strings.ReplaceAll(line, e.id, strings.TrimSpace(id)), "")
			args := words.FindAllString(line, -1)[1:]
			for i := range args {
				args[i] = strings.Trim(args[i], "'")
			}
			status, stdout, stderr := within(t, env, args...)
			if lines := strings.Count(stdout, "\n"); status != 0 || lines < 1 || slices.Contains([]string{"[]", "0"}, strings.TrimSpace(stdout)) {
				t.Errorf("%s: exit status %d, %d lines, %s", strings.TrimSpace(line), status, lines, stderr)
			}
		}
		for line := range strings.Lines(e.create + "\n" + e.update + "\n" + e.copies + "\n" + e.deletes) {
			verb := strings.Fields(line)[2]
			if strings.Contains(line, "--input") || o.Verb(verb, nil) != nil || name == "docu" && verb == "create" { // that wants an upload
				continue
			}
			args := append(strings.Fields(strings.ReplaceAll(line, e.id, strings.TrimSpace(id)))[1:], "--dry-run")
			if status, stdout, stderr := within(t, env, args...); status != 0 || strings.Count(stdout, "\n") != 1 {
				t.Errorf("%s: exit status %d, %s%s", strings.TrimSpace(line), status, stdout, stderr)
			}
		}
	}
}

// sparse is a tenant with n tasks that answers a list of IDs in a way of its own, and cuts lists at a limit of its own.
func sparse(t *testing.T, n, cut int, refuses bool) map[string]string {
	t.Helper()
	there := func(id string) bool {
		var i int
		_, err := fmt.Sscanf(id, "%032x", &i)
		return err == nil && i < n
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var rows []string
		add := func(id string) {
			if len(rows) < cut {
				rows = append(rows, `{"ID":"`+id+`"}`)
			}
		}
		ids := strings.Split(r.FormValue("id")+r.FormValue("ID"), ",")
		switch {
		case strings.HasSuffix(r.URL.Path, "/search") && r.FormValue("ID_Mod") == "in":
			var first, limit int
			_, _ = fmt.Sscan(r.FormValue("$$FIRST"), &first)
			_, _ = fmt.Sscan(r.FormValue("$$LIMIT"), &limit)
			slices.Sort(ids)
			found := slices.DeleteFunc(ids, func(id string) bool { return !there(id) })
			for _, id := range found[min(first, len(found)):min(first+limit, len(found))] {
				add(id)
			}
		case strings.HasSuffix(r.URL.Path, "/search"):
			var first, limit int
			_, _ = fmt.Sscan(r.FormValue("$$FIRST"), &first)
			_, _ = fmt.Sscan(r.FormValue("$$LIMIT"), &limit)
			for i := first; i < min(first+limit, n); i++ {
				add(fmt.Sprintf("%032x", i))
			}
		default:
			for _, id := range ids {
				if there(id) {
					add(id)
				} else if refuses {
					w.WriteHeader(http.StatusNotFound)
					io.WriteString(w, `{"error":{"message":"Parameter with primary key value(s) \"`+id+`\" not found"}}`)
					return
				}
			}
		}
		io.WriteString(w, `{"data":[`+strings.Join(rows, ",")+`]}`)
	}))
	t.Cleanup(server.Close)
	return map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "canary-session-0001"}
}

// Whatever a server does with a list of IDs of which some are not there, and wherever it cuts, get finds all that are.
func TestGetFindsAll(t *testing.T) {
	t.Parallel()
	const n = 450
	for name, env := range map[string]map[string]string{
		"refuses the list":          sparse(t, n, 10_000, true),
		"refuses and cuts":          sparse(t, n, 64, true),
		"leaves out what is not":    sparse(t, n, 10_000, false),
		"leaves out, and cuts them": sparse(t, n, 64, false),
	} {
		args, want := []string{"task", "get", "-o", "ndjson", "--jq", ".ID"}, ""
		for i := range n + 30 {
			i = (i * 7) % (n + 30)
			args = append(args, fmt.Sprintf("%032x", i))
			if i < n {
				want += fmt.Sprintf("%032x\n", i)
			}
		}
		status, stdout, stderr := within(t, env, args...)
		if status != exitSome || stdout != want || strings.Count(stderr, ": not found\n") != 30 || !strings.HasSuffix(stderr, "wfauth: 30 of 480 were not found\n") {
			t.Errorf("%s: exit status %d, %d lines, %s", name, status, strings.Count(stdout, "\n"), stderr)
		}
	}
}

// The note that there are more is right wherever a server cuts.
func TestSearchTellsOfMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows, cut, want int
		args            []string
		note            bool
	}{
		"fewer":             {99, 2000, 99, nil, false},
		"as many":           {100, 2000, 100, nil, false},
		"more":              {101, 2000, 100, nil, true},
		"cut, fewer":        {80, 50, 80, nil, false},
		"cut, as many":      {100, 50, 100, nil, false},
		"cut, more":         {150, 50, 100, nil, true},
		"limit":             {10, 2000, 3, []string{"--limit", "3"}, true},
		"limit of a page":   {2500, 2000, 2000, []string{"--limit", "2000"}, true},
		"limit of all":      {2500, 2000, 2500, []string{"--limit", "2500"}, false},
		"limit beyond":      {2500, 2000, 2500, []string{"--limit", "9999"}, false},
		"all":               {2500, 64, 2500, []string{"--all"}, false},
		"small pages":       {10, 2000, 7, []string{"--limit", "7", "--page-size", "2"}, true},
		"small pages, less": {7, 2000, 7, []string{"--limit", "7", "--page-size", "2"}, false},
	} {
		env := sparse(t, c.rows, c.cut, false)
		status, stdout, stderr := within(t, env, append([]string{"task", "search", "-o", "ndjson"}, c.args...)...)
		if got := strings.Count(stdout, "\n"); status != 0 || got != c.want || (stderr != "") != c.note {
			t.Errorf("%s: exit status %d, %d rows, want %d; %q", name, status, got, c.want, stderr)
		}
	}
}
