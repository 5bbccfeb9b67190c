package workfront

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestFirstIgnored has a server that begins every page with the first row.
func TestFirstIgnored(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"task/search", "task/search?name_Sort=asc"} {
		s := &still{n: 1000}
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			r.URL.RawQuery = "$$FIRST=0&$$LIMIT=" + r.URL.Query().Get("$$LIMIT")
			return s.RoundTrip(r)
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: path}, Walk{PageSize: 10, Ahead: 2})
		if err == nil || !strings.Contains(err.Error(), "ignores $$FIRST") || len(rows) != 10 || len(s.queries) > 6 {
			t.Errorf("%d rows, %d requests, %v", len(rows), len(s.queries), err)
		}
	}
}

// TestFirstLooksIgnored adds just so many rows that the second page begins as the first did. A server that refuses to look as far as wfauth
// then asks has not ignored the offset.
func TestFirstLooksIgnored(t *testing.T) {
	t.Parallel()
	for _, refuses := range []bool{false, true} {
		l := newShifting(1, 30, churn{})
		l.changes = 0
		requests, far := 0, 0
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if requests++; requests == 2 {
				l.insert(0, 4)
			}
			if first, _ := window(r); first > 1000 {
				far++
				if refuses {
					return reply(422, `{"error":{"message":"Invalid Parameter: $$FIRST"}}`), nil
				}
			}
			return l.answer(r)
		})
		got, err := walkAll(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 5})
		if err != nil || len(got) != 30 || far != 1 {
			t.Errorf("%d rows, %d requests far away, %v", len(got), far, err)
		}
	}
}

// TestNoProgress has a server that has nothing at any offset but the first.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	s := &still{n: 10}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first > 0 {
			return reply(200, `{"data":[]}`), nil
		}
		return s.RoundTrip(r)
	})
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 10})
	if err == nil || !strings.Contains(err.Error(), "100 pages in a row brought no new row") || len(rows) != 10 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// TestLostPlace moves all rows in a sort of the user's, so that nothing tells where the walk was.
func TestLostPlace(t *testing.T) {
	t.Parallel()
	s := &still{n: 20_000}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first >= 15_000 {
			return reply(200, `{"data":[]}`), nil
		} else if len(s.queries) > 10 {
			return reply(200, fmt.Sprintf(`{"data":[{"ID":"moved-%d"}]}`, first)), nil
		}
		return s.RoundTrip(r)
	})
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search?name_Sort=asc"}, Walk{PageSize: 1000})
	if err == nil || !strings.Contains(err.Error(), "the place in the list was lost") || len(rows) == 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// TestRowsBeforeThePage adds many rows before the place, once: the walk goes further to pass them, and then on as before.
func TestRowsBeforeThePage(t *testing.T) {
	t.Parallel()
	l := newShifting(1, 1000, churn{})
	l.changes = 0
	requests := 0
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if requests++; requests == 5 {
			l.insert(0, 500)
		}
		return l.answer(r)
	})
	got, err := walkAll(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 11})
	if err != nil || len(got) != 1000 || requests > 101+15 {
		t.Errorf("%d rows with %d requests, %v", len(got), requests, err)
	}
}

// TestRecent remembers no more than it may, and the latest.
func TestRecent(t *testing.T) {
	t.Parallel()
	r := newPlace(0).(*recent)
	rows := make([]row, 3*maxRecent)
	for i := range rows {
		rows[i].id = fmt.Appendf(nil, "%08x", i)
	}
	r.pass(rows)
	if len(r.known) != maxRecent || len(r.ids) != maxRecent {
		t.Errorf("%d and %d are remembered", len(r.known), len(r.ids))
	}
	if skip, at := r.look(&page{first: 7, rows: rows[2*maxRecent-1 : 2*maxRecent+1]}); at != contact || skip != 2 {
		t.Errorf("skip %d, %d", skip, at)
	}
	if _, at := r.look(&page{first: 7, rows: rows[:2*maxRecent]}); at != unknown {
		t.Errorf("forgotten rows tell %d", at)
	}
}
