package cli

import (
	"context"
	"fmt"
	"io"
)

// answerError is a fault of stdout, told apart from one of the network: only of stdout does a reader that has gone mean
// that nothing failed.
type answerError struct{ err error }

func (e *answerError) Error() string { return fmt.Sprintf("write to stdout: %v", e.err) }
func (e *answerError) Unwrap() error { return e.err }

// answerWriter is stdout. It remembers its first fault, for those who write without looking.
type answerWriter struct {
	w   io.Writer
	err error
}

func (a *answerWriter) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	if err != nil {
		err = &answerError{err}
		if a.err == nil {
			a.err = err
		}
	}
	return n, err
}

// stdout is where an answer goes. A pipe that nobody reads any more, but holds open, does not keep it waiting once ctx has
// ended.
func (a *app) stdout(ctx context.Context) io.Writer { return &interruptibleWriter{ctx, a.env.Stdout} }

// stdin is where input comes from; who waits for it is let go when ctx ends.
func (a *app) stdin(ctx context.Context) io.Reader { return &interruptibleReader{ctx, a.env.Stdin} }

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
