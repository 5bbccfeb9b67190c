package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

func newObjectDeleteCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var flags writeFlags
	b := bulkFlags{verb: bulk.Delete}
	cmd := &cobra.Command{
		Use:   "delete ID… | --input FILE",
		Short: "Delete by ID",
		Long: `Delete the objects that have these IDs, or with --input those of the column ID of a file. At a terminal it asks first; elsewhere
it wants --yes. What is not there any more when it is its turn, for its parent has taken it along, counts as done.

` + bulkHelp,
		Example: e.deletes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flag("input").Changed {
				return a.onBulk(cmd, o, args, &flags, &b)
			}
			if err := b.checkUnused(cmd); err != nil {
				return err
			}
			ids, err := a.idsOf(cmd, args, "")
			if err != nil {
				return err
			}
			if err := a.mayConfirm(&b, flags.rehearses); err != nil {
				return err
			}
			return a.onWrite(cmd, o, flags.waits, flags.rehearses, func(w *writing) error { return w.delete(unique(ids), b) })
		},
	}
	addDryRun(cmd, &flags.rehearses)
	flags.waits.add(cmd)
	b.add(cmd)
	cmd.Flags().BoolVar(&b.yes, "yes", false, "delete without a question")
	cmd.Flags().BoolVar(&b.force, "force", false, "delete also what Workfront gives up only by force, such as a project with hours")
	return cmd
}

// delete deletes one object with a request about it alone, and several in bulk.
func (w *writing) delete(ids []id, b bulkFlags) error {
	if err := w.confirm(ids, len(ids), "", b); err != nil {
		return err
	}
	if len(ids) > 1 {
		var rows strings.Builder
		rows.WriteString("ID\n")
		for _, i := range ids {
			rows.WriteString(i.String() + "\n")
		}
		in, err := bulk.Spool(strings.NewReader(rows.String()))
		if err != nil {
			return err
		}
		defer in.Close()
		return w.deliver(in, bulkNames{}, b)
	}
	e := w.object.Request(objects.Delete, "", ids[0].String())
	r := workfront.Request{Method: e.Method, Path: e.Path, Fields: b.forced()}
	if w.rehearses {
		return w.rehearse(r)
	}
	answer, err := w.client.Do(w.ctx, r)
	if answer != nil {
		answer.Body.Close()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout(w.ctx), "{\"row\":1,\"ID\":%q}\n", ids[0])
	return err
}

// mayConfirm refuses a delete that nobody can be asked about.
func (a *app) mayConfirm(b *bulkFlags, rehearses bool) error {
	if b.verb != bulk.Delete || rehearses {
		return nil
	}
	return a.canAsk(b.yes)
}

// canAsk wants a person where nobody has said --yes.
func (a *app) canAsk(yes bool) error {
	if yes || a.person() {
		return nil
	}
	return usagef(a.typedAnd("--yes", "wfauth --help"), "deleting wants --yes where there is no terminal to ask at")
}

// maxNamed is how many objects are named in the question whether they may go.
const maxNamed = 5

var errNotConfirmed = errors.New("nothing was deleted")

// confirm asks. Of a few objects it tells the names, as far as they have any.
func (w *writing) confirm(ids []id, n int, from string, b bulkFlags) error {
	if b.verb != bulk.Delete || b.yes || w.rehearses {
		return nil
	}
	what := w.object.Path() + " " + terminal.Clip(strings.Join(w.named(ids), ", "))
	if len(ids) == 0 || len(ids) > maxNamed {
		what = fmt.Sprintf("%d × %s%s", n, w.object.Path(), from)
	}
	return w.confirmed(w.ctx, fmt.Sprintf("Delete %s at %s?", w.printable(what), w.client.Origin.Host))
}

// confirmed asks a person, for whom no answer is no.
func (a *app) confirmed(ctx context.Context, question string) error {
	prompt := terminal.Prompt{Streams: a.env.Terminal, In: a.env.Stdin, Err: a.stderr()}
	answer, err := prompt.Line(ctx, question+" [y/N]")
	if err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil || !isYes(answer) {
		return errNotConfirmed
	}
	return nil
}

func isYes(answer string) bool {
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
}

// named are IDs with the names of their objects, where these are to be had.
func (w *writing) named(ids []id) []string {
	texts := make([]string, len(ids))
	for i := range ids {
		texts[i] = ids[i].String()
	}
	if len(ids) > maxNamed {
		return texts
	}
	g := getting{objectCall: w.objectCall, selected: selection{text: "ID,name", paths: []objects.Path{{Field: "ID"}, {Field: "name"}}}}
	found, err := g.fetch(slices.Clone(ids))
	if err != nil {
		return texts // objects of some types have no name
	}
	for i := range ids {
		if name := output.Text(output.Member(found[ids[i]], "name")); name != "" {
			texts[i] = fmt.Sprintf("%q (%s)", name, ids[i])
		}
	}
	return texts
}
