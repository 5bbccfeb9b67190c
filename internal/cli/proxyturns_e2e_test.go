package cli

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A count of requests stands before a tenant. It lets none through before so many have come as may come at once: a gateway that is
// slower than its own limit would prove nothing.
type crowd struct {
	next   http.Handler
	wanted int

	mu       sync.Mutex // guards what follows
	there    int
	most     int
	came     int
	complete chan struct{} // closed when as many as are wanted are there at once
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.came++
	c.there++
	c.most = max(c.most, c.there)
	if c.there == c.wanted {
		select {
		case <-c.complete:
		default:
			close(c.complete)
		}
	}
	c.mu.Unlock()
	select {
	case <-c.complete:
	case <-r.Context().Done():
	}
	c.next.ServeHTTP(w, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.there--
}

// However many call, pages of lists included, no more than --concurrency requests are at Workfront at once, and all are answered.
func TestProxyTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{Tasks: 6000}, nil)
	w.login()
	s := w.serve("--concurrency", "4")
	c := &crowd{next: w.tenant, wanted: 4, complete: make(chan struct{})}
	w.gates.before(c)
	var callers sync.WaitGroup
	for i := range 40 {
		callers.Go(func() {
			path, want := "/attask/api/v22.0/proj/search?$$LIMIT=5", 1
			if i%5 == 0 {
				path, want = "/rows/task.ndjson?fields=ID", 6000
			}
			if status, text := s.ask("GET", path, ""); status != 200 || strings.Count(text, `"ID"`) < want {
				t.Errorf("caller %d: %d %.300s", i, status, text)
			}
		})
	}
	callers.Wait()
	if c.most != 4 || c.came < 40 {
		t.Errorf("of %d requests %d were there at once, not 4", c.came, c.most)
	}
	t.Logf("40 callers, %d requests, at most %d at once", c.came, c.most)
}
