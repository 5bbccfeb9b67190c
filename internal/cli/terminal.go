package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Terminal says which of the streams a person sits at.
type Terminal struct {
	In, Out, Err bool
	Width        func() int // of stdout; 0 where it is not known
	ErrWidth     func() int // of stderr
	// ReadSecret reads a line from stdin without echo; it leaves the terminal as it was, also when ctx ends.
	ReadSecret func(ctx context.Context) (string, error)
}

// systemTerminal asks the system about the three streams.
func systemTerminal(in, out, err *os.File) Terminal {
	t := Terminal{
		In: term.IsTerminal(int(in.Fd())), Out: term.IsTerminal(int(out.Fd())), Err: term.IsTerminal(int(err.Fd())),
		Width: func() int { return widthOf(out) }, ErrWidth: func() int { return widthOf(err) },
	}
	t.ReadSecret = func(ctx context.Context) (string, error) {
		before, err := term.GetState(int(in.Fd()))
		if err != nil {
			return "", err
		}
		secret, err := awaited(ctx, func() (string, error) {
			text, err := term.ReadPassword(int(in.Fd()))
			return string(text), err
		})
		if ctx.Err() != nil {
			_ = term.Restore(int(in.Fd()), before)
		}
		return secret, err
	}
	return t
}

func widthOf(file *os.File) int {
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
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
		return a.text, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// ask puts a question on stderr and reads a line; the caller has made sure of a terminal.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(a.stderr(), "%s: ", question)
	line, err := awaited(ctx, func() (string, error) { return readLine(a.env.Stdin) })
	if errors.Is(err, io.EOF) {
		return "", usagef("wfauth login --help", "the input ended before %q was answered", question)
	}
	return strings.TrimSpace(line), err
}

// askSecret is ask without echo.
func (a *app) askSecret(ctx context.Context, question string) (string, error) {
	fmt.Fprintf(a.stderr(), "%s: ", question)
	secret, err := a.env.Terminal.ReadSecret(ctx)
	fmt.Fprintln(a.stderr())
	return secret, err
}

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
			if len(line) > 64<<10 {
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

// pastedLines are the lines that a person types or pastes while a login waits.
func (a *app) pastedLines() <-chan string {
	lines := make(chan string)
	go func() { // ends with the input, or with the process
		defer close(lines)
		for {
			line, err := readLine(a.env.Stdin)
			if err != nil {
				return
			}
			lines <- strings.TrimSpace(line)
		}
	}()
	return lines
}
