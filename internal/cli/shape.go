package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// shape is what a request says about the rows of its answer.
type shape struct {
	fields []string // that are named, wherever; none: all
	keys   output.Keys
	report []string // the columns that a report has as far as its request tells
}

// columns are those that are named. An answer without rows has no others to show, so a report's are then those that it asked for.
func (s shape) columns(rows int) []string {
	if rows == 0 && len(s.fields) == 0 {
		return s.report
	}
	return s.fields
}

func shapeOf(r workfront.Request) (shape, error) {
	parameters, err := r.Parameters()
	if err != nil {
		return shape{}, err
	}
	s := shape{fields: workfront.NamedFields(parameters)}
	switch groups := workfront.GroupNames(parameters); {
	case len(groups) > 0:
		s.keys = output.Keys{Levels: len(groups), Names: groups}
		s.report = slices.Concat(groups, workfront.AggregateNames(parameters))
	case lastSegment(r.Path) == "report":
		s.keys.Levels = output.AnyLevels
	case workfront.IsMap(parameters):
		s.keys.Levels = 1
	}
	return s, nil
}

// lastSegment is in lower case.
func lastSegment(path string) string {
	path, _, _ = strings.Cut(strings.ToLower(path), "?")
	return path[strings.LastIndex(path, "/")+1:]
}

// again is the command as it was typed, with a jq program in the place of how its answer was to be written.
func again(cmd *cobra.Command, program string) string {
	return retyped(cmd, strings.Join(cmd.Flags().Args(), " "), nil, "--jq", program)
}
