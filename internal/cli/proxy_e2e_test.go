package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A served is a gateway that runs, and what it has said of itself.
type served struct {
	*process
	w                       *world
	URL, Key, Host, Profile string
}

// serve starts a gateway, and waits until it says where it is.
func (w *world) serve(flags ...string) *served {
	w.t.Helper()
	s := &served{process: w.start(append([]string{"proxy", "--json"}, flags...)...), w: w}
	eventually(w.t.Context(), w.t, "the gateway says where it is", func() bool {
		select {
		case <-s.ended:
			w.t.Fatalf("the gateway has ended with %d: %s", s.status, s.stderr.String())
		default:
		}
		return strings.Contains(s.stdout.String(), "\n")
	})
	if err := json.Unmarshal([]byte(s.stdout.String()), s); err != nil {
		w.t.Fatalf("%v: %s", err, s.stdout.String())
	}
	return s
}

// stop interrupts a gateway.
func (s *served) stop() {
	s.t.Helper()
	s.signal(os.Interrupt)
	s.wait()
}

// ask sends a request; header is pairs. The body is empty where the connection broke.
func (s *served) ask(method, path, body string, header ...string) (status int, text string) {
	s.t.Helper()
	return s.askUntil(s.t.Context(), method, path, body, header...)
}

// askUntil is ask by a caller who gives up when ctx ends.
func (s *served) askUntil(ctx context.Context, method, path, body string, header ...string) (status int, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(got)
}

// curl runs curl with arguments, and returns its exit status.
func curl(t *testing.T, args ...string) (status int, stdout string) {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		lacking(t, "curl", "there is no curl on this machine")
	}
	cmd := exec.Command(path, append([]string{"-sS", "--noproxy", "*", "--max-time", "120"}, args...)...)
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// What it says of itself is enough to use it; it ends by a signal, with the shell's status, whatever is connected.
func TestProxy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	keys := filepath.Join(w.home, "key")
	first := w.serve("--key-file", keys)
	if first.Host != w.url || first.Profile != "local" || !strings.HasSuffix(first.URL, "/"+first.Key) || len(first.Key) != 64 || strings.Count(first.stdout.String(), "\n") != 1 {
		t.Errorf("it says %s", first.stdout.String())
	}
	if info, err := os.Stat(keys); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file of the key: %v %v", info, err)
	}
	want := answer[[]map[string]any](w, "api", "task/search", "--paginate", "--fields", "ID,name,project:name")
	for name, c := range map[string]struct{ path, text string }{
		"one page": {"/attask/api/v22.0/task/search?fields=ID,name,project:name&ID_Sort=asc&$$LIMIT=2000", ""},
		"a list":   {"/rows/task.json?fields=ID,name,project:name", ""},
	} {
		status, text := first.ask("GET", c.path, "")
		var got struct{ Data []map[string]any }
		if err := json.Unmarshal([]byte(text), &got); err != nil || status != 200 {
			t.Fatalf("%s: %d %v %.200s", name, status, err, text)
		}
		for _, row := range got.Data {
			if name == "one page" {
				delete(row, "objCode")
			}
		}
		if diff := cmp.Diff(len(want), len(got.Data)); diff != "" || want[0]["ID"] != got.Data[0]["ID"] {
			t.Errorf("%s: -api +gateway\n%s", name, diff)
		}
	}
	idle, err := (&http.Transport{}).RoundTrip(must(http.NewRequestWithContext(t.Context(), "GET", first.URL+"/attask/api/v22.0/proj/count", nil)))
	if err != nil || idle.StatusCode != 200 {
		t.Fatalf("%v %v", idle, err)
	}
	io.Copy(io.Discard, idle.Body) // the connection stays open
	second := w.serve("--key-file", keys)
	if second.Key != first.Key {
		t.Errorf("the key in a file has changed")
	}
	third := w.serve()
	if third.Key == first.Key {
		t.Errorf("a key that is kept nowhere is the same as before")
	}
	for p, c := range map[*served]struct {
		signal syscall.Signal
		status int
		says   string
	}{first: {syscall.SIGINT, 130, "interrupted"}, second: {syscall.SIGTERM, 143, "terminated"}, third: {syscall.SIGHUP, 129, "hung up"}} {
		p.signal(c.signal)
		if p.wait() != c.status || p.stderr.String() != "wfauth: "+c.says+"\n" {
			t.Errorf("%v: exit status %d, %s", c.signal, p.status, p.stderr.String())
		}
	}
	text := w.start("proxy")
	eventually(t.Context(), t, "the gateway says where it is", func() bool { return strings.Contains(text.stdout.String(), "Ctrl-C") })
	address, _, _ := strings.Cut(text.stdout.String(), "\n")
	if !strings.Contains(text.stdout.String(), "curl -sf '"+address+"/rows/task.csv?") || !strings.Contains(text.stdout.String(), "Excel:") {
		t.Errorf("it says %s", text.stdout.String())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Changes pass where they may, and are done once; where they may not, nothing of them reaches the tenant.
func TestProxyWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	id := answer[[]map[string]any](w, "api", "proj/search?$$LIMIT=1", "--fields", "ID")[0]["ID"].(string)
	reading, writing := w.serve(), w.serve("--allow-writes")
	path := "/attask/api/v22.0/proj/" + id
	before := w.tenant.Counts().API
	for _, c := range []struct{ method, path, body, kind string }{
		{"PUT", path, "name=x", "application/x-www-form-urlencoded"}, {"PUT", path, `{"name":"x"}`, "application/json"},
		{"GET", path + "?method=delete", "", ""}, {"DELETE", path, "", ""}, {"POST", path, "method=PUT&name=x", "application/x-www-form-urlencoded"},
	} {
		if status, text := reading.ask(c.method, c.path, c.body, "Content-Type", c.kind); status != 403 || !strings.Contains(text, "--allow-writes") {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, text)
		}
	}
	if n := w.tenant.Counts().API - before; n != 0 {
		t.Errorf("%d requests have reached the tenant", n)
	}
	name := func() any { return answer[map[string]any](w, "api", "proj/"+id, "--fields", "name")["name"] }
	for want, c := range map[string][2]string{
		"by form": {"name=by form", "application/x-www-form-urlencoded"}, "by JSON": {`{"name":"by JSON"}`, "application/json"},
	} {
		if status, text := writing.ask("PUT", path, c[0], "Content-Type", c[1]); status != 200 || name() != want {
			t.Errorf("%s: %d %s", want, status, text)
		}
	}
	const form = "multipart/form-data; boundary=b"
	file := "--b\r\nContent-Disposition: form-data; name=\"uploadedFile\"; filename=\"a.txt\"\r\n\r\nbytes\r\n--b--\r\n"
	if status, text := writing.ask("POST", "/attask/api/v22.0/upload", file, "Content-Type", form); status != 200 || len(w.tenant.Uploads()) != 1 || w.tenant.Uploads()[0].Size != 5 {
		t.Errorf("an upload: %d %s", status, text)
	}
	if status, text := writing.ask("DELETE", path+"?force=true", ""); status != 200 {
		t.Errorf("a delete: %d %s", status, text)
	}
	if status, text := writing.ask("GET", path, ""); status != 404 || !strings.Contains(text, "not found") {
		t.Errorf("what was deleted: %d %s", status, text)
	}
}
