package workfront

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// churn is a way in which rows come and go between two answers. It is told where the latest page began and how long a page is.
type churn struct {
	name string
	do   func(l *shifting, first, size int)
}

func churns() []churn {
	near := func(l *shifting, at, width int) int { return at - width + l.rng.IntN(2*width+1) }
	return []churn{
		{"nothing", func(*shifting, int, int) {}},
		{"rows go before the page", func(l *shifting, first, size int) { l.remove(l.rng.IntN(first+1), 1+l.rng.IntN(3)) }},
		{"rows come before the page", func(l *shifting, first, size int) { l.insert(l.rng.IntN(first+1), 1+l.rng.IntN(3)) }},
		{"rows go at the page's edges", func(l *shifting, first, size int) {
			l.remove(near(l, first, 2), 1+l.rng.IntN(2))
			l.remove(near(l, first+size, 2), 1+l.rng.IntN(2))
		}},
		{"rows come at the page's edges", func(l *shifting, first, size int) {
			l.insert(near(l, first, 2), 1+l.rng.IntN(2))
			l.insert(near(l, first+size, 2), 1+l.rng.IntN(2))
		}},
		{"rows go and come after the page", func(l *shifting, first, size int) {
			l.remove(first+size+l.rng.IntN(2*size), 1+l.rng.IntN(3))
			l.insert(first+size+l.rng.IntN(2*size), 1+l.rng.IntN(3))
		}},
		{"bursts go", func(l *shifting, first, size int) { l.remove(l.rng.IntN(first+size), size+l.rng.IntN(3*size)) }},
		{"bursts come", func(l *shifting, first, size int) { l.insert(l.rng.IntN(first+size), size+l.rng.IntN(3*size)) }},
		{"everything goes", func(l *shifting, first, size int) {
			if l.rng.IntN(4) == 0 {
				l.remove(0, len(l.ids))
			}
		}},
		{"the end moves", func(l *shifting, first, size int) {
			l.remove(len(l.ids)-1-l.rng.IntN(size), 1+l.rng.IntN(2*size))
			l.insert(len(l.ids), l.rng.IntN(2*size))
		}},
		{"all of it", func(l *shifting, first, size int) {
			for range 1 + l.rng.IntN(3) {
				if at := l.rng.IntN(len(l.ids) + 1); l.rng.IntN(2) == 0 {
					l.remove(at, 1+l.rng.IntN(2*size))
				} else {
					l.insert(at, 1+l.rng.IntN(2*size))
				}
			}
		}},
	}
}

// shifting is a tenant whose list changes between answers. It answers in memory.
type shifting struct {
	mu      sync.Mutex // guards what follows
	rng     *rand.Rand
	ids     []uint32 // sorted
	ever    map[uint32]bool
	stays   map[uint32]bool // there from the first answer to the last
	churn   churn
	changes int                    // how often the list will still change
	key     func(id uint32) uint32 // what it is sorted by before the ID; nil: nothing
	down    bool                   // by ID descending

	capacity func() int // rows of a page at most; nil: as many as are asked for
	heaviest int        // objects of a page at most; 0: any number
	longest  int        // rows that may be asked for at once; 0: any number

	requests, inFlight, most int
	faults                   float64
	faulted                  map[string]int // by offset
}

func newShifting(seed uint64, rows int, c churn) *shifting {
	l := &shifting{
		rng: rand.New(rand.NewPCG(seed, 1)), churn: c, changes: 30,
		ever: make(map[uint32]bool), stays: make(map[uint32]bool), faulted: make(map[string]int),
	}
	for i := range rows {
		l.ids = append(l.ids, uint32(i+1)<<16)
	}
	for _, id := range l.ids {
		l.ever[id], l.stays[id] = true, true
	}
	return l
}

func (l *shifting) remove(at, n int) {
	at = min(max(at, 0), len(l.ids))
	end := min(at+n, len(l.ids))
	for _, id := range l.ids[at:end] {
		delete(l.stays, id)
	}
	l.ids = slices.Delete(l.ids, at, end)
}

func (l *shifting) insert(at, n int) {
	at = min(max(at, 0), len(l.ids))
	low, high := uint32(0), uint32(1<<31)
	if at > 0 {
		low = l.ids[at-1]
	}
	if at < len(l.ids) {
		high = l.ids[at]
	}
	for range min(n, int(high-low)-1) {
		id := low + 1 + uint32(l.rng.IntN(int(high-low-1)))
		if i, found := slices.BinarySearch(l.ids, id); !found {
			l.ids = slices.Insert(l.ids, i, id)
			l.ever[id] = true
		}
	}
}

func (l *shifting) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.requests++
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	before, after := l.delay(), l.delay()
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
	}()
	if err := sleep(r.Context(), before); err != nil {
		return nil, err
	}
	resp, err := l.answer(r)
	if err := sleep(r.Context(), after); err != nil {
		return nil, err
	}
	return resp, err
}

func (l *shifting) delay() time.Duration { return time.Duration(l.rng.IntN(1000)) * time.Microsecond }

func (l *shifting) answer(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := r.URL.Query()
	first, _ := strconv.Atoi(q.Get("$$FIRST"))
	size, _ := strconv.Atoi(q.Get("$$LIMIT"))
	if l.changes > 0 && first < 1<<20 {
		l.changes--
		l.churn.do(l, first, size)
	}
	// Five are what is borne, so a sixth would be an error and rightly so.
	at := q.Get("$$FIRST")
	if l.rng.Float64() < l.faults && l.faulted[at] < maxRepeats {
		l.faulted[at]++
		return l.fault()
	}
	if l.longest > 0 && size > l.longest && first < 1<<20 {
		return l.tooHeavy()
	}
	if l.capacity != nil {
		size = min(size, l.capacity())
	}
	return reply(200, l.page(first, size)), nil
}

func (l *shifting) page(first, size int) string {
	ids := l.ids
	if l.key != nil {
		ids = slices.Clone(ids)
		slices.SortStableFunc(ids, func(a, b uint32) int { return cmp.Compare(l.key(a), l.key(b)) })
	}
	if l.down {
		ids = slices.Clone(ids)
		slices.Reverse(ids)
	}
	var b strings.Builder
	b.WriteString(`{"data":[`)
	weight := 0
	for i, id := range ids[min(first, len(ids)):min(first+size, len(ids))] {
		if weight += weightOf(id); l.heaviest > 0 && weight > l.heaviest {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(rowText(id))
	}
	b.WriteString("]}")
	return b.String()
}

func (l *shifting) fault() (*http.Response, error) {
	switch l.rng.IntN(5) {
	case 0:
		return reply(429, `{"error":{"message":"Too many concurrent API requests"}}`), nil
	case 1:
		return reply(503, "<html><title>Service Unavailable</title>", "Retry-After", "2"), nil
	case 2:
		return cut(), nil
	case 3:
		return nil, syscall.ECONNRESET
	}
	return reply(200, `{"data":[{"ID":"00000001"},{"I`), nil
}
