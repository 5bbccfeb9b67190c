// Package terminal is what a person sees and types: how wide a terminal is, what may be shown on it, questions, progress,
// secrets that are masked, and streams that let go of whoever waits for them. It decides nothing about what is said.
package terminal

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"
)

// Streams says which of the three streams a person sits at.
type Streams struct {
	In, Out, Err bool
	Shared       bool       // stdout and stderr are the same terminal, or the same file
	Width        func() int // of stdout, in columns; 0 where it is not known
	ErrWidth     func() int // of stderr
	// ReadSecret reads a line from stdin without echo; it leaves the terminal as it was, also when ctx ends.
	ReadSecret func(ctx context.Context) (string, error)
	// Hush turns the echo off until restore is called; nil where nothing shows what is typed.
	Hush func() (restore func())
	// Gone says whether the terminal of one of them has been closed, which also sends a signal; nil for never.
	Gone func() bool
	// Foreground says whether what is typed is for this process; nil for always.
	Foreground func() bool
	// Lines are what a person types or pastes from now on, whole however long, shown on echo, and read in the foreground only.
	// The channel is closed with the input; stop leaves the terminal as it was.
	Lines func(ctx context.Context, echo io.Writer) (lines <-chan string, stop func())
}

// System asks the system about the three streams.
func System(in, out, err *os.File) Streams {
	s := Streams{
		In: term.IsTerminal(int(in.Fd())), Out: term.IsTerminal(int(out.Fd())), Err: term.IsTerminal(int(err.Fd())),
		Width: func() int { return widthOf(out) }, ErrWidth: func() int { return widthOf(err) },
	}
	s.Shared = sameFile(out, err)
	s.Gone = func() bool { return gone(in) || gone(out) || gone(err) }
	s.Foreground = func() bool { return foreground(in) }
	s.Lines = func(ctx context.Context, echo io.Writer) (<-chan string, func()) { return lines(ctx, in, echo) }
	s.Hush = func() func() { return hush(in) }
	s.ReadSecret = func(ctx context.Context) (string, error) { return readSecret(ctx, in) }
	return s
}

// Person says whether someone sits there who can be asked: not of a job in the background, which the question would stop.
func (s Streams) Person() bool { return s.In && s.Err && (s.Foreground == nil || s.Foreground()) }

// hushed is Hush where there is one. It is called before a secret is asked for, and stays between two: who answers a question at once,
// as a program does, is not to be seen.
func (s Streams) hushed() (restore func()) {
	if s.Hush == nil {
		return func() {}
	}
	return s.Hush()
}

func sameFile(a, b *os.File) bool {
	x, errX := a.Stat()
	y, errY := b.Stat()
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// IsTerminal says whether a path is a terminal's, as /dev/tty.
func IsTerminal(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false // a pipe would wait for its other end to be opened
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	return term.IsTerminal(int(file.Fd()))
}

func widthOf(file *os.File) int {
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
