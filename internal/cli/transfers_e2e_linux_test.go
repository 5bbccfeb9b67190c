package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// library is a world with a large document in it, and a tenant that stops in the middle of its file when it is told to.
type library struct {
	*world
	project string // as --to and --of have it
	id      string
	content []byte
	stops   *stops
}

const downloadPath = "/internal/document/download"

func newLibrary(t *testing.T) *library {
	t.Helper()
	w := newWorld(t, emulator.Options{}, nil)
	w = w.with("WFAUTH_HOST="+w.url, "WFAUTH_SESSION_ID="+w.tenant.NewSession(""))
	l := &library{world: w, stops: &stops{next: w.tenant, half: make(chan struct{}, 100)}}
	l.project = "proj/" + strings.TrimSpace(w.must("proj", "search", "--limit", "1", "--quiet", "--jq", ".[0].ID"))
	var b bytes.Buffer
	for i := 0; b.Len() < 3<<20; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	l.content = b.Bytes()
	if err := os.WriteFile(filepath.Join(w.home, "large.bin"), l.content, 0o600); err != nil {
		t.Fatal(err)
	}
	l.id = strings.TrimSpace(w.must("docu", "upload", "large.bin", "--to", l.project, "--jq", ".ID"))
	w.gates.before(l.stops)
	return l
}

// holds wants a folder to have the document's file and nothing else.
func (l *library) holds(dir string) {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "large.bin"))
	if err != nil || !bytes.Equal(text, l.content) || !slices.Equal(filesIn(l.t, dir), []string{"large.bin"}) {
		l.t.Errorf("%d bytes, %v, %q", len(text), err, filesIn(l.t, dir))
	}
}

// stops is a tenant whose downloads stop in their middle, and stay there until whoever asked has gone.
type stops struct {
	next    http.Handler
	on      atomic.Bool
	without atomic.Bool   // nor does it say by what the file is known
	half    chan struct{} // gets one for each that stops

	mu    sync.Mutex
	asked []string // the ranges
}

func (s *stops) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != downloadPath {
		s.next.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Range"))
	s.mu.Unlock()
	if s.on.Load() {
		w = &stoppedWriter{w, r, s, 1 << 20}
	}
	s.next.ServeHTTP(w, r)
}

func (s *stops) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

type stoppedWriter struct {
	http.ResponseWriter
	r    *http.Request
	s    *stops
	left int
}

func (w *stoppedWriter) WriteHeader(status int) {
	if w.s.without.Load() {
		w.Header().Del("Last-Modified")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *stoppedWriter) Write(p []byte) (int, error) {
	if w.left < len(p) {
		_, _ = w.ResponseWriter.Write(p[:w.left])
		_ = http.NewResponseController(w.ResponseWriter).Flush() // or it does not come
		w.s.half <- struct{}{}
		<-w.r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	w.left -= len(p)
	return w.ResponseWriter.Write(p)
}

// downloads starts a download and waits until its middle has come.
func (l *library) downloads(dir string) *process {
	l.t.Helper()
	l.stops.on.Store(true)
	p := l.start("docu", "download", l.id, "--out", dir)
	select {
	case <-l.stops.half:
	case <-time.After(patience):
		l.t.Fatalf("the download does not begin: %s", p.stderr.String())
	}
	eventually(l.t.Context(), l.t, "what was sent has come", func() bool {
		if l.stops.without.Load() {
			return true // the file has no name
		}
		parts, _ := filepath.Glob(filepath.Join(dir, ".wfauth-*.part"))
		if len(parts) != 1 {
			return false
		}
		info, err := os.Stat(parts[0])
		return err == nil && info.Size() >= 1<<20
	})
	return p
}

// However a download ends, what has come is not lost, and the same command goes on from there.
func TestDownloadInterrupted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signal syscall.Signal
		status int
		says   string
	}{
		{syscall.SIGINT, 130, "wfauth: interrupted\n"},
		{syscall.SIGTERM, 143, "wfauth: terminated\n"},
		{syscall.SIGHUP, 129, "wfauth: hung up\n"},
		{syscall.SIGKILL, -1, ""},
	} {
		t.Run(c.signal.String(), func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			dir := t.TempDir()
			p := l.downloads(dir)
			p.signal(c.signal)
			if p.wait() != c.status || !strings.HasSuffix(p.stderr.String(), c.says) || p.stdout.String() != "" {
				t.Errorf("exit status %d, %q: %s", p.status, p.stdout.String(), p.stderr.String())
			}
			if c.status > 0 && !strings.HasSuffix(p.stderr.String(), ": 1.0 MiB are kept, and the same command goes on from there\n"+c.says) {
				t.Errorf("stderr: %s", p.stderr.String())
			}
			l.stops.on.Store(false)
			l.stops.take()
			again := l.run("docu", "download", l.id, "--out", dir)
			if again.status != 0 || !strings.Contains(again.stderr.String(), "going on behind ") {
				t.Errorf("exit status %d: %s", again.status, again.stderr.String())
			}
			l.holds(dir)
			if asked := l.stops.take(); !slices.Equal(asked, []string{fmt.Sprintf("bytes=%d-", 1<<20-64<<10)}) {
				t.Errorf("asked for %q", asked)
			}
		})
	}
}

// Of a download that no run could go on with nothing is left.
func TestDownloadInterruptedForGood(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		l := newLibrary(t)
		l.stops.without.Store(true)
		dir := t.TempDir()
		p := l.downloads(dir)
		p.signal(signal)
		if p.wait() == 0 || strings.Contains(p.stderr.String(), "kept") {
			t.Errorf("%v: exit status %d: %s", signal, p.status, p.stderr.String())
		}
		if files := filesIn(t, dir); len(files) != 0 && signal != syscall.SIGKILL {
			t.Errorf("%v: left behind: %q", signal, files)
		}
	}
}

// Two processes that download the same document do not disturb each other.
func TestDownloadTwiceAtOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	dir := t.TempDir()
	first := l.downloads(dir)
	l.stops.on.Store(false)
	if p := l.run("docu", "download", l.id, "--out", dir); p.status != 0 {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
	first.signal(syscall.SIGTERM)
	first.wait()
	if p := l.run("docu", "download", l.id, "--out", dir); p.status != 0 || !strings.Contains(p.stderr.String(), "going on behind ") {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
	for _, name := range []string{"large.bin", "large (2).bin"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(text, l.content) {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
	if files := filesIn(t, dir); len(files) != 2 {
		t.Errorf("left behind: %q", files)
	}
}

// A full disk is said so, and gets back what the download took; the other documents are not tried.
func TestDiskFullOfDownloads(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	dir := t.TempDir()
	mount(t, dir, "size=1m")
	for _, args := range [][]string{{l.id}, {"--of", l.project}} {
		p := l.run(append([]string{"docu", "download", "--concurrency", "1", "--out", dir}, args...)...)
		files := slices.DeleteFunc(filesIn(t, dir), func(name string) bool { return strings.HasSuffix(name, ".txt") }) // the tenant's own, which are small
		if p.status != 1 && p.status != 5 || !strings.Contains(p.stderr.String(), "no space left on device") || len(files) != 0 {
			t.Errorf("exit status %d, %q: %s", p.status, files, p.stderr.String())
		}
	}
	to := filepath.Join(dir, "file")
	if err := os.WriteFile(to, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := l.run("docu", "download", l.id, "--out", to)
	if text, err := os.ReadFile(to); p.status != 1 || string(text) != "as it was" || err != nil {
		t.Errorf("exit status %d, %q, %v: %s", p.status, text, err, p.stderr.String())
	}
}

// At a terminal one line shows how far all files are, and goes.
func TestTransferProgress(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.stops.on.Store(true)
	p := l.atTerminal("docu", "download", l.id, "--out", l.home+"/there/")
	line := regexp.MustCompile(`\r1\.0 MiB of 3\.0 MiB, [0-9.]+ [KMG]?i?B?(bytes)?/s, \d+[hms0-9]* left`)
	eventually(t.Context(), t, "the progress is shown", func() bool { return line.MatchString(p.stderr.String()) })
	p.signal(syscall.SIGINT)
	p.wait()
	<-p.shown
	if p.status != 130 || !strings.HasSuffix(strings.ReplaceAll(p.stderr.String(), "\r\n", "\n"), "wfauth: interrupted\n") {
		t.Errorf("exit status %d: %q", p.status, p.stderr.String())
	}
}

// An upload that is interrupted has made no document. Nor has a file that changes while it is sent.
func TestUploadInterrupted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(t *testing.T, p *process, path string)
		status int
		says   string
	}{
		"interrupted": {func(_ *testing.T, p *process, _ string) { p.signal(syscall.SIGINT) }, 130, "wfauth: interrupted\n"},
		"killed":      {func(_ *testing.T, p *process, _ string) { p.signal(syscall.SIGKILL) }, -1, ""},
		"shortened": {func(t *testing.T, _ *process, path string) {
			if err := os.Truncate(path, 10); err != nil {
				t.Error(err)
			}
		}, 1, "wfauth: the file was changed while it was sent\n"},
		"lengthened": {func(t *testing.T, _ *process, path string) {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = file.WriteString("more")
				file.Close()
			}
			if err != nil {
				t.Error(err)
			}
		}, 1, "wfauth: the file was changed while it was sent\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			begun, goOn := make(chan struct{}), make(chan struct{})
			once := sync.OnceFunc(func() { close(begun) })
			defer sync.OnceFunc(func() { close(goOn) })()
			l.gates.before(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/upload") {
					head := make([]byte, 1<<10)
					_, _ = io.ReadFull(r.Body, head) // it is long enough
					once()
					select {
					case <-goOn:
					case <-r.Context().Done():
					}
					r.Body = readCloser{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
				}
				l.tenant.ServeHTTP(w, r)
			}))
			path := filepath.Join(l.home, "sent.bin")
			if err := os.WriteFile(path, bytes.Repeat(l.content, 8), 0o600); err != nil { // more than fits on the way
				t.Fatal(err)
			}
			p := l.start("docu", "upload", path, "--to", l.project)
			select {
			case <-begun:
			case <-time.After(patience):
				t.Fatalf("the upload does not begin: %s", p.stderr.String())
			}
			c.do(t, p, path)
			if strings.HasSuffix(name, "pened") {
				goOn <- struct{}{}
			}
			if p.wait() != c.status || !strings.HasSuffix(p.stderr.String(), c.says) || p.stdout.String() != "" {
				t.Errorf("exit status %d: %s", p.status, p.stderr.String())
			}
			l.gates.before(l.tenant)
			if n := strings.TrimSpace(l.must("docu", "count", "name=sent.bin")); n != "0" {
				t.Errorf("%s documents were made", n)
			}
		})
	}
}

// Where the answer to the last step does not come, it may have been done, and the interruption says so.
func TestUploadInterruptedAtItsEnd(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	g := l.closeGate("/attask/api/v22.0/docu")
	p := l.start("docu", "upload", "large.bin", "--to", l.project)
	g.wait()
	p.signal(syscall.SIGINT)
	if p.wait() != 130 || !strings.HasSuffix(p.stderr.String(), "wfauth: interrupted; it may have been done, so look before you send it again\n") {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
}

type readCloser struct {
	io.Reader
	io.Closer
}
