package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// The cookbook's SQL, in DuckDB itself and on the file that the cookbook's command makes, finds what is in it.
func TestDuckDB(t *testing.T) {
	t.Parallel()
	if !inFullRun() {
		t.Skip("DuckDB has 60 MB: it is fetched where WFAUTH_TEST_FULL is set")
	}
	folder := nodeModules(t, filepath.Join("testdata", "duckdb"))
	page, err := os.ReadFile("../../docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, _ := strings.Cut(string(page), "```sql\n")
	sql, _, found := strings.Cut(sql, "```\n")
	lines := slices.Collect(strings.Lines(string(page)))
	export := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, " --out tasks.ndjson\n") })
	if !found || export < 0 {
		t.Fatal("the cookbook has no SQL, or no command that makes its file")
	}

	w := newWorld(t, emulator.Options{Projects: 60}, nil)
	w.login()
	w.must(strings.Fields(strings.Replace(lines[export], "tasks.ndjson", filepath.Join(folder, "tasks.ndjson"), 1))[1:]...)
	if err := os.WriteFile(filepath.Join(folder, "tasks.sql"), []byte(sql), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile(filepath.Join(folder, "tasks.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	before := overdue(t, rows)
	got := map[string]int{}
	for line := range strings.Lines(string(node(t, folder, "", "run.mjs", "tasks.sql"))) {
		var row struct {
			Owner string
			Late  int `json:",string"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		got[row.Owner] = row.Late
	}
	if len(got) < 5 {
		t.Errorf("DuckDB finds late tasks of %d owners", len(got))
	}
	if !maps.Equal(got, before) {
		if diff := cmp.Diff(overdue(t, rows), got); diff != "" {
			t.Errorf("late tasks by owner, -in the file +by DuckDB\n%s", diff)
		}
	}
}

// overdue counts the tasks that are so now, by their project's owner.
func overdue(t *testing.T, rows []byte) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for line := range strings.Lines(string(rows)) {
		var task struct {
			Status  string
			Due     *time.Time `json:"plannedCompletionDate"`
			Project struct{ Owner struct{ Name string } }
		}
		if err := json.Unmarshal([]byte(line), &task); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if task.Due != nil && task.Due.Before(time.Now()) && task.Status != "CPL" {
			counts[task.Project.Owner.Name]++
		}
	}
	return counts
}
