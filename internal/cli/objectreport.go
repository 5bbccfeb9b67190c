package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

func newObjectReportCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var filters filterFlags
	var groupBy, aggregates string
	var rollUp bool
	var waits waitFlags
	rows := rowFlags{array: true, charts: true}
	cmd := &cobra.Command{
		Use:   "report [FILTER…] --group-by FIELDS --agg AGGREGATES",
		Short: "Print sums and counts by group",
		Long: `Print one row for each group of those that match all filters, its groups before its aggregates: as a table at a terminal, as a JSON
array elsewhere, or as -o says. -o chart draws bars.

An aggregate is sum, avg, count, dcount (different ones), min, max, std or var, a colon and a field. With --rollup the same is added
up over all groups of each level, in rows whose group is $$ROLLUP.

` + filterHelp,
		Example: e.report,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			filter, err := filters.filter(args)
			if err != nil {
				return a.wrongName(cmd, err)
			}
			for _, name := range [...]string{"group-by", "agg"} {
				if !cmd.Flag(name).Changed {
					return usagef(cmd.CommandPath()+" --help", "--%s is missing", name)
				}
			}
			summary, err := objects.ParseSummary(groupBy, aggregates, rollUp)
			if err != nil {
				return a.wrongName(cmd, err)
			}
			check := func(known objects.Known) error {
				if err := filter.Check(o, known); err != nil {
					return err
				}
				return summary.Check(o, known)
			}
			return a.onObject(cmd, o, waits, check, func(c *objectCall) error {
				request, err := c.request(objects.Report, "", filter.Params(), summary.Params())
				if err != nil {
					return err
				}
				doubts := c.doubt(filter)
				n, err := c.answerRows(request, rows)
				if err == nil && n == 0 {
					c.nothingFound(doubts)
				}
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&groupBy, "group-by", "", "one row for each value of these `FIELDS`, a,b, also owner:name")
	f.StringVar(&aggregates, "agg", "", "what is made of each group, `sum:hours,count:ID`")
	f.BoolVar(&rollUp, "rollup", false, "add rows for all groups together")
	filters.add(cmd)
	waits.add(cmd)
	rows.add(cmd)
	cmd.Flag("output").Usage = "write rows as `FORMAT`: json, ndjson, csv, tsv, table, yaml or chart"
	return cmd
}

// answerRows writes the rows of one answer, and tells how many there are.
func (c *objectCall) answerRows(request workfront.Request, rows rowFlags) (int, error) {
	body, err := c.answerTo(request)
	if err != nil {
		return 0, err
	}
	s, err := shapeOf(request)
	if err != nil {
		return 0, err
	}
	answer, err := output.Rows(body, s.keys)
	if err != nil {
		return 0, err
	}
	to, err := c.destination(c.ctx, rows.out)
	if err != nil {
		return 0, err
	}
	return len(answer.Rows), to.end(c.writeRows(c.ctx, to, rows, s.columns(len(answer.Rows)), answer.Keys, answer.Rows))
}

// answerTo is an answer that is held whole.
func (c *objectCall) answerTo(request workfront.Request) ([]byte, error) {
	answer, err := c.client.Do(c.ctx, request)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(answer.Body)
}
