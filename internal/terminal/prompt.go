package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"
)

// Prompt asks a person. The caller has made sure that there is one: see [Streams.Person].
type Prompt struct {
	Streams Streams
	In      io.Reader
	Err     io.Writer
}

// Line puts a question and reads a line, without blanks around it. [io.EOF] says that the input ended before.
func (p Prompt) Line(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(p.Err, "%s: ", question)
	line, err := awaited(ctx, func() (string, error) { return readLine(p.In) })
	if err != nil {
		fmt.Fprintln(p.Err) // what is said next does not stand behind the question
	}
	return strings.TrimSpace(line), err
}

// Secret is Line without echo, and with its blanks.
func (p Prompt) Secret(ctx context.Context, question string) (string, error) {
	defer p.Streams.hushed()()
	fmt.Fprintf(p.Err, "%s: ", question)
	secret, err := p.Streams.ReadSecret(ctx)
	fmt.Fprintln(p.Err)
	return strings.TrimRight(secret, "\r\n"), err
}

// Hushed has nothing shown of what is typed while ask goes on, which may ask for a secret several times.
func (p Prompt) Hushed(ask func() (string, error)) (string, error) {
	defer p.Streams.hushed()()
	return ask()
}

// ErrDiffer is two answers where the same was wanted twice.
var ErrDiffer = errors.New("the two passphrases differ")

// NewPassphrase asks for a passphrase that has not been in use, twice. It is empty if the person gives none.
func (p Prompt) NewPassphrase(ctx context.Context, question string) (string, error) {
	defer p.Streams.hushed()()
	secret, err := p.Secret(ctx, question)
	if err != nil || secret == "" {
		return "", err
	}
	again, err := p.Secret(ctx, "The same passphrase again")
	if err == nil && again != secret {
		err = ErrDiffer
	}
	return secret, err
}

// Lines are those of an input that is no terminal, each without blanks around it. The channel is closed with the input.
func Lines(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() { // ends with the input, or with the process
		defer close(lines)
		for {
			line, err := readLine(in)
			if err != nil {
				return
			}
			lines <- strings.TrimSpace(line)
		}
	}()
	return lines
}

// awaited runs a read that knows no context. When ctx ends first the read is left behind: it ends with the process.
func awaited(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		if (errors.Is(a.err, io.EOF) || errors.Is(a.err, syscall.EIO)) && HungUp(ctx, a.err) {
			return "", context.Cause(ctx)
		}
		return a.text, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// HungUp says whether a signal has ended ctx, or does so in a moment. A terminal that is closed ends reads and writes, with err, and
// sends a signal that says why, in either order.
func HungUp(ctx context.Context, err error) bool {
	wait := hangUp
	if errors.Is(err, syscall.EIO) {
		wait = hungUp
	}
	select {
	case <-ctx.Done():
		return true
	case <-time.After(wait):
		return false
	}
}

// How long after the end of its terminal a program is told of it, at most. An end of input may be somebody's Ctrl-D, who waits; a
// terminal that gives an error has gone, and a busy machine takes its time.
const (
	hangUp = 500 * time.Millisecond
	hungUp = 5 * time.Second
)

// readLine takes single bytes, so that nothing of what follows the line is lost to the next reader.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		switch {
		case n > 0 && b[0] == '\n':
			return string(line), nil
		case n > 0:
			line = append(line, b[0])
			if len(line) > maxLine {
				return "", errors.New("the line is too long")
			}
		}
		if err != nil {
			if len(line) > 0 && errors.Is(err, io.EOF) {
				return string(line), nil
			}
			return "", err
		}
	}
}
