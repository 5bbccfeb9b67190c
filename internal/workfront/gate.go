package workfront

import (
	"context"
	"slices"
	"sync"
)

// recovery is how many answers in a row, for each request that is let through, must not be 429 before one more is let through.
const recovery = 4

// gate bounds how many requests are in flight at once. Workfront does not publish how many it takes and other programs take their
// share, so the bound is found out: a 429 halves it, and it rises again one by one. A nil gate is always open.
type gate struct {
	most int // the bound never exceeds it

	mu       sync.Mutex // guards what follows
	bound    int
	inFlight int
	turn     int // counts the halvings
	good     int // answers since the bound was last changed
	waiting  []waiter
}

type waiter struct {
	rank int // the lowest goes first
	open chan struct{}
}

func newGate(most int) *gate { return &gate{most: most, bound: most} }

// enter waits until a request may be sent; leave must follow, with what enter returned.
func (g *gate) enter(ctx context.Context, rank int) (turn int, err error) {
	if g == nil {
		return 0, nil
	}
	g.mu.Lock()
	w := waiter{rank, make(chan struct{})}
	g.waiting = append(g.waiting, w)
	g.admit()
	g.mu.Unlock()
	select {
	case <-w.open:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if ctx.Err() == nil {
		return g.turn, nil
	}
	if i := slices.Index(g.waiting, w); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	} else { // admitted at the same moment
		g.inFlight--
		g.admit()
	}
	return 0, context.Cause(ctx)
}

// leave ends what enter began. Of several requests that were in flight together only the first 429 halves the bound: they tell the same.
func (g *gate) leave(turn int, tooMany bool) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	switch {
	case tooMany && turn == g.turn:
		g.bound = max(1, g.bound/2)
		g.turn++
		g.good = 0
	case tooMany:
		g.good = 0
	default:
		if g.good++; g.good >= recovery*g.bound && g.bound < g.most {
			g.bound++
			g.good = 0
		}
	}
	g.admit()
}

// admit lets through as many as the bound allows; mu is held.
func (g *gate) admit() {
	for g.inFlight < g.bound && len(g.waiting) > 0 {
		first := 0
		for i, w := range g.waiting {
			if w.rank < g.waiting[first].rank {
				first = i
			}
		}
		close(g.waiting[first].open)
		g.waiting = slices.Delete(g.waiting, first, first+1)
		g.inFlight++
	}
}
