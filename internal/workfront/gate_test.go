package workfront

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4)
		enter := func() int {
			t.Helper()
			turn, err := g.enter(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return turn
		}
		var turns []int
		for range 4 {
			turns = append(turns, enter())
		}
		for _, turn := range turns { // they were in flight together, so they tell once that four are too many
			g.leave(turn, true)
		}
		if g.bound != 2 {
			t.Errorf("after four 429 together %d are let through, not 2", g.bound)
		}
		g.leave(enter(), true)
		g.leave(enter(), true)
		if g.bound != 1 {
			t.Errorf("after two more, one by one, %d are let through, not 1", g.bound)
		}
		for want, answers := range []int{recovery, 2 * recovery, 3 * recovery, 4 * recovery} {
			for range answers {
				g.leave(enter(), false)
			}
			if want = min(want+2, 4); g.bound != want {
				t.Errorf("after %d good answers %d are let through, not %d", answers, g.bound, want)
			}
		}
	})
}

// TestGateOrder has the page that is needed first go first, and those whose context has ended not at all.
func TestGateOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		turn, err := g.enter(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		cause := errors.New("no longer")
		ended, end := context.WithCancelCause(t.Context())
		var order []int
		for _, rank := range []int{3, 1, -1, 2} {
			ctx := t.Context()
			if rank < 0 {
				ctx = ended
			}
			go func() {
				turn, err := g.enter(ctx, rank)
				if rank < 0 {
					if !errors.Is(err, cause) {
						t.Errorf("entered: %v", err)
					}
					return
				}
				order = append(order, rank)
				g.leave(turn, false)
			}()
			synctest.Wait()
		}
		end(cause)
		synctest.Wait()
		g.leave(turn, false)
		synctest.Wait()
		if !slices.Equal(order, []int{1, 2, 3}) || g.inFlight != 0 || len(g.waiting) != 0 {
			t.Errorf("order %v, %d in flight, %d waiting", order, g.inFlight, len(g.waiting))
		}
	})
}
