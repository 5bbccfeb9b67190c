package objectstore

import (
	"slices"
	"strings"
)

// filter is a disjunction of conjunctions: the plain parameters, or those of OR:1:, or of OR:2: …
// Without any it matches all rows.
type filter [][]condition

// condition tests one field.
type condition struct {
	path path
	test func(value) bool
}

func (f filter) matches(row int32) bool {
	for _, all := range f {
		if !slices.ContainsFunc(all, func(c condition) bool { return !c.test(c.path.read(row)) }) {
			return true
		}
	}
	return len(f) == 0
}

// rows returns the living rows that match. The slice is the table's own where everything does.
func (f filter) rows(t *table) []int32 {
	if len(f) == 0 {
		return t.order
	}
	var matching []int32
	for _, row := range t.order {
		if f.matches(row) {
			matching = append(matching, row)
		}
	}
	return matching
}

// compileFilter makes a filter of the parameters that are one: field=value, field_Mod=operator and
// field_Range=value, the last two optional, the first repeated for several values.
func (q *query) compileFilter(t *table) (filter, error) {
	all, err := q.Params.withFilters()
	if err != nil {
		return nil, err
	}
	groups := make(map[string]Params)
	var order []string
	for _, p := range all {
		group, name := orGroup(p.Name)
		if isInstruction(name) {
			continue
		}
		if _, ok := groups[group]; !ok {
			order = append(order, group)
		}
		groups[group] = append(groups[group], Param{name, p.Value})
	}
	var f filter
	for _, group := range order {
		conjunction, err := q.compileGroup(t, groups[group])
		if err != nil {
			return nil, err
		}
		f = append(f, conjunction)
	}
	return f, nil
}

func (q *query) compileGroup(t *table, p Params) ([]condition, error) {
	var conditions []condition
	var done []string
	for _, given := range p {
		name := strings.TrimSuffix(strings.TrimSuffix(given.Name, "_Mod"), "_Range")
		if slices.Contains(done, name) {
			continue
		}
		done = append(done, name)
		at, err := q.resolve(t, name)
		if err != nil {
			return nil, err
		}
		test, err := q.compileTest(at, operands{
			name: name, modifier: p.Get(name + "_Mod"), values: p.All(name), ends: p.All(name + "_Range"),
		})
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition{at, test})
	}
	return conditions, nil
}

// orGroup splits OR:1:name; the plain parameters are the group "".
func orGroup(name string) (group, rest string) {
	if tail, ok := strings.CutPrefix(name, "OR:"); ok {
		if number, rest, ok := strings.Cut(tail, ":"); ok {
			return number, rest
		}
	}
	return "", name
}

// isInstruction tells the parameters that say what to do with the rows from those that choose them.
func isInstruction(name string) bool {
	switch name {
	case "fields", "filters", "listOptions", "map", "method", "sessionID", "apiKey", "jsonp":
		return true
	}
	return strings.HasPrefix(name, "$$") || strings.HasSuffix(name, "_Sort") ||
		strings.HasSuffix(name, "_GroupBy") || strings.HasSuffix(name, "_AggFunc")
}
