package objects

import (
	"slices"
	"strconv"
	"strings"
)

// functions are what a report can make of the values of a field; with a d before it, of its distinct values.
var functions = [...][2]string{
	{"sum", "all added up"},
	{"avg", "the mean"},
	{"count", "how many have a value"},
	{"dcount", "how many different values there are"},
	{"min", "the least"},
	{"max", "the greatest"},
	{"std", "the standard deviation"},
	{"var", "the variance"},
	{"dsum", "the different values added up"},
	{"davg", "the mean of the different values"},
	{"dmin", "the least"},
	{"dmax", "the greatest"},
	{"dstd", "the standard deviation of the different values"},
	{"dvar", "the variance of the different values"},
}

// Aggregate is a function over the values of a field in each group.
type Aggregate struct {
	Function string
	Path     Path
}

// Member is what the answer calls it: sum_hours.
func (a Aggregate) Member() string { return a.Function + "_" + a.Path.String() }

// Summary is what a report is asked for.
type Summary struct {
	GroupBy    []Path
	Aggregates []Aggregate
	RollUp     bool // the same over all groups, on every level
}

// ParseSummary reads the lists that a report is asked by: the fields to group by, as project:name,status, and the aggregates,
// as sum:hours,count:ID. The error is a [Malformed] or an [Unknown].
func ParseSummary(groupBy, aggregates string, rollUp bool) (*Summary, error) {
	s := &Summary{RollUp: rollUp}
	for item := range list(groupBy) {
		path, err := ParsePath(item)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.GroupBy, func(p Path) bool { return p.String() == item }) {
			return nil, &Malformed{Text: item, Why: "a report is grouped by a field once"}
		}
		s.GroupBy = append(s.GroupBy, path)
	}
	for item := range list(aggregates) {
		a, err := parseAggregate(item)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.Aggregates, func(b Aggregate) bool { return b.Path.String() == a.Path.String() }) {
			return nil, &Malformed{Text: item, Why: "Workfront gives one aggregate of a field in a report; ask for the other in a second one"}
		}
		s.Aggregates = append(s.Aggregates, a)
	}
	switch {
	case s.GroupBy == nil:
		return nil, &Malformed{Text: groupBy, Why: "a report needs a field to group by"}
	case s.Aggregates == nil:
		return nil, &Malformed{Text: aggregates, Why: "a report needs an aggregate, such as count:ID"}
	}
	return s, nil
}

func parseAggregate(item string) (Aggregate, error) {
	function, field, ok := strings.Cut(item, ":")
	if !ok {
		return Aggregate{}, &Malformed{item, "an aggregate is a function, a colon and a field, such as sum:hours", "sum:" + item}
	}
	if !slices.ContainsFunc(functions[:], func(f [2]string) bool { return f[0] == function }) {
		return Aggregate{}, &Unknown{Kind: KindAggregate, Name: function, Nearest: Nearest(function, described(functions[:]))}
	}
	path, err := ParsePath(field)
	return Aggregate{function, path}, err
}

// list gives the items of a list, none for the empty text.
func list(text string) func(yield func(string) bool) {
	if text == "" {
		return func(func(string) bool) {}
	}
	return strings.SplitSeq(text, ",")
}

// Params are the summary as Workfront takes it.
func (s *Summary) Params() []Param {
	var params []Param
	for i, p := range s.GroupBy {
		params = append(params, Param{p.String() + "_" + strconv.Itoa(i+1) + "_GroupBy", "true"})
	}
	for _, a := range s.Aggregates {
		params = append(params, Param{a.Path.String() + "_AggFunc", a.Function})
	}
	if s.RollUp {
		params = append(params, Param{"$$ROLLUP", "true"})
	}
	return params
}

// Check returns an [Unknown] for the first field that an object does not have, as far as its metadata is known.
func (s *Summary) Check(o Object, known Known) error {
	paths := s.GroupBy
	for _, a := range s.Aggregates {
		paths = append(slices.Clone(paths), a.Path)
	}
	return CheckPaths(paths, o, known)
}
