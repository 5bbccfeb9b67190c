package workfront

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// walkAll reads a list and gives its IDs.
func walkAll(ctx context.Context, c *Client, r Request, w Walk) ([]uint32, error) {
	var ids []uint32
	for rows, err := range c.Pages(ctx, r, w) {
		if err != nil {
			return ids, err
		}
		for _, row := range rows {
			var id uint32
			if _, err := fmt.Sscanf(string(row), `{"ID":"%08x"`, &id); err != nil {
				return ids, fmt.Errorf("row %s: %w", row, err)
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// wrong says what is wrong with the rows that a walk gave.
func (l *shifting) wrong(got []uint32) error {
	seen := make(map[uint32]bool)
	for i, id := range got {
		switch {
		case seen[id]:
			return fmt.Errorf("%08x came twice", id)
		case !l.ever[id]:
			return fmt.Errorf("%08x never was", id)
		case l.key == nil && i > 0 && (got[i-1] > id) != l.down:
			return fmt.Errorf("%08x came after %08x", id, got[i-1])
		}
		seen[id] = true
	}
	for id := range l.stays {
		if !seen[id] {
			return fmt.Errorf("%08x is missing", id)
		}
	}
	return nil
}

// unlimited is a tenant that gives what is asked for.
func unlimited() []server {
	return []server{{"unlimited", func(*shifting, int) limits {
		return limits{objects: 1 << 30, members: 1 << 30, count: func(int) bool { return false }, bytes: 1 << 20, least: 2}
	}}}
}

// exact runs histories of every kind and counts them.
func exact(t *testing.T, request Request, servers []server, prepare func(l *shifting)) {
	var count, requests, pages atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.SampledFrom(churns()).Draw(rt, "churn")
		server := rapid.SampledFrom(servers).Draw(rt, "server")
		rows := rapid.IntRange(0, 60).Draw(rt, "rows")
		size := rapid.IntRange(2, 12).Draw(rt, "page size")
		ahead := rapid.IntRange(1, MaxAhead).Draw(rt, "ahead")
		seed := rapid.Uint64().Draw(rt, "seed")
		var failed error
		synctest.Test(t, func(t *testing.T) {
			for i := range uint64(histories) {
				l := newShifting(seed+i, rows, c)
				prepare(l)
				limits := server.set(l, size)
				client := memory(t, l.RoundTrip)
				got, err := walkAll(t.Context(), client, request, Walk{PageSize: size, Ahead: ahead, limits: &limits})
				if err == nil {
					err = l.wrong(got)
				}
				if err == nil && l.most > ahead {
					err = fmt.Errorf("%d requests in flight", l.most)
				}
				if err != nil {
					failed = fmt.Errorf("history %d: %w", i, err)
					return
				}
				count.Add(1)
				requests.Add(int64(l.requests))
				pages.Add(int64(len(got)/(size-1) + 1))
			}
		})
		if failed != nil {
			rt.Fatal(failed)
		}
	})
	t.Logf("%d histories, %d requests, %.2f for each page of rows", count.Load(), requests.Load(), float64(requests.Load())/float64(pages.Load()))
}

func TestExact(t *testing.T) {
	t.Parallel()
	exact(t, Request{Path: "task/search"}, unlimited(), func(*shifting) {})
}

func TestExactUnderFaults(t *testing.T) {
	t.Parallel()
	exact(t, Request{Path: "task/search"}, unlimited(), func(l *shifting) { l.faults = 0.3 })
}

// TestExactUnderLimits has tenants that cut pages, by count and by weight, and that fail on heavy ones.
func TestExactUnderLimits(t *testing.T) {
	t.Parallel()
	exact(t, Request{Path: "task/search"}, servers(), func(*shifting) {})
}

// TestExactInUsersOrder has values to sort by that stand still and that many rows share.
func TestExactInUsersOrder(t *testing.T) {
	t.Parallel()
	exact(t, Request{Path: "task/search?priority_Sort=desc"}, append(unlimited(), servers()...), func(l *shifting) {
		l.key = func(id uint32) uint32 { return (id >> 16) * 7 % 5 }
	})
}

func TestExactDescending(t *testing.T) {
	t.Parallel()
	exact(t, Request{Path: "task/search?ID_Sort=desc"}, append(unlimited(), servers()...), func(l *shifting) { l.down = true })
}
