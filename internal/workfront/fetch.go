package workfront

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// fetcher asks for pages of one list. But for running, it belongs to one goroutine.
type fetcher struct {
	c      *Client
	ctx    context.Context // of the walk
	list   *listing
	place  place
	gate   *gate
	limits limits
	free   []*page // their memory is used again

	borne atomic.Int64 // page size that is not known to be too heavy; 0: nothing has been

	running sync.WaitGroup
}

// fetching is a page that was asked for.
type fetching struct {
	page *page
	done chan struct{} // closed when page or err is there
	err  error
}

func (f *fetching) arrived() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// bearable is size, or less where that has been too heavy.
func (f *fetcher) bearable(size int) int {
	if b := int(f.borne.Load()); b > 0 {
		return min(size, b)
	}
	return size
}

// ask begins to fetch a page.
func (f *fetcher) ask(first, asked int) *fetching {
	var p *page
	if n := len(f.free); n > 0 {
		p, f.free = f.free[n-1], f.free[:n-1]
	} else {
		p = new(page)
	}
	p.first, p.asked, p.most = first, asked, f.limits.bytes
	a := &fetching{page: p, done: make(chan struct{})}
	f.running.Go(func() {
		defer close(a.done)
		a.err = f.fetch(p)
	})
	return a
}

// wait gives a page that was asked for, or why there is none.
func (f *fetcher) wait(a *fetching) (*page, error) {
	select {
	case <-a.done:
		return a.page, a.err
	case <-f.ctx.Done():
		return nil, context.Cause(f.ctx)
	}
}

// release gives back a page that nobody reads any more.
func (f *fetcher) release(p *page) { f.free = append(f.free, p) }

// fetch is one page, or the first half of it, or the first quarter, where the whole is too heavy for the server.
func (f *fetcher) fetch(p *page) error {
	for halvings := 0; ; halvings++ {
		p.asked = min(p.asked, f.bearable(p.asked))
		err := f.send(p, halvings > 0)
		var heavy *heavyError
		if !errors.As(err, &heavy) {
			return err
		}
		half := max(p.asked/2, f.limits.least)
		if half >= p.asked {
			return heavy.err
		}
		p.asked = half
		for b := f.borne.Load(); (b == 0 || int64(half) < b) && !f.borne.CompareAndSwap(b, int64(half)); b = f.borne.Load() {
		}
	}
}

// send is one page from the first attempt to the last.
func (f *fetcher) send(p *page, again bool) error {
	q, err := f.c.plan(f.list.page(p.first, p.asked))
	if err != nil {
		return err
	}
	q.gate, q.rank = f.gate, p.first
	q.halves, q.hasty = true, again
	q.read = p.reader(f.c, q) //nolint:bodyclose // it makes a reader of answers; Do's loop closes them
	resp, err := f.c.send(f.ctx, q)
	if resp != nil {
		body, _ := io.ReadAll(resp.Body) // it is in memory, or as much of it as matters came
		resp.Body.Close()
		keepBody(err, body)
	}
	if err != nil {
		return err
	}
	return f.place.check(p.rows)
}
