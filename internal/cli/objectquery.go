package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

func newObjectQueryCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var fields string
	var waits waitFlags
	rows := rowFlags{array: true}
	cmd := &cobra.Command{
		Use:   "query NAME [k=v…]",
		Short: "Ask a query that Workfront has a name for",
		Long: `Ask a query that Workfront has a name for, with its arguments, and print the rows of its answer: as a table at a terminal, as a JSON
array elsewhere, or as -o says. What is no row is printed as it came. describe queries lists the names and their arguments.`,
		Example: e.query,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			if len(args) == 0 {
				return usagef(cmd.CommandPath()+" --help", "NAME is missing")
			}
			selected, err := parseSelection(cmd, fields)
			if err != nil {
				return a.wrongName(cmd, err)
			}
			var params []objects.Param
			for _, arg := range args[1:] {
				name, value, ok := strings.Cut(arg, "=")
				if !ok || name == "" {
					return usagef(cmd.CommandPath()+" --help", "%q: an argument is NAME=VALUE", arg)
				}
				params = append(params, objects.Param{Key: name, Value: value})
			}
			check := func(known objects.Known) error { return checkQuery(o, args[0], params, known(o.Code)) }
			return a.onObject(cmd, o, waits, check, func(c *objectCall) error {
				request, err := c.request(objects.Query, args[0], params, selected.params())
				if err != nil {
					return err
				}
				_, err = c.answerRows(request, rows)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&fields, "fields", "", "the fields to show, `a,b`, also owner:name, owner:* or 'DE:Cost Center'")
	waits.add(cmd)
	rows.add(cmd)
	return cmd
}

// checkQuery looks at the names of a query and of its arguments, as far as metadata is known.
func checkQuery(o objects.Object, name string, params []objects.Param, m *objects.Metadata) error {
	if err := o.Query(name, m); err != nil || m == nil {
		return err
	}
	if q := m.Query(name); q != nil {
		for _, p := range params {
			if err := q.Check(p.Key); err != nil && !strings.HasPrefix(p.Key, "$$") {
				return err
			}
		}
	}
	return nil
}
