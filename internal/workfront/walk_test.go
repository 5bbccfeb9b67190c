package workfront

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// still is a list that does not change, of n rows; it keeps the queries it was asked.
type still struct {
	n        int
	row      string // members of each row besides its ID
	capacity int    // rows of a page at most; 0: as many as are asked for

	mu      sync.Mutex // guards what follows
	queries []url.Values
}

func (s *still) RoundTrip(r *http.Request) (*http.Response, error) {
	r.ParseForm()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, r.Form)
	first, size := window(r)
	var rows []string
	if s.capacity > 0 {
		size = min(size, s.capacity)
	}
	for i := first; i < min(first+size, s.n); i++ {
		if s.row == "" {
			rows = append(rows, fmt.Sprintf(`{"ID":"%08x"}`, i))
		} else {
			rows = append(rows, fmt.Sprintf(`{"ID":"%08x",%s}`, i, s.row))
		}
	}
	return reply(200, `{"data":[`+strings.Join(rows, ",")+`]}`), nil
}

// asked gives offset and size of each request.
func (s *still) asked() (windows []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queries {
		windows = append(windows, q.Get("$$FIRST")+"+"+q.Get("$$LIMIT"))
	}
	slices.Sort(windows) // requests ahead may overtake one another
	return windows
}

func window(r *http.Request) (first, size int) {
	first, _ = strconv.Atoi(r.FormValue("$$FIRST"))
	size, _ = strconv.Atoi(r.FormValue("$$LIMIT"))
	return first, size
}

// rowsOf reads all pages into lines.
func rowsOf(ctx context.Context, c *Client, r Request, w Walk) (rows []string, err error) {
	for page, err := range c.Pages(ctx, r, w) {
		if err != nil {
			return rows, err
		}
		for _, row := range page {
			rows = append(rows, string(row))
		}
	}
	return rows, nil
}

// TestRequestsOfAWalk counts the requests for lists that stand still: none is wasted before the end, and pages overlap by one row.
func TestRequestsOfAWalk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows int
		w    Walk
		want string
	}{
		{0, Walk{PageSize: 3}, "0+3"},
		{2, Walk{PageSize: 3, Ahead: 8}, "0+3"},
		{3, Walk{PageSize: 3}, "0+3 2+3"},
		{4, Walk{PageSize: 3}, "0+3 2+3 3+3"},
		{5, Walk{PageSize: 3}, "0+3 2+3 4+3"},
		{5, Walk{}, "0+2000"},
		{2, Walk{PageSize: 1}, "0+2 1+2"},
		{9, Walk{PageSize: 3, Limit: 2, Ahead: 8}, "0+2"},
		{9, Walk{PageSize: 3, Limit: 3, Ahead: 8}, "0+3"},
		{9, Walk{PageSize: 3, Limit: 4, Ahead: 8}, "0+3 2+2"},
		{9, Walk{PageSize: 3, Limit: 7, Ahead: 8}, "0+3 2+3 4+3"},
		{9, Walk{PageSize: 3, Limit: 8}, "0+3 2+3 4+3 6+2"},
		{9, Walk{Limit: 100}, "0+100"},
	} {
		s := &still{n: c.rows}
		rows, err := rowsOf(t.Context(), memory(t, s.RoundTrip), Request{Path: "task/search"}, c.w)
		if err != nil {
			t.Errorf("%d rows, %+v: %v", c.rows, c.w, err)
		}
		want := c.rows
		if c.w.Limit > 0 {
			want = min(want, c.w.Limit)
		}
		if len(rows) != want {
			t.Errorf("%d rows, %+v: %d rows came", c.rows, c.w, len(rows))
		}
		if got := strings.Join(s.asked(), " "); got != c.want {
			t.Errorf("%d rows, %+v: asked for %s, want %s", c.rows, c.w, got, c.want)
		}
	}
}

// TestAhead has a slow server and wants as many requests in flight as were allowed, after the first.
func TestAhead(t *testing.T) {
	t.Parallel()
	for ahead, rounds := range map[int]int{1: 65, 2: 33, 4: 17, 8: 9, 9: 9} {
		synctest.Test(t, func(t *testing.T) {
			s := &still{n: 2*64 + 1}
			c := memory(t, func(r *http.Request) (*http.Response, error) {
				if err := sleep(r.Context(), time.Second); err != nil {
					return nil, err
				}
				return s.RoundTrip(r)
			})
			start := time.Now()
			if _, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: ahead}); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Duration(rounds)*time.Second {
				t.Errorf("%d ahead: %v, want %d s", ahead, took, rounds)
			}
		})
	}
}

// TestTooManyAtOnce has a server that takes two at a time, and wants the walk to find that out.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &still{n: 400}
		var mu sync.Mutex
		inFlight, refused, served := 0, 0, 0
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			inFlight++
			tooMany := inFlight > 2
			if tooMany {
				refused++
			} else {
				served++
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				inFlight--
			}()
			time.Sleep(100 * time.Millisecond)
			if tooMany {
				return reply(429, `{"error":{"message":"Too many concurrent API requests"}}`), nil
			}
			return s.RoundTrip(r)
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 8})
		if err != nil || len(rows) != 400 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if refused > served/4 {
			t.Errorf("%d requests refused, %d served: the number in flight did not come down", refused, served)
		}
	})
}

// TestWalkIsInterrupted ends the context while pages are on their way: the rest ends at once, with the context's cause.
func TestWalkIsInterrupted(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, interrupt := context.WithCancelCause(t.Context())
	s := &still{n: 100}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first > 4 {
			interrupt(cause)
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return s.RoundTrip(r)
	})
	_, err := rowsOf(ctx, c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
	if !errors.Is(err, cause) {
		t.Error(err)
	}
}

// TestWalkIsLeft stops reading after one page, while others are on their way.
func TestWalkIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &still{n: 100}
		var inFlight atomic.Int32
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			inFlight.Add(1)
			defer inFlight.Add(-1)
			if first, _ := window(r); first > 0 {
				<-r.Context().Done()
				time.Sleep(time.Second) // it takes a while to end
			}
			return s.RoundTrip(r)
		})
		for range c.Pages(t.Context(), Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 3}) {
			synctest.Wait()
			if n := inFlight.Load(); n != 3 {
				t.Errorf("%d requests ahead, want 3", n)
			}
			break
		}
		if n := inFlight.Load(); n != 0 {
			t.Errorf("%d requests are still in flight", n)
		}
	})
}

// TestEndInSight has the last page arrive before the one that comes first, and wants no more to be asked for then.
func TestEndInSight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &still{n: 6}
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if first, _ := window(r); first == 2 {
				time.Sleep(time.Second)
			}
			return s.RoundTrip(r)
		})
		for _, err := range c.Pages(t.Context(), Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 3}) {
			if err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second) // whatever was asked for meanwhile is on its way
		}
		if got := strings.Join(s.asked(), " "); got != "0+3 2+3 4+3 5+3 6+3" {
			t.Errorf("asked for %s", got)
		}
	})
}

// TestSessionEndsInAWalk renews it once, however many pages find out, and at the same moment.
func TestSessionEndsInAWalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &still{n: 40}
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if first, _ := window(r); first > 4 && r.Header.Get("sessionID") == canary {
				time.Sleep(time.Second) // for the others that were asked for ahead
				return reply(401, `{"error":{"message":"You are not currently logged in."}}`), nil
			}
			return s.RoundTrip(r)
		})
		ended := &sessions{ids: []string{canary, "canary-session-0002", "canary-session-0003"}}
		c.Credentials = ended
		rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
		if err != nil || len(rows) != 40 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if ended.renewals < 2 || len(ended.ids) != 2 {
			t.Errorf("%d pages found out, and %d sessions are left of 3", ended.renewals, len(ended.ids))
		}
	})
}
