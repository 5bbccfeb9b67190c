package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// rowFlags say how an answer is written.
type rowFlags struct {
	name, expression string
	dates            string
	out              string
	bom              bool

	format  output.Format   // of name; empty: none was asked for
	program *output.Program // of expression; nil: none

	// An object's command writes an array, at a terminal a table, and its jq program sees the array; the API's is an answer
	// as Workfront sends it.
	array  bool
	charts bool // -o chart is one of its formats
}

func (r *rowFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&r.name, "output", "o", "", "write rows as `FORMAT`: json, ndjson, csv, tsv, table or yaml")
	f.BoolVar(&r.bom, "bom", false, "begin csv with the mark by which Excel knows UTF-8")
	f.StringVar(&r.dates, "dates", "", "iso: write Workfront's dates in the `FORM` of RFC 3339, also for --jq")
	f.StringVar(&r.expression, "jq", "", "print what this jq `expression` makes of the answer, or with -o ndjson of each row")
	f.StringVar(&r.out, "out", "", "write the answer to `FILE`, which is replaced when all of it is there")
}

// check reads the format and the program; nothing has been asked for when it fails.
func (r *rowFlags) check(cmd *cobra.Command) (err error) {
	help := cmd.CommandPath() + " --help"
	if r.expression != "" {
		if r.program, err = output.CompileJQ(r.expression); err != nil {
			return usagef(help, "--jq: %v", err)
		}
	}
	if r.charts && r.name == string(output.Chart) {
		r.format = output.Chart
	} else if cmd.Flag("output").Changed {
		if r.format, err = output.ParseFormat(r.name); err != nil {
			return usagef(help, "-o: %v", err)
		}
	}
	if cmd.Flag("dates").Changed && r.dates != "iso" {
		return usagef(help, "--dates %s: iso is the only form", r.dates)
	}
	if cmd.Flag("out").Changed && r.out == "" {
		return usagef(help, "--out: the name of a file is wanted")
	}
	if r.bom && r.format != output.CSV {
		return usagef(help, "--bom belongs to -o csv")
	}
	if r.program != nil && !slices.Contains([]output.Format{"", output.JSON, output.NDJSON}, r.format) {
		return usagef(help, "--jq and -o %s cannot be given together: jq makes its own lines", r.format)
	}
	return nil
}

// asRows tells whether an answer is to be taken apart into rows, and not printed as it came.
func (r *rowFlags) asRows() bool {
	return r.format != "" && r.format != output.JSON
}

// rowWriter writes rows. The columns are what they stand under, if anything, and the fields that were asked for.
func (a *app) rowWriter(ctx context.Context, to destination, r rowFlags, fields, keys []string) (output.RowWriter, error) {
	w := to.shown()
	if r.program != nil {
		rows := r.program.RowWriter(ctx, w, r.format == output.NDJSON)
		if r.array && r.format != output.NDJSON {
			rows = r.program.ArrayWriter(ctx, w)
		}
		if r.dates != "" {
			rows = output.ISODates(rows)
		}
		return rows, nil
	}
	o := output.Options{Keys: keys, Fields: fields, BOM: r.bom, Array: r.array, Indent: to.terminal, Line: terminal.Line, Acts: terminal.Acts, Note: a.note}
	if to.terminal {
		o.Width = a.env.Terminal.Width()
	}
	format := r.format
	switch {
	case format == "" && r.array && to.terminal:
		format = output.Table
	case format == "":
		format = output.JSON
	}
	if format == output.Chart {
		w = to.Writer // what acts there is its own colours: it takes a line of all else
		o.Color = to.terminal && a.env.Getenv("NO_COLOR") == "" && a.env.Getenv("TERM") != "dumb"
	}
	rows, err := output.NewRowWriter(w, format, o)
	if err == nil && r.dates != "" {
		rows = output.ISODates(rows)
	}
	return rows, err
}

// printRows writes the rows of one answer.
func (a *app) printRows(ctx context.Context, to destination, body []byte, request workfront.Request, r rowFlags) error {
	s, err := shapeOf(request)
	if err != nil {
		return err
	}
	answer, err := output.Rows(body, s.keys)
	if err != nil {
		return err
	}
	r.dates = "" // of the whole answer, which was before
	return a.writeRows(ctx, to, r, s.columns(len(answer.Rows)), answer.Keys, answer.Rows)
}

// writeRows writes rows that are all there.
func (a *app) writeRows(ctx context.Context, to destination, r rowFlags, fields, keys []string, rows []jsontext.Value) error {
	w, err := a.rowWriter(ctx, to, r, fields, keys)
	if err != nil {
		return err
	}
	if err = w.Page(rows); err == nil {
		err = w.Close()
	}
	if errors.Is(err, output.ErrHalt) {
		return nil
	}
	if err != nil {
		_ = w.Break() // the first fault is the one to tell
	}
	return err
}
