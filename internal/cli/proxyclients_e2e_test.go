package cli

import (
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// Programs that know nothing of Workfront's logins get what wfauth api gets.
func TestProxyClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	s := w.serve()
	const active = "proj/search?status=CUR&status_Mod=eq&name_Sort=asc&$$FIRST=0&$$LIMIT=3"
	found := answer[[]map[string]any](w, "api", active, "--fields", "ID,name,status,owner:name")
	all := answer[[]map[string]any](w, "api", "proj/search?status=CUR", "--paginate", "--fields", "ID,name,status,owner:name")
	tasks := answer[[]map[string]any](w, "api", "task/search", "--paginate", "--fields", "ID,name,project:name")

	t.Run("curl", func(t *testing.T) {
		for name, args := range map[string][]string{
			"the key in the path":    {s.URL + "/rows/task.csv?fields=ID,name,project:name"},
			"the key as password":    {"-u", "x:" + s.Key, strings.TrimSuffix(s.URL, "/"+s.Key) + "/rows/task.csv?fields=ID,name,project:name"},
			"packed":                 {"--compressed", s.URL + "/rows/task.csv?fields=ID,name,project:name"},
			"HTTP/2 offered":         {"--http2", s.URL + "/rows/task.csv?fields=ID,name,project:name"},
			"by localhost":           {strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/rows/task.csv?fields=ID,name,project:name"},
			"filters in a form":      {s.URL + "/rows/task.csv", "-d", "method=GET", "-d", "fields=ID,name,project:name"},
			"a filter in an address": {s.URL + "/rows/task.csv?fields=ID,name,project:name&percentComplete%3E=0"},
		} {
			status, out := curl(t, append([]string{"-f"}, args...)...)
			if status != 0 {
				t.Errorf("%s: curl ends with %d", name, status)
				continue
			}
			rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil || len(rows) != len(tasks)+1 || strings.Join(rows[0], " ") != "ID name project:name" {
				t.Errorf("%s: %v, %d rows", name, err, len(rows))
			}
		}
		if status, _ := curl(t, "-f", s.URL+"x/rows/task.csv"); status != 22 {
			t.Errorf("with a wrong key curl -f ends with %d", status)
		}
		if status, _ := curl(t, "-f", "-0", s.URL+"/rows/task.csv"); status != 22 {
			t.Errorf("over HTTP/1.0 curl -f ends with %d", status)
		}
	})
	t.Run("Python", func(t *testing.T) {
		python, err := exec.LookPath("python3")
		if err != nil {
			lacking(t, "python", "there is no Python on this machine")
		}
		cmd := exec.Command(python, "-c", `
import csv, io, json, sys, urllib.error, urllib.request
url = sys.stdin.readline().strip()
ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
rows = list(csv.DictReader(io.TextIOWrapper(ask(url + "/rows/task.csv?fields=ID,name,project:name"), "utf-8", newline="")))
found = json.load(ask(url + "/attask/api/v22.0/`+active+`&fields=ID,name,status,owner:name"))["data"]
try:
    ask(url[:-1] + "/attask/api/v22.0/proj/count"); wrong = 200
except urllib.error.HTTPError as e:
    wrong = e.code
print(json.dumps({"rows": rows, "found": found, "wrong": wrong}))
`)
		cmd.Stdin, cmd.Stderr = strings.NewReader(s.URL), t.Output()
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Rows  []map[string]string
			Found []map[string]any
			Wrong int
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want := make([]map[string]string, len(tasks))
		for i, task := range tasks {
			project, _ := task["project"].(map[string]any)
			name, _ := project["name"].(string)
			want[i] = map[string]string{"ID": task["ID"].(string), "name": task["name"].(string), "project:name": name}
		}
		if diff := cmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("the rows: -api +Python\n%.2000s", diff)
		}
		if diff := cmp.Diff(found, got.Found); diff != "" || got.Wrong != 401 {
			t.Errorf("a wrong key is answered by %d; -api +Python\n%s", got.Wrong, diff)
		}
	})
	t.Run("Node and the vendor's client", func(t *testing.T) {
		folder := nodeModules(t, filepath.Join("testdata", "vendorclient"))
		out := node(t, folder, s.URL, "proxied.cjs")
		type refusal struct {
			Status  int
			Message string
		}
		var got struct {
			Found, Posted, Fetched []map[string]any
			One                    map[string]any
			Count, Wrong           int
			Refusal, Change        refusal
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, row := range got.Fetched {
			delete(row, "objCode")
		}
		for _, row := range all {
			delete(row, "objCode")
		}
		for name, pair := range map[string][2]any{
			"search": {found, got.Found}, "search by POST": {found, got.Posted}, "Node's fetch of a list": {all, got.Fetched},
			"get":         {answer[map[string]any](w, "api", "proj/"+found[0]["ID"].(string), "--fields", "*,owner:name"), got.One},
			"count":       {answer[map[string]int](w, "api", "proj/count?status=CUR")["count"], got.Count},
			"what is not": {404, got.Refusal.Status},
			"a change":    {refusal{403, "only what reads may pass; wfauth proxy --allow-writes lets changes pass, too"}, got.Change},
			"a wrong key": {401, got.Wrong},
		} {
			if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
				t.Errorf("%s: -wfauth +Node\n%s", name, diff)
			}
		}
	})
}
