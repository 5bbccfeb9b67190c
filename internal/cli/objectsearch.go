package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/workfront"
)

// defaultRows is how many rows a search shows unless told otherwise.
const defaultRows = 100

// searchFlags are a search as the command line says it.
type searchFlags struct {
	filters      filterFlags
	fields, sort string
	all          bool
	limit, size  int
	concurrency  int
	waits        waitFlags
	rows         rowFlags
}

func newObjectSearchCmd(a *app, o objects.Object, e examples) *cobra.Command {
	flags := searchFlags{rows: rowFlags{array: true}}
	cmd := &cobra.Command{
		Use:   "search [FILTER…]",
		Short: "List those that match filters",
		Long: `List those that match all filters: as a table at a terminal, as a JSON array elsewhere, or as -o says. A B --or C --and D are those
that match A and B, or C and D.

` + filterHelp + `

The first 100 are listed unless --limit or --all say otherwise. --all reads the whole list, each row that is there throughout once.
--jq sees the array, or with -o ndjson each row. Columns are the fields of --fields, in that order.`,
		Example: e.search,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.search(cmd, o, args, flags) },
	}
	flags.filters.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.fields, "fields", "", "the fields to show, `a,b`, also owner:name, owner:* or 'DE:Cost Center'")
	f.StringVar(&flags.sort, "sort", "", "sort by these fields, `f,-g`; - is from the greatest to the least")
	f.IntVar(&flags.limit, "limit", defaultRows, "list `N` rows at most")
	f.BoolVar(&flags.all, "all", false, "list all")
	f.IntVar(&flags.size, "page-size", workfront.MaxPageSize, "ask for `N` rows at once")
	f.IntVar(&flags.concurrency, "concurrency", defaultConcurrency, fmt.Sprintf("send up to `N` requests at once, at most %d", workfront.MaxAhead))
	flags.waits.add(cmd)
	flags.rows.add(cmd)
	return cmd
}

func (a *app) search(cmd *cobra.Command, o objects.Object, args []string, flags searchFlags) error {
	if err := flags.check(cmd); err != nil {
		return err
	}
	filter, err := flags.filters.filter(args)
	if err != nil {
		return a.wrongName(cmd, err)
	}
	selected, err := parseSelection(cmd, flags.fields)
	if err != nil {
		return a.wrongName(cmd, err)
	}
	var keys []objects.SortKey
	if cmd.Flag("sort").Changed {
		if keys, err = objects.ParseSort(flags.sort); err != nil {
			return a.wrongName(cmd, err)
		}
	}
	check := func(known objects.Known) error {
		paths := selected.paths
		for _, k := range keys {
			paths = append(slices.Clip(paths), k.Path)
		}
		if err := filter.Check(o, known); err != nil {
			return err
		}
		return objects.CheckPaths(paths, o, known)
	}
	return a.onObject(cmd, o, flags.waits, check, func(c *objectCall) error {
		request, err := c.request(objects.Search, "", filter.Params(), selected.params(), objects.SortParams(keys))
		if err != nil {
			return err
		}
		doubts := c.doubt(filter)
		to, err := c.destination(c.ctx, flags.rows.out)
		if err != nil {
			return err
		}
		read, err := c.paginate(c.ctx, c.client, request, flags.listing(), to)
		if err = to.end(err); err != nil {
			return err
		}
		switch {
		case read == 0:
			c.nothingFound(doubts)
		case !flags.all && read > flags.limit:
			c.note(fmt.Sprintf("there are more than these %d: --limit N lists more of them, and --all the whole list", flags.limit))
		}
		return nil
	})
}

func (f *searchFlags) check(cmd *cobra.Command) error {
	if err := f.rows.check(cmd); err != nil {
		return err
	}
	if err := onlyOne(cmd, "all", "limit"); err != nil {
		return err
	}
	return checkCounts(cmd, count{"limit", f.limit, 0}, count{"page-size", f.size, workfront.MaxPageSize}, count{"concurrency", f.concurrency, workfront.MaxAhead})
}

// listing reads one row more than is shown: if it comes, there are more.
func (f *searchFlags) listing() listing {
	l := listing{walk: workfront.Walk{PageSize: f.size, Ahead: f.concurrency}, rows: f.rows}
	if !f.all {
		l.most, l.walk.Limit = f.limit, f.limit+1
		l.walk.PageSize = min(f.size, l.walk.Limit)
	}
	return l
}
