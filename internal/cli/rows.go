package cli

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// rowFlags say how rows are written.
type rowFlags struct {
	name, expression string
	bom              bool

	format  output.Format   // of name; empty: none was asked for
	program *output.Program // of expression; nil: none
}

func (r *rowFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&r.name, "output", "o", "", "write rows as `FORMAT`: json, ndjson, csv, tsv, table or yaml")
	f.BoolVar(&r.bom, "bom", false, "begin csv with the mark by which Excel knows UTF-8")
	f.StringVar(&r.expression, "jq", "", "print what this jq `expression` makes of the answer, or with -o ndjson of each row")
}

// check reads the format and the program; nothing has been asked for when it fails.
func (r *rowFlags) check(cmd *cobra.Command) (err error) {
	help := cmd.CommandPath() + " --help"
	if r.expression != "" {
		if r.program, err = output.CompileJQ(r.expression); err != nil {
			return usagef(help, "--jq: %v", err)
		}
	}
	if cmd.Flag("output").Changed {
		if r.format, err = output.ParseFormat(r.name); err != nil {
			return usagef(help, "-o: %v", err)
		}
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

// rowWriter writes rows to out. The columns are the fields that were asked for, if any.
func (a *app) rowWriter(ctx context.Context, out io.Writer, r rowFlags, fields string) (output.RowWriter, error) {
	if a.env.Terminal.Out {
		out = terminal.Visible(out)
	}
	if r.program != nil {
		return r.program.RowWriter(ctx, out, r.format == output.NDJSON), nil
	}
	o := output.Options{Fields: workfront.FieldNames(fields), BOM: r.bom, Indent: a.env.Terminal.Out, Line: terminal.Line, Acts: terminal.Acts, Note: a.note}
	if o.Indent {
		o.Width = a.env.Terminal.Width()
	}
	format := r.format
	if format == "" {
		format = output.JSON
	}
	return output.NewRowWriter(out, format, o)
}

// printRows writes the rows of one answer.
func (a *app) printRows(ctx context.Context, out io.Writer, body []byte, r rowFlags, fields string) error {
	rows, err := output.Rows(body)
	if err != nil {
		return err
	}
	w, err := a.rowWriter(ctx, out, r, fields)
	if err != nil {
		return err
	}
	if err := w.Page(rows); err != nil {
		if errors.Is(err, output.ErrHalt) {
			return nil
		}
		return err
	}
	return w.Close()
}
