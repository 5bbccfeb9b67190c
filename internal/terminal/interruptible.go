package terminal

import (
	"context"
	"io"
)

// Writer writes to w, and does not keep its caller waiting once ctx has ended, as for a pipe that nobody reads but holds open.
func Writer(ctx context.Context, w io.Writer) io.Writer { return &interruptibleWriter{ctx, w} }

// Reader reads from r; who waits for it is let go when ctx ends.
func Reader(ctx context.Context, r io.Reader) io.Reader { return &interruptibleReader{ctx, r} }

type transferred struct {
	n   int
	err error
}

type interruptibleWriter struct {
	ctx context.Context
	w   io.Writer
}

// Write leaves the write behind when the context ends first; it ends with the process, and p must stay as it is.
func (i *interruptibleWriter) Write(p []byte) (int, error) {
	if i.ctx.Err() != nil {
		return 0, context.Cause(i.ctx)
	}
	done := make(chan transferred, 1)
	go func() {
		n, err := i.w.Write(p)
		done <- transferred{n, err}
	}()
	select {
	case t := <-done:
		return t.n, t.err
	case <-i.ctx.Done():
	}
	select {
	case t := <-done: // both at once: what was written counts
		return t.n, t.err
	default:
		return 0, context.Cause(i.ctx)
	}
}

type interruptibleReader struct {
	ctx context.Context
	r   io.Reader
}

// Read leaves the read behind when the context ends first, with a buffer of its own: it ends with the process.
func (i *interruptibleReader) Read(p []byte) (int, error) {
	buf := make([]byte, len(p))
	done := make(chan transferred, 1)
	go func() {
		n, err := i.r.Read(buf)
		done <- transferred{n, err}
	}()
	select {
	case t := <-done:
		return copy(p, buf[:t.n]), t.err
	case <-i.ctx.Done():
		return 0, context.Cause(i.ctx)
	}
}
