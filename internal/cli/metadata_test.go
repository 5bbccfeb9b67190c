package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/objects"
)

// described is a tenant that tells the metadata of projects, and counts how often.
type described struct {
	env   map[string]string
	cache string
	asked atomic.Int32
}

func newDescribed(t *testing.T) *described {
	t.Helper()
	d := &described{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/proj/metadata"):
			d.asked.Add(1)
			io.WriteString(w, `{"data":{"objCode":"PROJ","name":"Project","label":"Project","fields":{"name":{"label":"Name","fieldType":"string"},`+
				`"status":{"label":"Status","fieldType":"string","possibleValues":[{"label":"Current","value":"CUR"}]}}}}`)
		case strings.HasSuffix(r.URL.Path, "/task/metadata"):
			io.WriteString(w, `{"data":{"objCode":"PROJ"}}`)
		default:
			io.WriteString(w, `{"data":[]}`)
		}
	}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	d.env = map[string]string{"HOME": home, "AppData": home, "LocalAppData": home, "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "canary-session-0001"}
	d.cache = config.UserFolders(func(name string) string { return d.env[name] }).Cache
	return d
}

// describe wants the answer, and how often the tenant has been asked by then.
func (d *described) describe(t *testing.T, what string, asked int32, args ...string) {
	t.Helper()
	status, stdout, stderr := within(t, d.env, append([]string{"proj", "describe", "--jq", "length"}, args...)...)
	if status != 0 || stdout != "2\n" || stderr != "" || d.asked.Load() != asked {
		t.Errorf("%s: exit status %d, %q, %q; asked %d times, want %d", what, status, stdout, stderr, d.asked.Load(), asked)
	}
}

func (d *described) files(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(d.cache, metadataPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Metadata is asked for once a day, by origin, version and account; --refresh asks at once.
func TestMetadataIsKept(t *testing.T) {
	t.Parallel()
	d := newDescribed(t)
	d.describe(t, "first", 1)
	d.describe(t, "again", 1)
	d.describe(t, "refreshed", 2, "--refresh")
	d.describe(t, "another version", 3, "--api-version", "v21")
	files := d.files(t)
	if len(files) != 2 {
		t.Fatalf("files: %q", files)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		text, err := os.ReadFile(name)
		if err != nil || strings.Contains(name+string(text), "canary") {
			t.Errorf("%s holds a secret, or cannot be read: %v", name, err)
		}
	}
	old := func(age time.Duration) {
		t.Helper()
		for _, name := range files {
			if err := os.Chtimes(name, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	old(metadataAge - time.Hour)
	d.describe(t, "within a day", 3)
	old(metadataAge + time.Minute)
	d.describe(t, "after a day", 4)
	old(-time.Hour)
	d.describe(t, "from the future", 5)
	d.env["WFAUTH_SESSION_ID"] = "canary-session-0002"
	d.describe(t, "another session", 6)
	old(metadataKept + time.Hour)
	d.describe(t, "refreshed once more", 7, "--refresh")
	if left := d.files(t); len(left) != 1 {
		t.Errorf("old files stay: %q", left)
	}
}

// No fault of the cache is one of the command.
func TestMetadataCacheIsBroken(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, file string){
		"empty":   func(t *testing.T, file string) { write(t, file, "") },
		"nothing": func(t *testing.T, file string) { write(t, file, "nonsense\n") },
		"cut": func(t *testing.T, file string) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, string(text[:len(text)-9]))
		},
		"of another object": func(t *testing.T, file string) {
			write(t, file, string((&objects.Metadata{Code: "TASK", Name: "Task"}).Compact()))
		},
		"a folder": func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(file, "x"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDescribed(t)
			d.describe(t, "first", 1)
			spoil(t, d.files(t)[0])
			d.describe(t, "spoilt", 2)
			if name != "a folder" {
				d.describe(t, "mended", 2)
			}
		})
	}
	t.Run("no place for it", func(t *testing.T) {
		t.Parallel()
		d := newDescribed(t)
		if err := os.MkdirAll(filepath.Dir(d.cache), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, d.cache, "a file")
		d.describe(t, "first", 1)
		d.describe(t, "again", 2)
	})
	t.Run("read-only", func(t *testing.T) {
		t.Parallel()
		d := newDescribed(t)
		if err := os.MkdirAll(d.cache, 0o500); err != nil {
			t.Fatal(err)
		}
		d.describe(t, "first", 1)
		status, _, stderr := within(t, d.env, "proj", "search", "status=CRU")
		if status != 0 || !strings.Contains(stderr, "nothing was found, and this may be why: status of proj has no value CRU") {
			t.Errorf("exit status %d, %s", status, stderr)
		}
	})
	t.Run("the answer is about another", func(t *testing.T) {
		t.Parallel()
		d := newDescribed(t)
		status, stdout, stderr := within(t, d.env, "task", "describe")
		if status != exitFailed || stdout != "" || stderr != "wfauth: the metadata of task: it is that of PROJ\n" {
			t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
		}
		if status, _, stderr := within(t, d.env, "task", "search", "status=CRU"); status != 0 || stderr != "" {
			t.Errorf("an explanation that fails: exit status %d, %s", status, stderr)
		}
	})
}

// Many at once leave one whole file.
func TestMetadataByManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDescribed(t)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if status, stdout, stderr := within(t, d.env, "proj", "describe", "--refresh", "--jq", "length"); status != 0 || stdout != "2\n" {
				t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
			}
		})
	}
	all.Wait()
	asked := d.asked.Load()
	d.describe(t, "afterwards", asked)
	if files := d.files(t); len(files) != 1 {
		t.Errorf("files: %q", files)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
