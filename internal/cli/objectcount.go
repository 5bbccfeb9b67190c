package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

func newObjectCountCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var filters filterFlags
	var waits waitFlags
	cmd := &cobra.Command{
		Use:     "count [FILTER…]",
		Short:   "Print how many match filters",
		Long:    "Print how many match all filters, as one number.\n\n" + filterHelp,
		Example: e.count,
		RunE: func(cmd *cobra.Command, args []string) error {
			filter, err := filters.filter(args)
			if err != nil {
				return a.wrongName(cmd, err)
			}
			check := func(known objects.Known) error { return filter.Check(o, known) }
			return a.onObject(cmd, o, waits, check, func(c *objectCall) error {
				request, err := c.request(objects.Search, "", filter.Params())
				if err != nil {
					return err
				}
				doubts := c.doubt(filter)
				n, err := c.client.Count(c.ctx, request)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintln(c.stdout(c.ctx), n); err != nil {
					return err
				}
				if n == 0 {
					c.nothingFound(doubts)
				}
				return nil
			})
		},
	}
	filters.add(cmd)
	waits.add(cmd)
	return cmd
}
