package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// maxIDs is how many IDs are asked for at once: with a comma between them they fit in the 8,892 bytes of a URI that Workfront's front
// takes, beside a usual list of fields. (With a longer one they are sent as a form.)
const maxIDs = 200

func newObjectGetCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var fields, input string
	var waits waitFlags
	var rows rowFlags
	cmd := &cobra.Command{
		Use:   "get ID…",
		Short: "Print one or several by ID",
		Long: `Print those with these IDs, in the order given: one object for one ID, and an array for several. With --input the IDs come from a file:
one on a line, or in the column ID of CSV, or in the member ID of JSON objects, as search prints them.

What is not there is listed on stderr, with exit status 5; if it was the only one that was asked for, the status is 3.`,
		Example: e.get + "\n" + strings.ReplaceAll(e.get, e.id, "--input ids.txt --fields ID,name -o csv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			selected, err := parseSelection(cmd, fields)
			if err != nil {
				return a.wrongName(cmd, err)
			}
			ids, err := a.idsOf(cmd, args, input)
			if err != nil {
				return err
			}
			rows.array = len(args) != 1 // one of a file is a list of one
			check := func(known objects.Known) error { return objects.CheckPaths(selected.paths, o, known) }
			return a.onObject(cmd, o, waits, check, func(c *objectCall) error { return c.get(ids, selected, rows) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&fields, "fields", "", "the fields to show, `a,b`, also owner:name, owner:* or 'DE:Cost Center'")
	f.StringVar(&input, "input", "", "the IDs are in this `FILE`; - is stdin")
	waits.add(cmd)
	rows.add(cmd)
	return cmd
}

// idsOf are those that a command line names. All of them are read before anything is asked for.
func (a *app) idsOf(cmd *cobra.Command, args []string, input string) ([]id, error) {
	help := cmd.CommandPath() + " --help"
	switch {
	case cmd.Flag("input").Changed && len(args) > 0:
		return nil, usagef(help, "--input and an ID cannot be given together")
	case cmd.Flag("input").Changed:
		return a.readIDs(cmd.Context(), input)
	case len(args) == 0:
		return nil, usagef(help, "ID is missing")
	}
	var ids []id
	for _, arg := range args {
		i, err := parseID(arg)
		if err != nil && verbFor(arg) == objects.Search {
			return nil, usagef(a.typedInstead(cmd.Name(), objects.Search, help), "%s: %v, and this is a filter", arg, err)
		}
		if err != nil {
			return nil, usagef(help, "%s: %v", arg, err)
		}
		ids = append(ids, i)
	}
	return ids, nil
}

// get writes what has the IDs.
func (c *objectCall) get(ids []id, selected selection, rows rowFlags) error {
	g := getting{objectCall: c, selected: selected}
	if selected.paths != nil && !g.shows("ID") && !g.shows("*") {
		g.selected.text, g.hidden = selected.text+",ID", true
		if names := workfront.FieldNames(selected.text); strings.HasPrefix(strings.TrimSpace(selected.text), "[") {
			g.selected.text = fieldArray(append(names, "ID"))
		}
	}
	if len(ids) == 1 {
		return g.one(ids[0], rows)
	}
	to, err := c.destination(c.ctx, rows.out)
	if err != nil {
		return err
	}
	w, err := c.rowWriter(c.ctx, to, rows, workfront.FieldNames(selected.text), nil)
	if err != nil {
		return to.end(err)
	}
	read, missing := 0, []id(nil)
	for batch := range slices.Chunk(ids, maxIDs) {
		found, err := g.fetch(unique(batch))
		var page []jsontext.Value
		for _, i := range batch {
			if row, ok := found[i]; ok {
				page = append(page, row)
			} else {
				missing = append(missing, i)
			}
		}
		if err == nil {
			err = w.Page(page)
		}
		if errors.Is(err, output.ErrHalt) {
			return to.end(nil)
		}
		if err != nil {
			return to.end(broken(to, w, read, err))
		}
		read += len(page)
	}
	if err := w.Close(); err != nil && !errors.Is(err, output.ErrHalt) {
		return to.end(broken(to, w, read, err))
	}
	if err := to.end(nil); err != nil || missing == nil {
		return err
	}
	for _, i := range missing {
		c.say(fmt.Sprintf("%s %s: not found", c.object.Path(), i))
	}
	return &missingError{missing: len(missing), of: len(ids)}
}

// one writes one object, or nothing.
func (g *getting) one(i id, rows rowFlags) error {
	found, err := g.fetch([]id{i})
	if err != nil {
		return err
	}
	row, ok := found[i]
	if !ok {
		if g.refused != nil {
			return g.refused
		}
		return &missingError{missing: 1, of: 1, what: g.object.Path() + " " + i.String()}
	}
	return g.printOne(row, workfront.FieldNames(g.shown()), rows)
}

// printOne writes one object. The names are those of the fields that it was asked for.
func (c *objectCall) printOne(row jsontext.Value, names []string, rows rowFlags) error {
	to, err := c.destination(c.ctx, rows.out)
	if err != nil {
		return err
	}
	switch {
	case rows.asRows() || rows.array:
		err = c.writeRows(c.ctx, to, rows, names, nil, []jsontext.Value{row})
	case rows.program != nil:
		if rows.dates != "" {
			row = output.AppendISODates(nil, row)
		}
		if err = rows.program.Run(c.ctx, to.shown(), row); errors.Is(err, output.ErrHalt) {
			err = nil
		}
	default:
		if rows.dates != "" {
			row = output.AppendISODates(nil, row)
		}
		err = output.Document(to.shown(), append(row, '\n'), to.terminal)
	}
	return to.end(err)
}

// getting is a get that is being run.
type getting struct {
	*objectCall
	selected selection
	hidden   bool // ID was not asked for and is not shown
	searches bool // a whole batch is refused for one that is not there, so they are searched
	refused  error
}

// shown is --fields as it was typed.
func (g *getting) shown() string {
	if !g.hidden {
		return g.selected.text
	}
	names := workfront.FieldNames(g.selected.text)
	return fieldArray(names[:len(names)-1])
}

func (g *getting) shows(name string) bool {
	for _, p := range g.selected.paths {
		if p.String() == name {
			return true
		}
	}
	return false
}

func fieldArray(names []string) string {
	array := []byte{'['}
	for i, name := range names {
		if i > 0 {
			array = append(array, ',')
		}
		array, _ = jsontext.AppendQuote(array, name) // bytes that are not UTF-8 become U+FFFD
	}
	return string(append(array, ']'))
}
