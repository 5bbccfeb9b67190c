package workfront

import (
	"cmp"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Parameters are those of the Path's query and then the Fields, unescaped. An error is a [*UsageError].
func (r Request) Parameters() ([]Field, error) {
	_, query, _ := strings.Cut(r.Path, "?")
	fields, err := splitQuery(query)
	if err != nil {
		return nil, err
	}
	return slices.Concat(fields, r.Fields), nil
}

// Changes tells whether r may change something at Workfront; in doubt it does.
func (r Request) Changes() bool {
	method := cmp.Or(r.Method, http.MethodGet)
	if r.Method == "" && r.Input != nil {
		method = http.MethodPost
	}
	parameters, err := r.Parameters()
	return err != nil || IsUpload(r) || changes(strings.ToUpper(method), parameters)
}

// NamedFields are the fields that parameters ask for, in their order.
func NamedFields(parameters []Field) (names []string) {
	for _, p := range parameters {
		if p.Key == "fields" {
			names = append(names, FieldNames(p.Value)...)
		}
	}
	return names
}

// GroupNames are the fields that a report is grouped by, outermost first: in the order of their numbers ("status_1_GroupBy"), and those
// that have none, first, in the order given.
func GroupNames(parameters []Field) (names []string) {
	type group struct {
		name   string
		number int
	}
	var groups []group
	for _, p := range parameters {
		if name, ok := strings.CutSuffix(p.Key, "_GroupBy"); ok && strings.EqualFold(p.Value, "true") {
			var g group
			g.name, g.number = cutNumber(name)
			groups = append(groups, g)
		}
	}
	sort.SliceStable(groups, func(i, j int) bool { return groups[i].number < groups[j].number })
	for _, g := range groups {
		names = append(names, g.name)
	}
	return names
}

// AggregateNames are the keys that a report has for its aggregates, in the order given: sum_hours for hours_AggFunc=sum.
func AggregateNames(parameters []Field) (names []string) {
	for _, p := range parameters {
		if name, ok := strings.CutSuffix(p.Key, "_AggFunc"); ok {
			name, _ = cutNumber(name)
			names = append(names, p.Value+"_"+name)
		}
	}
	return names
}

// cutNumber takes the number off a name that ends in one, as name_1; without one it is 0.
func cutNumber(name string) (string, int) {
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		if n, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i], n
		}
	}
	return name, 0
}

// IsMap tells whether parameters ask for rows under their IDs.
func IsMap(parameters []Field) bool {
	return slices.ContainsFunc(parameters, func(p Field) bool { return p.Key == "map" && strings.EqualFold(p.Value, "true") })
}
