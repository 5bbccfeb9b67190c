package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
)

// A delivery is a bulk command that is being run.
type delivery struct {
	*writing
	m     *objects.Metadata
	b     bulkFlags
	names bulkNames
	sheet *bulk.Sheet

	clock serverClock
	lines *bufio.Writer
	deaf  bool // nobody reads stdout any more; the work goes on

	shown   int            // refused rows that were told
	ignored map[string]int // by field: rows in which it did not take its value
	unsure  []span         // of uncertain rows
}

// A span is rows of which there is the same to say.
type span struct {
	first, last int
	why         string
}

// run does the rows that are not done yet, and tells what is known of all.
func (d *delivery) run(journal *bulk.Journal) error {
	d.lines, d.ignored = bufio.NewWriter(d.stdout(d.ctx)), map[string]int{}
	if journal != nil && d.b.resume {
		if err := journal.Done(d.line); err != nil {
			return err
		}
	}
	job := bulk.Job{
		Sheet: d.sheet, Journal: journal, Atomic: d.b.atomic, Concurrency: d.b.concurrency, RetryUncertain: d.b.retries,
		Send: d.send, Find: d.find, Same: objects.Same, Now: d.clock.now, Event: d.event,
	}
	if d.rehearses {
		job.Send, job.Concurrency = d.rehearsal, 1
	}
	progress, stop := d.showProgress(d.sheet.Rows)
	defer stop()
	known := 0
	job.Progress = func(s bulk.Summary) {
		progress.Add(s.Done + s.Rejected - known)
		known = s.Done + s.Rejected
	}
	var err error
	if d.b.verb == bulk.Create && d.b.key == "" && !d.rehearses {
		job.Own, err = d.own(d.ctx)
	}
	var sum bulk.Summary
	if err == nil {
		sum, err = bulk.Run(d.ctx, job)
	} else if journal != nil {
		sum = journal.Summary()
	}
	stop()
	flushed := d.flush()
	if err == nil {
		err = flushed
	}
	if d.rehearses {
		return err
	}
	return d.conclude(journal, sum, err)
}

// line prints one row that is done.
func (d *delivery) line(row int, id string) error {
	if d.deaf || d.rehearses {
		return nil
	}
	line := fmt.Appendf(nil, `{"row":%d`, row)
	if id != "" {
		line, _ = jsontext.AppendQuote(append(line, `,"ID":`...), id)
	}
	_, err := d.lines.Write(append(line, "}\n"...))
	return d.heard(err)
}

func (d *delivery) flush() error { return d.heard(d.lines.Flush()) }

// heard forgets that nobody reads: what is to be done is done all the same.
func (d *delivery) heard(err error) error {
	if err != nil && output.ReaderGone(err) {
		d.deaf = true
		return nil
	}
	return err
}

// maxShown is how many refused rows are told on stderr; the file has them all.
const maxShown = 20

// event tells what became of a row.
func (d *delivery) event(e bulk.Event) error {
	for _, name := range e.Ignored {
		d.ignored[name]++
	}
	switch e.Kind {
	case bulk.Rejected:
		if d.shown++; d.shown <= maxShown {
			d.say(fmt.Sprintf("row %d: %s", e.Row, e.Why))
		}
		return nil
	case bulk.Uncertain:
		if n := len(d.unsure); n > 0 && d.unsure[n-1].last == e.Row-1 && d.unsure[n-1].why == e.Why {
			d.unsure[n-1].last = e.Row
			return nil
		}
		d.unsure = append(d.unsure, span{e.Row, e.Row, e.Why})
		return nil
	}
	if err := d.line(e.Row, e.ID); err != nil {
		return err
	}
	if d.lines.Buffered() == 0 || d.deaf {
		return nil
	}
	return d.flush()
}

// conclude tells what is known of the rows, keeps what was rejected, and lets the journal go if nothing more is to be known.
func (d *delivery) conclude(journal *bulk.Journal, sum bulk.Summary, err error) error {
	for _, name := range slices.Sorted(maps.Keys(d.ignored)) {
		d.note(fmt.Sprintf("%s did not take its value in %s", name, rowsOf(d.ignored[name])))
	}
	for _, s := range d.unsure {
		rows := fmt.Sprintf("row %d is", s.first)
		if s.last > s.first {
			rows = fmt.Sprintf("rows %d to %d are", s.first, s.last)
		}
		d.say(rows + " uncertain: " + s.why)
	}
	rejected := ""
	if sum.Rejected > 0 && journal != nil {
		if _, wrote := journal.WriteRejected(d.names.rejected); wrote != nil {
			err = errors.Join(err, wrote)
		} else {
			rejected = " (" + d.names.rejected + ")"
		}
	}
	d.note(d.counted(sum, rejected))
	if err == nil && sum.Whole() && journal != nil {
		return journal.Remove()
	}
	if err != nil {
		if journal != nil && !errors.Is(err, bulk.ErrChanged) && sum.Pending()+sum.Uncertain > 0 {
			return &hinted{err, d.again("--resume")}
		}
		return err
	}
	if sum.Whole() {
		return nil
	}
	failed := &someError{rejected: sum.Rejected, uncertain: sum.Uncertain, of: sum.Rows}
	if sum.Uncertain > 0 && journal != nil {
		return &hinted{failed, d.again("--retry-uncertain")}
	}
	return failed
}

// again is the command line as it was typed, to go on with.
func (d *delivery) again(flag string) string {
	args := strings.TrimPrefix(d.typedWithout("--resume", "--retry-uncertain"), "wfauth ")
	return "wfauth " + args + " " + flag
}

// counted is one line about all rows.
func (d *delivery) counted(sum bulk.Summary, rejected string) string {
	parts := []string{rowsOf(sum.Rows)}
	for _, k := range [...]bulk.Kind{bulk.Created, bulk.Updated, bulk.Deleted, bulk.Unchanged, bulk.There, bulk.Gone} {
		if n := sum.Kinds[k]; n > 0 {
			words := map[bulk.Kind]string{bulk.There: "there already", bulk.Gone: "not there any more"}
			parts = append(parts, fmt.Sprintf("%d %s", n, cmp.Or(words[k], string(k))))
		}
	}
	earlier := sum.Done
	for k, n := range sum.Kinds {
		if k != bulk.Rejected && k != bulk.Uncertain {
			earlier -= n
		}
	}
	for _, part := range [...]struct {
		n    int
		what string
	}{{earlier, "done before"}, {sum.Rejected, "rejected" + rejected}, {sum.Uncertain, "uncertain"}, {sum.Pending(), "not sent"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return parts[0] + ": " + strings.Join(parts[1:], ", ")
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// someError is a run after which not every row is done.
type someError struct {
	rejected, uncertain, of int
	what                    string // "": rows
}

func (e *someError) Error() string {
	var parts []string
	if e.rejected > 0 {
		parts = append(parts, fmt.Sprintf("%d rejected", e.rejected))
	}
	if e.uncertain > 0 {
		parts = append(parts, fmt.Sprintf("%d uncertain", e.uncertain))
	}
	of := rowsOf(e.of)
	if e.what != "" {
		of = fmt.Sprintf("%d %s", e.of, e.what)
	}
	return fmt.Sprintf("of %s %s", of, strings.Join(parts, " and "))
}

// showProgress shows at a terminal how far a run is; stop ends that, and may be called again.
func (a *app) showProgress(total int) (p *terminal.Progress, stop func()) {
	if !a.env.Terminal.Err || a.quiet {
		return nil, func() {}
	}
	stderr := a.env.Stderr
	p = terminal.NewProgress(stderr, cmp.Or(a.env.Terminal.ErrWidth(), 80))
	p.Total(total)
	a.env.Stderr = p.Over(stderr)
	return p, func() {
		p.Stop()
		a.env.Stderr = stderr
	}
}

// rehearsal prints a batch in the place of sending it.
func (d *delivery) rehearsal(_ context.Context, b bulk.Batch) (bulk.Answer, error) {
	return bulk.Answer{All: true}, d.rehearse(d.batch(b))
}
