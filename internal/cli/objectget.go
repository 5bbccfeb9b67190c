package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
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
	to, err := g.destination(g.ctx, rows.out)
	if err != nil {
		return err
	}
	switch {
	case rows.asRows() || rows.array:
		err = g.writeRows(g.ctx, to, rows, workfront.FieldNames(g.shown()), nil, []jsontext.Value{row})
	case rows.program != nil:
		if rows.dates != "" {
			row = output.AppendISODates(nil, row)
		}
		if err = rows.program.Run(g.ctx, to.shown(), row); errors.Is(err, output.ErrHalt) {
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

// fetch gives the rows of those that are there. Whether Workfront refuses a list of IDs for one that is not there, or leaves that one
// out, is not documented: both are understood. It is asked again for what it has left out, since it may have cut the answer.
func (g *getting) fetch(ids []id) (map[id]jsontext.Value, error) {
	found := make(map[id]jsontext.Value, len(ids))
	for want := ids; len(want) > 0; {
		rows, err := g.ask(want)
		if isNotFound(err) {
			g.refused = err
			if len(want) == 1 {
				return found, nil
			}
			return found, g.apart(want, found)
		}
		if err != nil {
			return found, err
		}
		var left []id
		for _, row := range rows {
			if i, err := parseID(output.Text(output.Member(row, "ID"))); err == nil {
				found[i] = g.without(row)
			}
		}
		for _, i := range want {
			if _, ok := found[i]; !ok {
				left = append(left, i)
			}
		}
		if len(left) == len(want) {
			break
		}
		want = left
	}
	return found, nil
}

func (g *getting) without(row jsontext.Value) jsontext.Value {
	if g.hidden {
		return output.Without(row, "ID")
	}
	return row.Clone()
}

// apart finds those of a list that are there where the whole is refused: by a search, or where there is none by halves.
func (g *getting) apart(ids []id, found map[id]jsontext.Value) error {
	if !g.object.Secondary() && g.object.Verb(objects.Search, g.cache.known(g.object.Code)) == nil && !g.searches {
		g.searches = true
		more, err := g.fetch(ids)
		maps.Copy(found, more)
		if err == nil {
			return nil
		}
		if _, refused := errors.AsType[*workfront.Refusal](err); !refused {
			return err
		}
		g.searches = false
	}
	for half := range slices.Chunk(ids, (len(ids)+1)/2) {
		more, err := g.fetch(half)
		maps.Copy(found, more)
		if err != nil {
			return err
		}
	}
	return nil
}

// ask sends one request.
func (g *getting) ask(ids []id) ([]jsontext.Value, error) {
	var list strings.Builder
	for n, i := range ids {
		if n > 0 {
			list.WriteByte(',')
		}
		list.WriteString(i.String())
	}
	if g.searches {
		return g.search(list.String(), len(ids))
	}
	r, err := g.request(objects.Get, "", []objects.Param{{Key: "id", Value: list.String()}}, g.selected.params())
	if err != nil {
		return nil, err
	}
	answer, err := g.client.Do(g.ctx, r)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	rows, err := output.Rows(body, output.Keys{})
	return rows.Rows, err
}

// search asks for a list by a filter, which no ID can have refused.
func (g *getting) search(list string, n int) (rows []jsontext.Value, err error) {
	in := []objects.Param{{Key: "ID", Value: list}, {Key: "ID_Mod", Value: "in"}}
	r, err := g.request(objects.Search, "", in, g.selected.params())
	if err != nil {
		return nil, err
	}
	for page, err := range g.client.Pages(g.ctx, r, workfront.Walk{PageSize: n + 1}) {
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			rows = append(rows, row.Clone())
		}
	}
	return rows, nil
}

// isNotFound tells the refusal of an ID that nothing has from all others.
func isNotFound(err error) bool {
	refusal, ok := errors.AsType[*workfront.Refusal](err)
	return ok && !refusal.SessionGone && (refusal.Status == http.StatusNotFound || strings.Contains(refusal.Message, "primary key value"))
}

// missingError is about what was asked for by its ID and is not there.
type missingError struct {
	missing, of int
	what        string // the only one
}

func (e *missingError) Error() string {
	if e.what != "" {
		return e.what + ": not found"
	}
	return fmt.Sprintf("%d of %d were not found", e.missing, e.of)
}

func (e *missingError) status() int {
	if e.of == 1 {
		return exitRefused
	}
	return exitSome
}

func unique(ids []id) (once []id) {
	seen := make(map[id]bool, len(ids))
	for _, i := range ids {
		if !seen[i] {
			seen[i] = true
			once = append(once, i)
		}
	}
	return once
}
