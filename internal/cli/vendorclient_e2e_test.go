package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// The vendor's own JavaScript client uses the tenant with a session from wfauth token, and gets the same from it as
// wfauth api does: neither the session nor the emulator is only good enough for us.
func TestVendorClient(t *testing.T) {
	t.Parallel()
	folder := nodeModules(t, filepath.Join("testdata", "vendorclient"))
	w := newWorld(t, emulator.Options{}, nil)
	w.login()

	run := func(args ...string) []byte {
		return node(t, folder, w.must("token"), append([]string{"script.cjs", w.url}, args...)...)
	}
	out := run()
	var got struct {
		Found, Posted, Several []map[string]any
		One                    map[string]any
		Count, All             int
		Report                 map[string]any
		Refusal, Stranger      struct {
			Status  int
			Message string
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	const active = "proj/search?status=CUR&status_Mod=eq&name_Sort=asc&$$FIRST=0&$$LIMIT=3"
	found := answer[[]map[string]any](w, "api", active, "--fields", "ID,name,status,owner:name")
	if len(found) != 3 {
		t.Fatalf("%d projects are found, not 3", len(found))
	}
	id := found[0]["ID"].(string)
	for name, pair := range map[string][2]any{
		"search":         {found, got.Found},
		"search by POST": {found, got.Posted},
		"get":            {answer[map[string]any](w, "api", "proj/"+id, "--fields", "*,owner:name"), got.One},
		"get of several": {answer[[]map[string]any](w, "api", active, "--fields", "name"), got.Several},
		"count":          {answer[map[string]int](w, "api", "proj/count?status=CUR")["count"], got.Count},
		"count of all":   {20, got.All},
		"report":         {answer[map[string]any](w, "api", "proj/report?status_1_GroupBy=true&ID_AggFunc=count"), got.Report},
		"what is not":    {404, got.Refusal.Status},
		"no session":     {401, got.Stranger.Status},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: -wfauth +the vendor's client\n%s", name, diff)
		}
	}
	if !strings.Contains(got.Refusal.Message, "not found") || got.Stranger.Message != "You are not currently logged in." {
		t.Errorf("the vendor's client reads the refusals as %+v and %+v", got.Refusal, got.Stranger)
	}
	checkWritten(t, w, run("write"))
	checkMoving(t, w, folder)
}

// The program that docs/moving.md has for the vendor's client runs by the command there.
func checkMoving(t *testing.T, w *world, folder string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/moving.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(page), "```js\n")
	program, rest, _ := strings.Cut(program, "```")
	_, command, _ := strings.Cut(rest, "```text\nwfauth ")
	command, _, _ = strings.Cut(command, "\n")
	args := strings.Fields(command)
	if err := os.WriteFile(filepath.Join(folder, args[len(args)-1]), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	moved := w.command(args...)
	moved.Dir = folder
	if out, err := moved.CombinedOutput(); err != nil || string(out) != w.must("task", "count", "status=NEW") {
		t.Errorf("wfauth %s: %v, %s", command, err, out)
	}
}

// What the vendor's client has written is what wfauth reads.
func checkWritten(t *testing.T, w *world, out []byte) {
	t.Helper()
	var wrote map[string]json.RawMessage
	if err := json.Unmarshal(out, &wrote); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	written := func(name string) (o struct{ ID, Name, Status, Project string }) {
		if err := json.Unmarshal(wrote[name], &o); err != nil {
			t.Fatalf("%s: %v: %s", name, err, wrote[name])
		}
		return o
	}
	made := written("made")
	if read := w.must("proj", "get", made.ID, "--fields", "name,description,priority", "--jq", "[.name, .description, .priority]"); read != "[\"edited\",\"x\",1]\n" {
		t.Errorf("created and edited: %s", read)
	}
	if got := w.run("proj", "get", written("copied").ID); got.status != 3 {
		t.Errorf("the copy was removed, and is there: %d", got.status)
	}
	if task := written("after"); task.Status != "CPL" || w.must("task", "count", "projectID="+made.ID, "status=CPL") != "1\n" {
		t.Errorf("executed: %+v", task)
	}
	if w.must("docu", "count", "ID="+written("uploaded").ID, "objID="+made.ID) != "1\n" || len(w.tenant.Uploads()) != 1 {
		t.Error("the upload is no document of the project")
	}
	if batched := string(wrote["batched"]); !strings.Contains(batched, `"name":"edited"`) || !strings.Contains(batched, `{"count":1}`) || string(wrote["metadata"]) != "true" {
		t.Errorf("batch: %s", batched)
	}
}

// answer is the data member of what a command prints.
func answer[T any](w *world, args ...string) T {
	w.t.Helper()
	var document struct{ Data T }
	if err := json.Unmarshal([]byte(w.must(args...)), &document); err != nil {
		w.t.Fatal(err)
	}
	return document.Data
}
