package cli

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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
	complete chan struct{}   // closed when as many as are wanted are there at once
	over     <-chan struct{} // closed with the test
}

// count is how many requests are there, and the most that were.
func (c *crowd) count() (there, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.there, c.most
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
	case <-c.over:
	}
	answer := httptest.NewRecorder()
	c.next.ServeHTTP(answer, r)
	c.mu.Lock()
	c.there-- // before anything of the answer can be seen
	c.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who asked may have gone
}

// However many call, pages of lists included, no more than --concurrency requests are at Workfront at once, and all are answered.
func TestProxyTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{Tasks: 6000}, nil)
	w.login()
	s := w.serve("--concurrency", "4")
	c := &crowd{next: w.tenant, wanted: 4, complete: make(chan struct{}), over: t.Context().Done()}
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

// Who gives up and asks again, as Excel and Power BI do, has no more than --concurrency requests at Workfront either, which goes on
// working at those that nobody waits for.
func TestProxyTurnsOfThoseWhoGiveUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	s := w.serve("--concurrency", "2")
	c := &crowd{next: w.tenant, wanted: 1000, complete: make(chan struct{}), over: t.Context().Done()}
	w.gates.before(c)
	ask := func(ctx context.Context) { s.askUntil(ctx, "GET", "/attask/api/v22.0/proj/count", "") }
	ctx, giveUp := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() { ask(ctx) })
	}
	eventually(t.Context(), t, "two requests are there", func() bool {
		there, _ := c.count()
		return there == 2
	})
	giveUp()
	callers.Wait()
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		ask(ctx)
		cancel()
	}
	close(c.complete)
	if status, text := s.ask("GET", "/attask/api/v22.0/proj/count", ""); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	if _, most := c.count(); most != 2 {
		t.Errorf("%d were there at once, not 2", most)
	}
}
