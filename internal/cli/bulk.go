package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/terminal"
)

func newObjectUpsertCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var flags writeFlags
	b := bulkFlags{verb: bulk.Upsert}
	cmd := &cobra.Command{
		Use:   "upsert --key FIELD --input FILE",
		Short: "Create what is not there and update what differs",
		Long: `Compare each row of a file with the object that has the same value in the field of --key: one that is not there is created, and of
one that is there the fields are updated that differ. A second run changes nothing.

` + bulkHelp,
		Example: e.upsert,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flag("input").Changed {
				return usagef(cmd.CommandPath()+" --help", "--input is missing: the file with the rows")
			}
			return a.onBulk(cmd, o, args, &flags, &b)
		},
	}
	addDryRun(cmd, &flags.rehearses)
	flags.waits.add(cmd)
	b.add(cmd)
	b.addKey(cmd)
	return cmd
}

// bulkNames are the files of a run.
type bulkNames struct {
	input    string // as messages call it
	journal  string // "": none is kept
	rejected string
}

// onBulk runs a verb on the rows of an input.
func (a *app) onBulk(cmd *cobra.Command, o objects.Object, args []string, flags *writeFlags, b *bulkFlags) error {
	if err := b.check(cmd, args); err != nil {
		return err
	}
	if b.input == "-" && b.journal == "" && !flags.rehearses {
		return usagef(a.typedAnd("--journal=rows.wfauth-journal", cmd.CommandPath()+" --help"), "rows from stdin want --journal FILE, which says after a fault what was done")
	}
	if err := a.mayConfirm(b, flags.rehearses); err != nil {
		return err
	}
	return a.onWrite(cmd, o, flags.waits, flags.rehearses, func(w *writing) error {
		in, err := w.openInput(w.ctx, b.input)
		if err != nil {
			return err
		}
		defer in.Close()
		names := bulkNames{input: b.input, journal: b.journal, rejected: b.input + ".rejected.ndjson"}
		switch {
		case b.input == "-":
			names.input, names.rejected = "stdin", b.journal+".rejected.ndjson"
		case b.journal == "" && in.Spooled && !w.rehearses:
			return usagef(a.typedAnd("--journal=rows.wfauth-journal", cmd.CommandPath()+" --help"), "rows from a pipe want --journal FILE, which says after a fault what was done")
		case b.journal == "":
			names.journal = b.input + ".wfauth-journal"
		}
		return w.deliver(in, names, *b)
	})
}

func (a *app) openInput(ctx context.Context, name string) (*bulk.Input, error) {
	if name == "-" {
		in, err := bulk.Spool(terminal.Reader(ctx, a.env.Stdin))
		if err != nil && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return in, err
	}
	in, err := bulk.Open(name)
	if err != nil {
		return nil, usagef("", "--input %v", err)
	}
	return in, nil
}

// deliver checks an input and does what its rows say.
func (w *writing) deliver(in *bulk.Input, names bulkNames, b bulkFlags) error {
	var sheet *bulk.Sheet
	var meta *objects.Metadata
	check := func(m *objects.Metadata) (err error) {
		meta = m
		if m != nil && b.key != "" {
			if err := m.Writable(b.key); err != nil {
				return err
			}
		}
		sheet, err = bulk.Check(w.ctx, in, rulesOf(m, b))
		return err
	}
	var err error
	if b.verb == bulk.Delete || w.cache.known(w.object.Code) == nil {
		err = check(nil) // what is no row of any type costs no request
	}
	if err == nil && b.verb != bulk.Delete {
		err = w.typing(check)
	}
	if faults, ok := errors.AsType[*bulk.Faults](err); ok {
		return w.faulty(names.input, faults)
	}
	if err != nil {
		return w.wrongName(w.cmd, err)
	}
	if names.input != "" {
		if err := w.confirm(nil, sheet.Rows, " of "+names.input, b); err != nil {
			return err
		}
	}
	d := delivery{writing: w, m: meta, b: b, names: names, sheet: sheet}
	if w.rehearses || names.journal == "" {
		return d.run(nil)
	}
	journal, err := d.openJournal()
	if err != nil {
		return err
	}
	defer journal.Close()
	return d.run(journal)
}

func rulesOf(m *objects.Metadata, b bulkFlags) bulk.Rules {
	return bulk.Rules{Verb: b.verb, Key: b.key, Known: m.Writable, Value: m.Value, Member: m.Member}
}

// faulty tells what is wrong with an input, of which nothing was sent.
func (w *writing) faulty(input string, faults *bulk.Faults) error {
	n := len(faults.Shown) + faults.More
	if n == 1 {
		return usagef("", "%s: %v; nothing was sent", input, faults.Shown[0])
	}
	for _, f := range faults.Shown {
		w.say(input + ": " + f.Error())
	}
	more := ""
	switch {
	case faults.More > 0:
		more = fmt.Sprintf(", of which the first %d are shown", len(faults.Shown))
	case faults.Cut:
		more = ", and what follows the last one was not read"
	}
	return usagef("", "%s: %d faults%s; nothing was sent", input, n, more)
}

// openJournal begins a journal or goes on with it.
func (d *delivery) openJournal() (*bulk.Journal, error) {
	command := d.object.Path() + " " + string(d.b.verb)
	if d.b.key != "" {
		command += " --key " + d.b.key
	}
	if d.b.atomic {
		command += " --atomic"
	}
	id := bulk.Identity{Command: command, Tenant: d.client.Origin.String()}
	journal, err := bulk.OpenJournal(d.names.journal, id, d.sheet, d.b.resume)
	_, other := errors.AsType[*bulk.OtherJournal](err)
	switch {
	case errors.Is(err, bulk.ErrJournalThere):
		return nil, usagef(d.typedAnd("--resume", d.cmd.CommandPath()+" --help"), "%v", err)
	case errors.Is(err, bulk.ErrNoJournal):
		return nil, usagef(d.typedWithout("--resume", "--retry-uncertain"), "%v", err)
	case other, errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return nil, usagef("", "%v", err)
	}
	return journal, err
}

// typedWithout is the command line as it was typed, without some words.
func (a *app) typedWithout(words ...string) string {
	var args []string
	for _, arg := range a.env.Args {
		drop := maySecret(arg)
		for _, word := range words {
			drop = drop || arg == word || strings.HasPrefix(arg, word+"=")
		}
		if !drop {
			args = append(args, arg)
		}
	}
	return "wfauth " + typed(args)
}
