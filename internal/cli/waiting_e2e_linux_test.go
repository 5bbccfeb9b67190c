package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// wideRows is a tenant with pages of 2,000 rows of 1 kB, whose every tenth has a field of its own. Whoever asks for the third
// page is kept waiting, until the test ends.
func wideRows(t *testing.T) (url string, waits chan struct{}) {
	t.Helper()
	waits = make(chan struct{}, 8) // as many as may be sent at once
	filler := strings.Repeat("x", 1000)
	return numberedBy(t, 1<<20, 4000, func(_ http.ResponseWriter, r *http.Request) {
		waits <- struct{}{}
		<-r.Context().Done()
	}, func(i int) string {
		if i%10 == 0 {
			return fmt.Sprintf(`{"ID":"%08d","text":"%s","field%d":1}`, i, filler, i%100)
		}
		return fmt.Sprintf(`{"ID":"%08d","text":"%s"}`, i, filler)
	}), waits
}

// descriptors are the files of a process below a folder, as the system names them.
func (p *process) descriptors(folder string) (files []string) {
	p.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range entries {
		path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", p.cmd.Process.Pid, e.Name()))
		if err == nil && strings.HasPrefix(path, folder) {
			files = append(files, path)
		}
	}
	return files
}

// holdsNothing wants a folder to be empty.
func holdsNothing(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("in %s there are %v, %v", folder, entries, err)
	}
}

// Rows that wait for the last one lie in a file that nobody else can find or read, and that goes however the process ends.
// What was not written is not said to be.
func TestSignalWhileRowsWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signal syscall.Signal
		status int
		stderr string
	}{
		{syscall.SIGINT, 130, `^wfauth: after 0 rows \(\d+ were read\): interrupted\n$`},
		{syscall.SIGTERM, 143, `^wfauth: after 0 rows \(\d+ were read\): terminated\n$`},
		{syscall.SIGKILL, -1, `^$`},
	} {
		t.Run(c.signal.String(), func(t *testing.T) {
			t.Parallel()
			url, waits := wideRows(t)
			temp := t.TempDir()
			w := newWorld(t, emulator.Options{}, nil).with("WFAUTH_HOST="+url, "WFAUTH_SESSION_ID=CANARY-session", "TMPDIR="+temp)
			p := w.start("api", "task/search", "--paginate", "-o", "csv")
			<-waits
			var files []string
			eventually(t.Context(), t, "rows wait in a file", func() bool {
				files = p.descriptors(temp)
				return len(files) > 0
			})
			if len(files) != 1 || !strings.HasSuffix(files[0], " (deleted)") {
				t.Errorf("open are %q", files)
			}
			holdsNothing(t, temp)
			p.signal(c.signal)
			if p.wait() != c.status || !regexp.MustCompile(c.stderr).MatchString(p.stderr.String()) {
				t.Errorf("exit status %d, not %d: %s", p.status, c.status, p.stderr.String())
			}
			if p.stdout.String() != "" {
				t.Errorf("stdout has %.100q", p.stdout.String())
			}
			holdsNothing(t, temp)
		})
	}
}

// Where there is no room for the file, what was read is written, and one line says why that is not all.
func TestNoRoomForRowsThatWait(t *testing.T) {
	t.Parallel()
	url, _ := wideRows(t)
	w := newWorld(t, emulator.Options{}, nil).with("WFAUTH_HOST="+url, "WFAUTH_SESSION_ID=CANARY-session", "TMPDIR=/nowhere")
	p := w.run("api", "task/search", "--paginate", "-o", "csv")
	lines := strings.Count(p.stdout.String(), "\r\n")
	want := fmt.Sprintf("wfauth: after %d rows: rows wait in /nowhere until the last has come, since not all columns are named: no such file or directory\n", lines-1)
	if p.status != 1 || p.stderr.String() != want || lines < 900 {
		t.Errorf("exit status %d, %d lines, %s", p.status, lines, p.stderr.String())
	}
}

// The file of --out is as it was while it is written, and after an end that comes too early; nothing is left beside it.
func TestSignalBeforeTheFileIsWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signal syscall.Signal
		status int
		stderr string
	}{
		{syscall.SIGINT, 130, "wfauth: interrupted\n"},
		{syscall.SIGTERM, 143, "wfauth: terminated\n"},
		{syscall.SIGKILL, -1, ""},
	} {
		for _, format := range []string{"ndjson", "csv"} {
			t.Run(c.signal.String()+", "+format, func(t *testing.T) {
				t.Parallel()
				url, waits := wideRows(t)
				out, temp := t.TempDir(), t.TempDir()
				path := filepath.Join(out, "rows")
				if err := os.WriteFile(path, []byte("as it was"), 0o640); err != nil {
					t.Fatal(err)
				}
				w := newWorld(t, emulator.Options{}, nil).with("WFAUTH_HOST="+url, "WFAUTH_SESSION_ID=CANARY-session", "TMPDIR="+temp)
				p := w.start("api", "task/search", "--paginate", "-o", format, "--out", path)
				<-waits
				p.signal(c.signal)
				if p.wait() != c.status || p.stderr.String() != c.stderr || p.stdout.String() != "" {
					t.Errorf("exit status %d, not %d: %s", p.status, c.status, p.stderr.String())
				}
				text, err := os.ReadFile(path)
				entries, _ := os.ReadDir(out)
				if string(text) != "as it was" || err != nil || len(entries) != 1 {
					t.Errorf("there are %v, and the file holds %.100q, %v", entries, text, err)
				}
				holdsNothing(t, temp)
			})
		}
	}
}

// A pipe gets the answer as it comes; who reads it sees its end, also of an answer that is empty.
func TestOutIsAPipe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	for _, c := range []struct{ jq, want string }{{".data.count", "20\n"}, {"empty", ""}} {
		path := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		read := make(chan []byte, 1)
		go func() {
			text, err := os.ReadFile(path) // waits for its writer
			if err != nil {
				t.Error(err)
			}
			read <- text
		}()
		p := w.start("api", "proj/count", "--jq", c.jq, "--out", path)
		select {
		case got := <-read:
			if p.wait() != 0 || string(got) != c.want {
				t.Errorf("%q; exit status %d: %s", got, p.status, p.stderr.String())
			}
		case <-time.After(patience):
			t.Fatalf("the pipe is never opened; exit status %d: %s", p.wait(), p.stderr.String())
		}
	}
	// Ctrl-C ends the wait for a reader who never comes.
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	g := w.closeGate("/attask/")
	p := w.start("api", "proj/count", "--out", path)
	g.wait()
	g.open()
	p.signal(os.Interrupt)
	if p.wait() != 130 {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
}

// At a terminal the file is no terminal, unless it is one.
func TestOutAtATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	path := filepath.Join(t.TempDir(), "count")
	p := w.atTerminal("api", "proj/count", "--out", path)
	if p.wait() != 0 {
		t.Errorf("exit status %d", p.status)
	}
	<-p.shown
	if text, err := os.ReadFile(path); string(text) != `{"data":{"count":20}}` || err != nil || p.stderr.String() != "" {
		t.Errorf("the file holds %q, %v; the screen %q", text, err, p.stderr.String())
	}
	p = w.atTerminal("api", "proj/count", "--out", "/dev/tty")
	if p.wait() != 0 {
		t.Errorf("exit status %d", p.status)
	}
	<-p.shown
	if !strings.Contains(p.stderr.String(), "\n    \"count\": 20\n") {
		t.Errorf("the screen shows %q", p.stderr.String())
	}
}
