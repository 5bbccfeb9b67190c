package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
)

// destination is where an answer goes: stdout, or the file of --out.
type destination struct {
	io.Writer
	terminal bool         // a person looks at it
	file     *output.File // nil: stdout
}

// destination prepares the file of --out, or stdout for none and for -.
func (a *app) destination(ctx context.Context, name string) (destination, error) {
	if name == "" || name == "-" {
		return a.stdout(ctx), nil
	}
	file, err := output.CreateFile(name)
	if err == nil {
		return destination{terminal.Writer(ctx, fileWriter{file}), terminal.IsTerminal(name), file}, nil
	}
	for _, wrong := range [...]error{output.ErrFolder, fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, wrong) {
			return destination{}, usagef("", "--out %v", err)
		}
	}
	return destination{}, &answerError{err}
}

// stdout lets go of whoever waits for its reader when ctx ends.
func (a *app) stdout(ctx context.Context) destination {
	return destination{Writer: terminal.Writer(ctx, a.env.Stdout), terminal: a.env.Terminal.Out}
}

// shown is the writer, on a terminal such that nothing acts there.
func (d destination) shown() io.Writer {
	if d.terminal {
		return terminal.Visible(d.Writer)
	}
	return d.Writer
}

// replaces says that nobody sees a part of the answer: it counts only as a whole.
func (d destination) replaces() bool { return d.file != nil && d.file.Replaces() }

// end puts a file that is whole into its place; err is why it is not.
func (d destination) end(err error) error {
	switch {
	case d.file == nil:
		return err
	case err != nil:
		d.file.Discard()
		return err
	case !d.replaces():
		if _, err := d.Write(nil); err != nil { // who reads a pipe waits for it to be opened
			return err
		}
	}
	if err := d.file.Commit(); err != nil {
		return &answerError{err}
	}
	return nil
}

// fileWriter has faults of a file be those of the answer.
type fileWriter struct{ file *output.File }

func (w fileWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if err != nil {
		err = &answerError{err}
	}
	return n, err
}
