package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// killed runs a bulk command in processes that are killed at random moments, until one comes to its end, and gives that one. Look is
// told after each kill which rows the journal knows to be done.
func (w *world) killed(kills int, args []string, journal string, look func(done map[int]bool)) (ended *process) {
	w.t.Helper()
	var took time.Duration
	for n := 0; ; n++ {
		began := time.Now()
		run := args
		if there(journal) {
			run = append(slices.Clip(args), "--resume")
		}
		p := w.start(run...)
		if n < kills {
			select {
			case <-p.ended:
			case <-time.After(time.Duration(rand.Int64N(int64(took+400*time.Millisecond) / int64(kills)))):
				_ = p.cmd.Process.Kill() // may have ended
			}
		}
		p.wait()
		if p.status < 0 && !there(journal) && p.stdout.String() != "" {
			p.status = 0 // it had printed everything and taken the journal away: only its end was cut off
		}
		if p.status >= 0 {
			return p
		}
		took = max(took, time.Since(began))
		look(journaled(w.t, journal))
	}
}

// journaled are the rows that a journal knows to be done.
func journaled(t *testing.T, path string) map[int]bool {
	t.Helper()
	done := map[int]bool{}
	file, err := os.Open(path)
	if err != nil {
		return done // killed before there was one
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return done // what is cut counts as not written
		}
		var line struct{ Done []struct{ Row int } }
		if json.Unmarshal(text, &line) == nil {
			for _, d := range line.Done {
				done[d.Row] = true
			}
		}
	}
}

// A bulk command that is killed again and again writes no row twice that was known to be done, and loses none.
func TestBulkKilled(t *testing.T) {
	t.Parallel()
	n, kills := inFull(2000, 700), inFull(8, 4)
	if os.Getenv(manyKills) != "" {
		n, kills = 10_000, 20
	}
	for _, verb := range [...]string{"update", "create"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			for range rounds(kills) {
				l := newLedger(t, emulator.Options{})
				w := newWorld(t, emulator.Options{}, nil)
				w = w.with("WFAUTH_HOST="+l.env["WFAUTH_HOST"], "WFAUTH_SESSION_ID="+l.env["WFAUTH_SESSION_ID"])
				var rows strings.Builder
				var ids []string
				name := func(i int) string { return fmt.Sprintf("row %d", i) }
				object := "proj"
				if verb == "update" {
					object, ids = "task", l.tasks(n)
				}
				for i := range n {
					if ids != nil {
						fmt.Fprintf(&rows, `{"ID":%q,"name":%q}`+"\n", ids[i], name(i))
					} else {
						fmt.Fprintf(&rows, `{"name":%q}`+"\n", name(i))
					}
				}
				input := l.file("rows.ndjson", rows.String())
				known := map[string]int{} // rows that were done at a kill, and how often they had been written then
				key := func(row int) string {
					if ids != nil {
						return ids[row-1] + name(row-1)
					}
					return name(row - 1)
				}
				p := w.killed(kills, []string{object, verb, "--input", input, "--concurrency", "2"}, input+".wfauth-journal", func(done map[int]bool) {
					l.mu.Lock()
					defer l.mu.Unlock()
					for row := range done {
						if _, before := known[key(row)]; !before {
							known[key(row)] = l.rows[key(row)]
						}
					}
				})
				uncertain := p.status == exitSome
				if p.status != 0 && !uncertain {
					t.Fatalf("exit status %d: %s", p.status, p.stderr.String())
				}
				l.mu.Lock()
				for key, times := range known {
					if l.rows[key] != times {
						t.Errorf("%s was written %d times, %d of them after it was known to be done", key, l.rows[key], l.rows[key]-times)
					}
				}
				l.mu.Unlock()
				if uncertain && verb == "create" {
					l.once(n, false)
				}
				if uncertain {
					p = w.start(object, verb, "--input", input, "--retry-uncertain")
					if p.wait() != 0 {
						t.Fatalf("--retry-uncertain: exit status %d: %s", p.status, p.stderr.String())
					}
				}
				if lines := strings.Count(p.stdout.String(), "\n"); lines != n {
					t.Errorf("%d rows are printed, not %d", lines, n)
				}
				if got := l.with(object, "name~row "); got != fmt.Sprint(n) && (verb == "update" || !uncertain) {
					t.Errorf("%s objects have the new name, not %d", got, n)
				}
				if there(filepath.Join(input + ".wfauth-journal")) {
					t.Error("the journal is left behind")
				}
			}
		})
	}
}

// manyKills is the variable for as many kills as somebody has the time for.
const manyKills = "WFAUTH_TEST_KILLS"

// rounds are how many times a run is killed again and again.
func rounds(kills int) int {
	if n, err := strconv.Atoi(os.Getenv(manyKills)); err == nil {
		return max(1, n/kills/2)
	}
	return 2
}
