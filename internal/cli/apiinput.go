package cli

import (
	"context"
	"errors"
	"io"

	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// input takes the body that --input names. A file of JSON is looked at from beginning to end; a pipe cannot be, for it is sent as
// it comes.
func (b *requestBuilder) input(name string) error {
	if name == "" {
		return nil
	}
	isJSON := workfront.InputIsJSON(b.request.Header)
	var pipe io.Reader
	if name == "-" {
		in, err := b.fromStdin()
		if err != nil {
			return err
		}
		name, pipe = "stdin", in
	} else {
		file, _, regular, err := b.open("--input", name)
		switch {
		case err != nil:
			return err
		case !regular:
			pipe = terminal.Reader(b.ctx, file)
		default:
			b.request.Input = file
			if isJSON {
				err = workfront.CheckInput(untilDone{b.ctx, file})
			}
			return inputError(name, err)
		}
	}
	b.request.Input = pipe
	if !isJSON {
		return nil
	}
	var err error
	b.request.Input, err = workfront.StreamInput(pipe)
	return inputError(name, err)
}

// inputError names the place in the file.
func inputError(name string, err error) error {
	if wrong, ok := errors.AsType[*workfront.InputError](err); ok {
		return usagef("", "--input %s:%v", name, wrong)
	}
	return err
}

// untilDone is a file whose reading ends with a context: a large one takes seconds to look at.
type untilDone struct {
	ctx context.Context
	io.ReadSeeker
}

func (u untilDone) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.ReadSeeker.Read(p)
}
