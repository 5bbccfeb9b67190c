package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A witness stands before a tenant's token endpoint and sees how far the sender of a request came with the answer. When a
// process dies, the system resets its connection if something that had arrived was not read, and else closes it.
type witness struct {
	next http.Handler

	mu  sync.Mutex
	all []*sighting // since the last take, guarded by mu
}

// A sighting is one answer of the token endpoint's.
type sighting struct {
	given time.Time // known once ended is closed
	read  bool      // to its end; likewise
	ended chan struct{}
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path != tokenEndpoint {
		w.next.ServeHTTP(rw, r)
		return
	}
	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, r)
	s := &sighting{ended: make(chan struct{})}
	defer close(s.ended)
	w.mu.Lock()
	w.all = append(w.all, s)
	w.mu.Unlock()
	conn, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	header := answer.Header()
	header.Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	header.Set("Connection", "close")
	var text bytes.Buffer
	fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\n", answer.Code, http.StatusText(answer.Code))
	_ = header.Write(&text) // never fails
	fmt.Fprintf(&text, "\r\n%s", answer.Body)
	_, err = conn.Write(text.Bytes())
	s.given = time.Now()
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
	}
	s.read = errors.Is(err, io.EOF)
}

// take returns the answers given since the last call, once their connections have ended.
func (w *witness) take() []*sighting {
	w.mu.Lock()
	all := w.all
	w.all = nil
	w.mu.Unlock()
	for _, s := range all {
		<-s.ended
	}
	return all
}

// wfauth token --refresh is killed at random moments, at a tenant that ends the login when a refresh token comes twice.
// The next refresh has to succeed. What may be lost is an answer that the process had not read whole, or had not had the
// time to seal; a second is far more than it needs for that.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := inFull(1000, 40)
	session := supervised(t)
	w := newWorld(t, emulator.Options{Rotate: true}, session)
	seen := &witness{next: w.tenant}
	w.gates.before(seen)
	w.login()
	// What the recovery file holds: it stays for a while after each refresh.
	kept := func() string {
		paths, err := filepath.Glob(filepath.Join(session.Getenv("XDG_STATE_HOME"), "wfauth", "recovery", "*.age"))
		if err != nil || len(paths) != 1 {
			t.Fatalf("recovery files %q, %v", paths, err)
		}
		sealed, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(sealed)
	}

	// The moments are those of a run, and a little longer: how long one takes is learned from those that are not killed.
	took := 30 * time.Millisecond
	var ended, before, unread, sealed, unsealed, after int
	died := 0                // so often the keyring, by itself
	var latest time.Duration // after the answer, of a kill that lost it
	for range kills {
		seen.take()
		earlier := kept()
		p := w.start("token", "--refresh")
		time.Sleep(rand.N(took * 5 / 4))
		killed := time.Now()
		p.signal9()
		if p.wait() != -1 {
			ended++
		}
		left := kept()
		w.settle() // before a request that was on its way, no later one may come

		began := time.Now()
		next := w.run("token", "--refresh")
		took = (took*7 + time.Since(began)) / 8
		answers := seen.take()
		if next.status == 1 && session.Deaths(t) > died {
			died = session.Deaths(t)
			w.settle()
			next = w.run("token", "--refresh")
			answers = append(answers, seen.take()...)
		}
		lost := next.status == 4
		var sighting *sighting
		if len(answers) > 1 {
			sighting = answers[0]
		}
		switch {
		case next.status != 0 && !lost:
			t.Fatalf("after a kill: exit status %d: %s", next.status, next.stderr.String())
		case sighting == nil:
			before++
			if lost {
				t.Fatalf("a login was lost by a kill before any request: %s", next.stderr.String())
			}
		case sighting.given.After(killed) || !sighting.read:
			unread++
		case lost && (killed.Sub(sighting.given) > max(time.Second, took) || p.status != -1 || left != earlier):
			t.Fatalf("a login was lost by a kill %v after the answer, exit status %d, another recovery file %v: %s",
				killed.Sub(sighting.given), p.status, left != earlier, next.stderr.String())
		case lost:
			unsealed++
			latest = max(latest, killed.Sub(sighting.given))
		case p.status == -1:
			sealed++
		default:
			after++
		}
		if lost {
			w.login()
		}
	}
	t.Logf("%d kills of a refresh: %d before the request, %d with an answer not read whole, %d between reading and sealing it (at most %v after it was given), "+
		"%d later, %d after the end (of all, %d had ended); gnome-keyring itself died %d times; a run took %v",
		kills, before, unread, unsealed, latest.Round(10*time.Microsecond), sealed, after, ended, died, took.Round(time.Millisecond))
	if n := w.must("token"); len(n) != 33 {
		t.Errorf("wfauth token prints %q", n)
	}
}

// signal9 kills a process that may have ended.
func (p *process) signal9() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}
