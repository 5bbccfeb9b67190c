package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// pageFlags say which rows of a list are read, and how.
type pageFlags struct {
	all         bool
	limit, size int
	concurrency int
}

const defaultConcurrency = 3

func (p *pageFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&p.all, "paginate", false, "read the whole list, page by page, each row once")
	f.IntVar(&p.limit, "limit", 0, "with --paginate: stop after `N` rows")
	f.IntVar(&p.size, "page-size", workfront.MaxPageSize, "with --paginate: ask for `N` rows at once")
	f.IntVar(&p.concurrency, "concurrency", defaultConcurrency, fmt.Sprintf("with --paginate: send up to `N` requests at once, at most %d", workfront.MaxAhead))
}

// check refuses what cannot be meant.
func (p *pageFlags) check(a *app, cmd *cobra.Command) error {
	counts := [...]count{{"limit", p.limit, 0}, {"page-size", p.size, workfront.MaxPageSize}, {"concurrency", p.concurrency, workfront.MaxAhead}}
	for _, f := range counts {
		if cmd.Flag(f.name).Changed && !p.all {
			return usagef(a.typedAnd("--paginate", cmd.CommandPath()+" --help"), "--%s belongs to --paginate", f.name)
		}
	}
	if err := checkCounts(cmd, counts[:]...); err != nil {
		return err
	}
	if !p.all {
		return nil
	}
	for _, other := range [...]string{"input", "include", "silent"} {
		if err := onlyOne(cmd, "paginate", other); err != nil {
			return err
		}
	}
	return nil
}

// count is a flag that is a number of things, from one up to max; 0: without end.
type count struct {
	name       string
	value, max int
}

func checkCounts(cmd *cobra.Command, counts ...count) error {
	for _, f := range counts {
		switch {
		case !cmd.Flag(f.name).Changed:
		case f.value < 1:
			return usagef(cmd.CommandPath()+" --help", "--%s %d: it is 1 or more", f.name, f.value)
		case f.max > 0 && f.value > f.max:
			return usagef(cmd.CommandPath()+" --help", "--%s %d: it is %d at most", f.name, f.value, f.max)
		}
	}
	return nil
}

// listing is a list to be read, and how it is written.
type listing struct {
	walk workfront.Walk
	rows rowFlags
	most int // rows that are written; those beyond only tell that there are more. 0: all that are read
}

func (f *apiFlags) listing() listing {
	return listing{walk: workfront.Walk{Limit: f.pages.limit, PageSize: f.pages.size, Ahead: f.pages.concurrency}, rows: f.rows}
}

// paginate writes the rows of a whole list as they come, and tells how many were read.
func (a *app) paginate(ctx context.Context, client *workfront.Client, r workfront.Request, l listing, to destination) (read int, err error) {
	progress, stop := a.progress(ctx, client, r, l.walk.Limit)
	defer stop()
	if to.terminal {
		to.Writer = progress.Over(to.Writer)
	}
	s, err := shapeOf(r)
	if err != nil {
		return 0, err
	}
	rows, err := a.rowWriter(ctx, to, l.rows, s.fields, nil)
	if err != nil {
		return 0, err
	}
	for page, err := range client.Pages(ctx, r, l.walk) {
		if answer := workfront.AnswerOf(err); len(answer) > 0 && read == 0 {
			return 0, err
		}
		if err == nil {
			err = rows.Page(l.shown(page, read))
		}
		if errors.Is(err, output.ErrHalt) {
			return read, nil
		}
		if err != nil {
			return read, broken(to, rows, read, err)
		}
		read += len(page)
		progress.Add(len(page))
	}
	if err := rows.Close(); err != nil && !errors.Is(err, output.ErrHalt) {
		return read, broken(to, rows, read, err)
	}
	return read, nil
}

// shown is what is written of a page, of those before which so many rows were read.
func (l listing) shown(page []jsontext.Value, read int) []jsontext.Value {
	if l.most == 0 {
		return page
	}
	return page[:min(len(page), max(l.most-read, 0))]
}

// broken ends rows of which no more will come, and tells how many were written. Those that waited for the last one are
// written now, unless that is what failed, or the file that they would go to stays as it was.
func broken(to destination, rows output.RowWriter, read int, err error) error {
	if to.replaces() {
		to.file.Discard()
		_ = rows.Break() // gives up what it keeps; there is nothing to write to
		return err
	}
	_ = rows.Break() // the first fault is the one to tell
	if written := rows.Written(); written > 0 || read > 0 {
		return &partialError{written, read, err}
	}
	return err
}

// partialError is one after rows have come. What was written stays written, and is whole.
type partialError struct {
	written, read int
	err           error
}

func (e *partialError) Error() string {
	if e.written < e.read {
		return fmt.Sprintf("after %d rows (%d were read): %v", e.written, e.read, e.err)
	}
	return fmt.Sprintf("after %d rows: %v", e.written, e.err)
}

func (e *partialError) Unwrap() error { return e.err }

// printAnswerOf prints what came instead of the first page. It is an error anyway, so what fails in printing it does not matter.
func (a *app) printAnswerOf(to destination, answer []byte) {
	_ = output.Document(to.shown(), []byte(a.secrets.Text(string(answer))), to.terminal)
}

// countAfter is how long a list takes before its rows are counted: what is read sooner needs no progress.
const countAfter = time.Second

// progress shows at a terminal how far a list was read; stop ends that. While it lasts, stderr makes room for it.
func (a *app) progress(ctx context.Context, client *workfront.Client, r workfront.Request, most int) (p *terminal.Progress, stop func()) {
	if !a.env.Terminal.Err || a.quiet {
		return nil, func() {}
	}
	stderr := a.env.Stderr
	p = terminal.NewProgress(stderr, cmp.Or(a.env.Terminal.ErrWidth(), 80))
	a.env.Stderr = p.Over(stderr)
	ctx, cancel := context.WithCancel(ctx)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		select {
		case <-ctx.Done():
			return
		case <-time.After(countAfter):
		}
		// Without a total the progress is less telling, and no less true.
		if n, err := client.Count(ctx, r); err == nil {
			p.Total(min(n, cmp.Or(most, n)))
		}
	}()
	return p, func() {
		cancel()
		<-counted
		p.Stop()
		a.env.Stderr = stderr
	}
}
