package workfront

import (
	"context"
	"errors"
	"io"
	"sync"
)

// fetcher asks for pages of one list. But for running, it belongs to one goroutine.
type fetcher struct {
	c     *Client
	ctx   context.Context // of the walk
	list  *listing
	place place
	gate  *gate
	free  []*page // their memory is used again

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

// ask begins to fetch a page.
func (f *fetcher) ask(first, asked int) *fetching {
	var p *page
	if n := len(f.free); n > 0 {
		p, f.free = f.free[n-1], f.free[:n-1]
	} else {
		p = new(page)
	}
	p.first, p.asked = first, asked
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

// fetch is one page from the first attempt to the last.
func (f *fetcher) fetch(p *page) error {
	q, err := f.c.plan(f.list.page(p.first, p.asked))
	if err != nil {
		return err
	}
	q.gate, q.rank = f.gate, p.first
	q.read = p.reader(f.c, q) //nolint:bodyclose // it makes a reader of answers; Do's loop closes them
	resp, err := f.c.send(f.ctx, q)
	if refusal, ok := errors.AsType[*Refusal](err); ok && resp != nil {
		refusal.Body, _ = io.ReadAll(resp.Body) // it is in memory, or as much of it as matters came
		resp.Body.Close()
	}
	if err != nil {
		return err
	}
	return f.place.check(p.rows)
}
