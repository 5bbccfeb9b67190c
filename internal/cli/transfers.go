package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// transferFlags say how files go over the network, and what is printed of them.
type transferFlags struct {
	concurrency int
	expression  string
	program     *output.Program // of expression; nil: none
	waits       waitFlags
}

func (f *transferFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.concurrency, "concurrency", defaultConcurrency, fmt.Sprintf("move up to `N` files at once, at most %d", workfront.MaxAhead))
	cmd.Flags().StringVar(&f.expression, "jq", "", "print what this jq `expression` makes of each object")
	f.waits.add(cmd)
}

func (f *transferFlags) check(cmd *cobra.Command) (err error) {
	if f.expression != "" {
		if f.program, err = output.CompileJQ(f.expression); err != nil {
			return usagef(cmd.CommandPath()+" --help", "--jq: %v", err)
		}
	}
	return checkCounts(cmd, count{"concurrency", f.concurrency, workfront.MaxAhead})
}

// lostInARow is how many files in a row must find no server before the others are given up.
const lostInARow = 3

// transfers are files that are moved, several at a time. One that fails leaves the others alone, unless what is wrong would have them all fail.
type transfers struct {
	*objectCall
	transferFlags
	moved    string   // what happened to them, as "uploaded"
	names    []string // of the files, for messages
	progress *terminal.Transfers

	mu      sync.Mutex // guards what follows and what is printed
	done    int
	refused int
	failed  int   // these included
	lost    int   // in a row
	unsure  error // of one that may have been done when all were ended
}

// run moves them all, of so many bytes, or 0 where that is not known. do moves one, and gives the object that is printed of it.
func (t *transfers) run(total int64, do func(ctx context.Context, i int) (jsontext.Value, error)) error {
	defer t.show(total)()
	ctx, end := context.WithCancelCause(t.ctx)
	defer end(nil)
	to := t.stdout(ctx)
	if to.terminal {
		to.Writer = t.progress.Over(to.Writer)
	}
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(t.concurrency, len(t.names)) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(t.names) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				row, err := do(ctx, i)
				if err == nil {
					err = t.print(ctx, to, row)
				}
				if err = t.count(ctx, i, err); err != nil {
					end(err)
				}
			}
		})
	}
	running.Wait()
	return t.outcome(context.Cause(ctx))
}

// show shows at a terminal how they get on; stop ends that. While it lasts, stderr makes room for it.
func (t *transfers) show(total int64) (stop func()) {
	if !t.env.Terminal.Err || t.quiet {
		return func() {}
	}
	stderr := t.env.Stderr
	t.progress = terminal.NewTransfers(stderr, cmp.Or(t.env.Terminal.ErrWidth(), 80), len(t.names), total)
	t.env.Stderr = t.progress.Over(stderr)
	return func() {
		t.progress.Stop()
		t.env.Stderr = stderr
	}
}

// print writes what has become of one: the only one as get does, of several each as a line.
func (t *transfers) print(ctx context.Context, to destination, row jsontext.Value) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case row == nil:
		return nil
	case t.program != nil:
		if err := t.program.Run(ctx, to.shown(), row); !errors.Is(err, output.ErrHalt) {
			return err
		}
		return nil
	case len(t.names) == 1:
		return output.Document(to.shown(), append(row, '\n'), to.terminal)
	}
	line := row.Clone()
	if err := line.Compact(); err != nil {
		line = bytes.ReplaceAll(row, []byte("\n"), []byte(" ")) // what a server says need not be good JSON
	}
	_, err := to.shown().Write(append(line, '\n'))
	return err
}

// count takes note of how one has ended. What it returns ends them all.
func (t *transfers) count(ctx context.Context, i int, err error) error {
	t.progress.Done()
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.done++
		t.lost = 0
		return nil
	}
	if ctx.Err() != nil { // then that is why
		if _, ok := errors.AsType[*workfront.MaybeDoneError](err); ok {
			t.unsure = err
		}
		return nil
	}
	t.failed++
	_, refused := errors.AsType[*workfront.Refusal](err)
	if _, missing := errors.AsType[*missingError](err); refused || missing {
		t.refused++
	}
	if _, ok := errors.AsType[*network.Fault](err); ok {
		t.lost++
	}
	if len(t.names) == 1 || t.endsAll(err) {
		return err
	}
	what := t.names[i] + ": " + err.Error()
	if missing, ok := errors.AsType[*missingError](err); ok {
		what = missing.Error() // which names it
	}
	t.say(what)
	if t.lost >= lostInARow {
		return errLost
	}
	return nil
}

var errLost = errors.New("the server cannot be reached")

// endsAll tells what would be the same for every other file.
func (t *transfers) endsAll(err error) bool {
	for _, full := range [...]error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
		if errors.Is(err, full) {
			return true
		}
	}
	if e, ok := errors.AsType[*answerError](err); ok && output.ReaderGone(e.err) {
		return true
	}
	if _, ok := errors.AsType[*secrets.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*auth.DamagedError](err); ok {
		return true
	}
	status, _ := t.classify(err)
	return status == exitLogin || status == exitUsage
}

// outcome is how all of them have ended; cause is why not all were begun.
func (t *transfers) outcome(cause error) error {
	left := len(t.names) - t.done
	switch {
	case left == 0:
		return nil
	case t.unsure != nil && t.ctx.Err() != nil:
		return t.unsure
	case len(t.names) == 1 || t.ctx.Err() != nil:
		return cause
	}
	e := &unfinishedError{left: left, of: len(t.names), moved: t.moved, done: t.done > 0, refused: t.refused == left, cause: cause}
	if status, _ := t.classify(cause); cause != nil && status == exitLogin {
		return cause
	}
	if gone, ok := errors.AsType[*answerError](cause); ok && output.ReaderGone(gone.err) {
		return cause
	}
	return e
}

// unfinishedError is about several files of which some were not moved. But for what ended them all, each was told.
type unfinishedError struct {
	left, of int
	moved    string
	done     bool // some were
	refused  bool // every one of those that were not
	cause    error
}

func (e *unfinishedError) Error() string {
	text := fmt.Sprintf("%d of %d files were not %s", e.left, e.of, e.moved)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *unfinishedError) status() int {
	switch {
	case e.done:
		return exitSome
	case e.refused:
		return exitRefused
	}
	return exitFailed
}
