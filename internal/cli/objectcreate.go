package cli

import (
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/workfront"
)

// writeFlags are those of the verbs that make or change objects.
type writeFlags struct {
	fields    string
	rehearses bool
	waits     waitFlags
	rows      rowFlags
}

func (f *writeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.fields, "fields", "", "more fields to show, `a,b`, also owner:name, owner:* or 'DE:Cost Center'")
	addDryRun(cmd, &f.rehearses)
	f.waits.add(cmd)
	f.rows.add(cmd)
}

const assignmentHelp = `f=v sets a field: text, a number, true or false, a date (2026-12-24, or with its time as RFC 3339 has it), by the type that the field
has in this tenant. f=null empties it, f=@FILE takes what a file holds, and f:=JSON is taken as it is. Custom fields are written
'DE:Cost Center=CC-1'. The object is printed with what was written; a field that did not take its value is named on stderr.`

const bulkHelp = `With --input FILE there is one object a row: CSV with a header, JSON objects one a line, or a JSON array; - is stdin. Everything is read and
checked before the first request. In CSV an empty cell leaves the field alone, and null empties it. A hundred rows go in one request,
and none of them again that may have been done: FILE.wfauth-journal keeps what was sent and what came of it until every row is done, and
--resume goes on with it after whatever ended a run. A line {"row":1,"ID":"…"} is printed for each row that is done, after --resume those
of earlier runs too. Rows that Workfront refuses go to FILE.rejected.ndjson, with its message; the status is then 5.`

func newObjectCreateCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var flags writeFlags
	b := bulkFlags{verb: bulk.Create}
	cmd := &cobra.Command{
		Use:     "create f=v… | --input FILE",
		Short:   "Make one, or many from a file",
		Long:    "Make an object, or with --input one for each row of a file.\n\n" + assignmentHelp + "\n\n" + bulkHelp + "\nWith --key FIELD rows are left out whose key is there already.",
		Example: e.create,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flag("input").Changed {
				return a.onBulk(cmd, o, args, &flags, &b)
			}
			return a.writeOne(cmd, o, args, &flags, &b, func(c *change) error {
				c.verb = objects.Create
				if len(c.fields) == 0 {
					return usagef(cmd.CommandPath()+" --help", "f=v is missing: what the new object is to have")
				}
				return nil
			})
		},
	}
	flags.add(cmd)
	b.add(cmd)
	b.addKey(cmd)
	return cmd
}

func newObjectUpdateCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var flags writeFlags
	b := bulkFlags{verb: bulk.Update}
	cmd := &cobra.Command{
		Use:     "update ID f=v… | --input FILE",
		Short:   "Change one, or many from a file",
		Long:    "Change the object that has an ID, or with --input, by the column ID, one for each row of a file.\n\n" + assignmentHelp + " A collection (assignments) is replaced\nas a whole.\n\n" + bulkHelp,
		Example: e.update,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flag("input").Changed {
				return a.onBulk(cmd, o, args, &flags, &b)
			}
			i, rest, err := a.oneID(cmd, args)
			if err != nil {
				return err
			}
			return a.writeOne(cmd, o, rest, &flags, &b, func(c *change) error {
				c.verb, c.id = objects.Update, i.String()
				if len(c.fields) == 0 {
					return usagef(cmd.CommandPath()+" --help", "f=v is missing: what is to be changed")
				}
				return nil
			})
		},
	}
	flags.add(cmd)
	b.add(cmd)
	return cmd
}

func newObjectCopyCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:     "copy ID f=v…",
		Short:   "Make one like another",
		Long:    "Make an object like the one that has an ID, but for what is given.\n\n" + assignmentHelp,
		Example: e.copies,
		RunE: func(cmd *cobra.Command, args []string) error {
			i, rest, err := a.oneID(cmd, args)
			if err != nil {
				return err
			}
			return a.writeOne(cmd, o, rest, &flags, nil, func(c *change) error {
				c.verb, c.query = objects.Copy, []workfront.Field{{Key: "copySourceID", Value: i.String()}}
				return nil
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// oneID takes the ID that stands first.
func (a *app) oneID(cmd *cobra.Command, args []string) (i id, rest []string, err error) {
	help := cmd.CommandPath() + " --help"
	if len(args) == 0 {
		return id{}, nil, usagef(help, "ID is missing")
	}
	if i, err = parseID(args[0]); err != nil {
		return id{}, nil, usagef(help, "%s: %v; it stands before f=v", args[0], err)
	}
	return i, args[1:], nil
}

// writeOne makes or changes one object. The details of the change are complete's.
func (a *app) writeOne(cmd *cobra.Command, o objects.Object, args []string, flags *writeFlags, b *bulkFlags, complete func(*change) error) error {
	if err := flags.rows.check(cmd); err != nil {
		return err
	}
	if err := b.checkUnused(cmd); err != nil {
		return err
	}
	selected, err := parseSelection(cmd, flags.fields)
	if err != nil {
		return a.wrongName(cmd, err)
	}
	all, err := a.assignments(cmd, args)
	if err != nil {
		return err
	}
	if err := complete(&change{fields: make([]bulk.Field, len(all))}); err != nil {
		return err // what is missing is so whatever the tenant says
	}
	return a.onWrite(cmd, o, flags.waits, flags.rehearses, func(w *writing) error {
		c := change{selected: selected}
		err := w.typing(func(m *objects.Metadata) (err error) {
			c.m = m
			c.fields, err = w.assigned(m, all)
			return err
		})
		if err != nil {
			return a.wrongName(cmd, err)
		}
		if err := complete(&c); err != nil {
			return err
		}
		return w.write(c, flags.rows)
	})
}
