package workfront

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// server is a way in which a tenant gives less than is asked for. It is told the page size of the walk; what it gives back is what the
// walk knows of it.
type server struct {
	name string
	set  func(l *shifting, size int) limits
}

func servers() []server {
	none := func(int) bool { return false }
	some := func(int) bool { return true }
	return []server{
		{"limited by count", func(l *shifting, size int) limits {
			most := 2 + l.rng.IntN(size)
			l.capacity = func() int { return most }
			return limits{objects: 1 << 30, members: 1 << 30, bytes: 1 << 20, count: func(n int) bool { return n == most }, least: 2}
		}},
		{"limited by a count that changes", func(l *shifting, size int) limits {
			l.capacity = func() int { return 2 + l.rng.IntN(size) }
			return limits{objects: 1 << 30, members: 1 << 30, bytes: 1 << 20, count: some, least: 2}
		}},
		{"limited by weight", func(l *shifting, _ int) limits {
			l.heaviest = 11 + l.rng.IntN(20)
			return limits{objects: l.heaviest, members: 1 << 30, bytes: 1 << 20, count: none, least: 2}
		}},
		{"fails on what is too long", func(l *shifting, size int) limits {
			l.longest = 2 + l.rng.IntN(size)
			return limits{objects: 1 << 30, members: 1 << 30, bytes: 1 << 20, count: none, least: 2}
		}},
		{"limited by count, and fails on what is too long", func(l *shifting, size int) limits {
			l.longest = 2 + l.rng.IntN(size)
			l.capacity = func() int { return 2 + l.rng.IntN(size) }
			return limits{objects: 1 << 30, members: 1 << 30, bytes: 1 << 20, count: some, least: 2}
		}},
	}
}

// tooHeavy is what a tenant does with a page that it cannot give.
func (l *shifting) tooHeavy() (*http.Response, error) {
	switch l.rng.IntN(7) {
	case 0:
		return reply(413, "<html>"), nil
	case 1:
		return reply(500, `{"error":{"message":"java.lang.OutOfMemoryError"}}`), nil
	case 2:
		return reply(422, `{"error":{"message":"The requested limit is greater than the maximum allowed limit"}}`), nil
	case 3:
		return nil, os.ErrDeadlineExceeded
	case 4:
		return reply(504, "<html>"), nil
	case 5:
		return cut(), nil
	}
	return nil, syscall.ECONNRESET
}

// weightOf is how many objects a row consists of: one to three.
func weightOf(id uint32) int { return 1 + int(id>>16)*7%3 }

// rowText is a row of its weight.
func rowText(id uint32) string {
	return fmt.Sprintf(`{"ID":"%08x","nested":[%s]}`, id, [...]string{"", "{}", `{"a":"{"},{}`}[weightOf(id)-1])
}

// TestRound wants the numbers that limits have taken for limits, and those of most short lists not.
func TestRound(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{
		0: false, 1: false, 2: false, 37: false, 49: true, 50: true, 51: false, 63: true, 64: true, 65: false, 99: true, 100: true, 127: true,
		128: true, 199: true, 500: true, 999: true, 1000: true, 1001: false, 1023: true, 1024: true, 1025: false, 1999: true, 1234: false,
	} {
		if got := round(n); got != want {
			t.Errorf("round(%d) = %v", n, got)
		}
	}
}

// TestDocumentedLimits has lists of one page that a limit by weight may have cut, and that none can have.
func TestDocumentedLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  string
		rows int
		want string // what is asked for
	}{
		"37 rows":                   {`"n":1`, 37, "0+2000"},
		"rows that say brackets":    {`"n":"` + strings.Repeat(`{\":`, 5000) + `"`, 37, "0+2000"},
		"many, but not enough":      {`"n":[` + strings.Repeat(`{},`, 900) + `0]`, 43, "0+2000"},
		"40,000 objects and more":   {`"n":[` + strings.Repeat(`{},`, 999) + `{}]`, 43, "0+2000 42+50"},
		"800,000 members and more":  {`"n":[` + strings.Repeat(`{`+strings.Repeat(`"a":1,`, 99)+`"b":2},`, 199) + `0]`, 43, "0+2000 42+50"},
		"a number that limits have": {`"n":1`, 100, "0+2000 99+100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &still{n: c.rows, row: c.row}
			rows, err := rowsOf(t.Context(), memory(t, s.RoundTrip), Request{Path: "task/search"}, Walk{Ahead: 3})
			if got := strings.Join(s.asked(), " "); err != nil || len(rows) != c.rows || got != c.want {
				t.Errorf("%d rows, %v; asked for %s, want %s", len(rows), err, got, c.want)
			}
		})
	}
}

// TestCappedPages has a tenant that gives at most 1,000 rows: none is lost, the limit becomes the page size, and hardly a request is wasted.
func TestCappedPages(t *testing.T) {
	t.Parallel()
	for ahead, most := range map[int]int{1: 7, 3: 9, 8: 13} {
		s := &still{n: 5000, capacity: 1000}
		rows, err := rowsOf(t.Context(), memory(t, s.RoundTrip), Request{Path: "task/search"}, Walk{Ahead: ahead})
		if err != nil || len(rows) != 5000 {
			t.Errorf("%d ahead: %d rows, %v", ahead, len(rows), err)
		}
		if asked := s.asked(); len(asked) > most || slices.Contains(asked, "999+2000") {
			t.Errorf("%d ahead: asked for %s", ahead, asked)
		}
	}
}

// TestHeavyPages has a tenant that fails on more than 300 rows, in every way: it is asked for halves, and the size that works is kept.
func TestHeavyPages(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]struct {
		answer func() (*http.Response, error)
		most   int // requests beyond those of pages of 250
	}{
		"413": {func() (*http.Response, error) { return reply(413, ""), nil }, 3},
		"500": {func() (*http.Response, error) { return reply(500, "<html>"), nil }, 3},
		"a limit is named": {func() (*http.Response, error) {
			return reply(422, `{"error":{"message":"This answer is too large"}}`), nil
		}, 3},
		"no answer in time":  {func() (*http.Response, error) { return nil, os.ErrDeadlineExceeded }, 3},
		"504":                {func() (*http.Response, error) { return reply(504, ""), nil }, 6 + 2 + 2},
		"502":                {func() (*http.Response, error) { return reply(502, ""), nil }, 6 + 2 + 2},
		"closed":             {func() (*http.Response, error) { return nil, syscall.ECONNRESET }, 6 + 2 + 2},
		"cut":                {func() (*http.Response, error) { return cut(), nil }, 6 + 2 + 2},
		"more than is taken": {func() (*http.Response, error) { return endlessPage(), nil }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &still{n: 1000}
				failed := 0
				c := memory(t, func(r *http.Request) (*http.Response, error) {
					if _, size := window(r); size > 300 {
						failed++
						return fail.answer()
					}
					return s.RoundTrip(r)
				})
				limits := documented()
				limits.bytes = 1 << 20
				rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{Ahead: 3, limits: &limits})
				if err != nil || len(rows) != 1000 {
					t.Errorf("%d rows, %v", len(rows), err)
				}
				if failed != fail.most {
					t.Errorf("%d requests were too heavy, want %d", failed, fail.most)
				}
				if got := s.asked(); len(got) > 8 || !slices.Contains(got, "249+250") {
					t.Errorf("asked for %s", got)
				}
			})
		})
	}
}

// TestTooHeavyForAll has a tenant that fails on every page; the walk gives up at 50 rows, with what the tenant said.
func TestTooHeavyForAll(t *testing.T) {
	t.Parallel()
	var sizes []int
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		_, size := window(r)
		sizes = append(sizes, size)
		return reply(500, `{"error":{"message":"out of order"}}`), nil
	})
	_, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{Ahead: 3})
	failure, ok := errors.AsType[*Failure](err)
	if !ok || string(failure.Body) != `{"error":{"message":"out of order"}}` || err.Error() != `acme.my.workfront.com answered 500 internal server error ("out of order")` {
		t.Errorf("%v", err)
	}
	if want := []int{2000, 1000, 500, 250, 125, 62, 50}; !slices.Equal(sizes, want) {
		t.Errorf("asked for %v", sizes)
	}
}

// endlessPage claims more than a page may have.
func endlessPage() *http.Response {
	r := reply(200, "")
	r.Body, r.ContentLength = io.NopCloser(io.LimitReader(noEnd{}, 1<<20+1)), -1
	return r
}

// noEnd has zero bytes without end.
type noEnd struct{}

func (noEnd) Read(p []byte) (int, error) { clear(p); return len(p), nil }
