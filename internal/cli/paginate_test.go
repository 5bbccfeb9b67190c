package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/terminal"
)

// numbered is a tenant with n rows that are their own number. Its pages from offset `from` on are served by then.
func numbered(t *testing.T, n, from int, then http.HandlerFunc) string {
	t.Helper()
	return numberedBy(t, n, from, then, func(i int) string { return fmt.Sprintf(`{"ID":"%08d"}`, i) })
}

// numberedBy is numbered with rows of one's own.
func numberedBy(t *testing.T, n, from int, then http.HandlerFunc, row func(i int) string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _ := strconv.Atoi(r.FormValue("$$FIRST"))
		size, _ := strconv.Atoi(r.FormValue("$$LIMIT"))
		if strings.HasSuffix(r.URL.Path, "/count") {
			io.WriteString(w, `{"data":{"count":1234}}`)
			return
		}
		if first >= from && then != nil {
			then(w, r)
			return
		}
		var rows []string
		for i := first; i < min(first+size, n); i++ {
			rows = append(rows, row(i))
		}
		io.WriteString(w, `{"data":[`+strings.Join(rows, ",")+`]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// runAPI runs wfauth api on a tenant.
func runAPI(ctx context.Context, t *testing.T, url string, stdout io.Writer, args ...string) (status int, stderr string) {
	t.Helper()
	var diagnostics bytes.Buffer
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "AppData": home, "LocalAppData": home, "WFAUTH_HOST": url, "WFAUTH_SESSION_ID": "canary-session-0001"}
	status = Run(ctx, Env{
		Args: append([]string{"api"}, args...), Stdin: strings.NewReader(""), Stdout: stdout, Stderr: &diagnostics,
		Getenv: func(key string) string { return environment[key] },
	})
	return status, diagnostics.String()
}

// An error after output has begun says how many rows were written, and those are whole.
func TestPartialOutput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int
		stderr string
	}{
		"refused": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				io.WriteString(w, `{"error":{"message":"You do not have sufficient access"}}`)
			},
			3, "wfauth: after 21 rows: Workfront refused: You do not have sufficient access (status 403)\n",
		},
		"no list": {
			func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":{}}`) },
			1, "wfauth: after 21 rows: it cannot be read in pages: the answer's data is one object and not a list\n",
		},
		"nonsense": {
			func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `nonsense`) },
			1, "wfauth: after 21 rows: the answer is not JSON\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for format, want := range map[string]int{"ndjson": 21, "csv": 22} {
				var out bytes.Buffer
				url := numbered(t, 1000, 20, c.answer)
				status, stderr := runAPI(t.Context(), t, url, &out, "task/search", "--paginate", "--page-size", "3", "-o", format)
				if status != c.status || stderr != c.stderr {
					t.Errorf("exit status %d, %q; want %d, %q", status, stderr, c.status, c.stderr)
				}
				if n := strings.Count(out.String(), "\n"); n != want || !strings.HasSuffix(out.String(), "\n") {
					t.Errorf("%s: %d lines: %q", format, n, out.String())
				}
			}
		})
	}
}

// Ctrl-C ends a walk that waits for the server, and one that waits for its reader, and says how far it got.
func TestWalkInterrupted(t *testing.T) {
	t.Parallel()
	t.Run("waiting for the server", func(t *testing.T) {
		t.Parallel()
		ctx, interrupt := context.WithCancelCause(t.Context())
		url := numbered(t, 1000, 20, func(_ http.ResponseWriter, r *http.Request) {
			interrupt(&interrupted{syscall.SIGINT})
			<-r.Context().Done()
		})
		var out bytes.Buffer
		status, stderr := runAPI(ctx, t, url, &out, "task/search", "--paginate", "--page-size", "3", "-o", "ndjson", "--concurrency", "1")
		if status != 130 || stderr != "wfauth: after 21 rows: interrupted\n" || strings.Count(out.String(), "\n") != 21 {
			t.Errorf("exit status %d, %q, %d rows", status, stderr, strings.Count(out.String(), "\n"))
		}
	})
	t.Run("waiting for the reader", func(t *testing.T) {
		t.Parallel()
		ctx, interrupt := context.WithCancelCause(t.Context())
		reader, out := io.Pipe()
		defer reader.Close()
		var read sync.WaitGroup
		read.Go(func() { // two pages, and then no more
			buf := make([]byte, 1<<10)
			for range 2 {
				if _, err := reader.Read(buf); err != nil {
					t.Error(err)
				}
			}
			interrupt(&interrupted{syscall.SIGTERM})
		})
		status, stderr := runAPI(ctx, t, numbered(t, 1000, 0, nil), out, "task/search", "--paginate", "--page-size", "3", "-o", "ndjson")
		read.Wait()
		// The second page was read, but its writer may not have known yet.
		if status != 143 || stderr != "wfauth: after 5 rows: terminated\n" && stderr != "wfauth: after 3 rows: terminated\n" {
			t.Errorf("exit status %d, %q", status, stderr)
		}
	})
}

// A reader that goes away, as head does, has what it wanted.
func TestReaderGoes(t *testing.T) {
	t.Parallel()
	reader, out := io.Pipe()
	var read sync.WaitGroup
	read.Go(func() {
		io.ReadFull(reader, make([]byte, 10))
		reader.Close()
	})
	status, stderr := runAPI(t.Context(), t, numbered(t, 1000, 0, nil), out, "task/search", "--paginate", "--page-size", "3", "-o", "ndjson")
	read.Wait()
	if status != 0 || stderr != "" {
		t.Errorf("exit status %d, %q", status, stderr)
	}
}

func TestMaxTime(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	status, stderr := runAPI(t.Context(), t, numbered(t, 1000, 0, hang), io.Discard, "task/search", "--max-time", "100ms")
	if status != 1 || stderr != "wfauth: the 100ms of --max-time are over\n" {
		t.Errorf("exit status %d, %q", status, stderr)
	}
	for limit := 100 * time.Millisecond; ; limit *= 2 { // until two pages come within it
		status, stderr = runAPI(t.Context(), t, numbered(t, 1000, 4, hang), io.Discard,
			"task/search", "--paginate", "--page-size", "3", "--max-time", limit.String())
		if status != 1 || !strings.HasSuffix(stderr, "the "+limit.String()+" of --max-time are over\n") {
			t.Fatalf("exit status %d, %q", status, stderr)
		}
		if strings.HasPrefix(stderr, "wfauth: after 5 rows: ") {
			break
		}
		if limit > time.Minute {
			t.Fatalf("%q", stderr)
		}
	}
}

// The whole walk in one document, as a checker of another make reads it.
func TestOneDocument(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 4, 5, 100} {
		var out bytes.Buffer
		status, stderr := runAPI(t.Context(), t, numbered(t, n, 0, nil), &out, "task/search", "--paginate", "--page-size", "3")
		if status != 0 || stderr != "" {
			t.Errorf("exit status %d, %q", status, stderr)
		}
		if got := strings.Count(out.String(), `{"ID":`); got != n || !json.Valid(out.Bytes()) {
			t.Errorf("%d rows of %d: %s", got, n, out.String())
		}
	}
}

// screen is a terminal that remembers what was shown on it.
type screen struct {
	mu    sync.Mutex // guards shown
	shown bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// What takes long shows how far it got, of how many: the server waits until it has seen that.
func TestProgressOfAWalk(t *testing.T) {
	t.Parallel()
	var stderr screen
	url := numbered(t, 5, 4, func(w http.ResponseWriter, r *http.Request) {
		for !strings.Contains(stderr.String(), "5 of 1,234 rows") {
			select {
			case <-r.Context().Done():
				return // the walk has ended
			case <-time.After(5 * time.Millisecond):
			}
		}
		io.WriteString(w, `{"data":[{"ID":"00000004"}]}`)
	})
	environment := map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": url, "WFAUTH_SESSION_ID": "canary-session-0001"}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	status := Run(ctx, Env{
		Args:   []string{"api", "task/search", "--paginate", "--page-size", "3", "-o", "ndjson"},
		Stdout: &out, Stderr: &stderr, Getenv: func(key string) string { return environment[key] },
		Terminal: terminal.Streams{Err: true, ErrWidth: func() int { return 0 }},
	})
	if shown := stderr.String(); status != 0 || strings.Count(out.String(), "\n") != 5 || !strings.HasSuffix(shown, "\r") || strings.Contains(shown, "wfauth:") {
		t.Errorf("exit status %d, %q, %q", status, out.String(), shown)
	}
}
