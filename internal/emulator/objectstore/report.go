package objectstore

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// grouping is what a report is asked for.
type grouping struct {
	query      *query
	by         []named // in the order of their numbers
	aggregates []aggregate
	rollup     bool // each level has the aggregates of all its groups, too
}

// named is a path under the name that the request gave it.
type named struct {
	path
	name   string
	number int
}

// aggregate is one field_AggFunc parameter.
type aggregate struct {
	named
	function string
}

// report answers status_GroupBy=true with ID_AggFunc=dcount: the aggregates under each value, and
// under a value of the first field those of the second.
func (q *query) report(dst []byte, t *table) ([]byte, error) {
	f, err := q.compileFilter(t)
	if err != nil {
		return nil, err
	}
	g, err := q.grouping(t)
	if err != nil {
		return nil, err
	}
	rows := f.rows(t)
	return append(dst, jsonObject(g.members(rows, g.by, nil))...), nil
}

func (q *query) grouping(t *table) (grouping, error) {
	g := grouping{query: q, rollup: q.Params.Get("$$ROLLUP") == "true"}
	for _, p := range q.Params {
		if name, ok := strings.CutSuffix(p.Name, "_GroupBy"); ok && p.Value == "true" {
			name, number := cutNumber(name)
			at, err := q.resolve(t, name)
			if err != nil {
				return g, err
			}
			g.by = append(g.by, named{at, name, number})
		}
		if name, ok := strings.CutSuffix(p.Name, "_AggFunc"); ok {
			at, err := q.resolve(t, name)
			if err != nil {
				return g, err
			}
			if !aggregates(p.Value, at.last().kind) {
				return g, invalid("Invalid Parameter: %s value %q", p.Name, p.Value)
			}
			g.aggregates = append(g.aggregates, aggregate{named{path: at, name: name}, p.Value})
		}
	}
	slices.SortStableFunc(g.by, func(a, b named) int { return cmp.Compare(a.number, b.number) })
	if len(g.by) == 0 {
		return g, unsupported("you must specify a field to group by")
	}
	return g, nil
}

// aggregates tells whether a function is one for that kind of field.
func aggregates(function string, k kind) bool {
	switch function {
	case "count", "dcount", "min", "max":
		return true
	case "sum", "avg":
		return k == kindInt || k == kindDouble || k == kindCurrency
	}
	return false
}

// members are the groups of one level, fixed being the members that the levels above have fixed.
func (g grouping) members(rows []int32, by []named, fixed []string) (members []string) {
	groups := make(map[string][]int32)
	for _, row := range rows {
		value := g.json(by[0].path, by[0].read(row))
		groups[value] = append(groups[value], row)
	}
	for _, value := range slices.Sorted(maps.Keys(groups)) {
		here := append(slices.Clone(fixed), jsonMember(by[0].name, value))
		below := append(g.aggregate(groups[value]), here...)
		if len(by) > 1 {
			below = g.members(groups[value], by[1:], here)
		}
		key := value
		if !strings.HasPrefix(value, `"`) {
			key = `"` + value + `"` // numbers and null name groups too
		}
		members = append(members, key+":"+jsonObject(below))
	}
	if g.rollup {
		members = append(members, `"$$ROLLUP":`+jsonObject(g.aggregate(rows)))
	}
	return members
}

// aggregate computes the functions over some rows. Nulls do not count.
func (g grouping) aggregate(rows []int32) (members []string) {
	for _, a := range g.aggregates {
		var values []value
		for _, row := range rows {
			if v := a.read(row); !v.null {
				v.text = a.text(v, g.query.store)
				values = append(values, v)
			}
		}
		members = append(members, jsonMember(a.function+"_"+a.name, g.apply(a, values)))
	}
	return members
}

func (g grouping) apply(a aggregate, values []value) string {
	switch a.function {
	case "count":
		return strconv.Itoa(len(values))
	case "dcount":
		return strconv.Itoa(len(slices.CompactFunc(slices.SortedFunc(slices.Values(values), compareValues),
			func(a, b value) bool { return compareValues(a, b) == 0 })))
	}
	if len(values) == 0 {
		return "null"
	}
	switch a.function {
	case "min":
		return g.json(a.path, slices.MinFunc(values, compareValues))
	case "max":
		return g.json(a.path, slices.MaxFunc(values, compareValues))
	}
	sum := 0.0
	for _, v := range values {
		sum += v.number
	}
	if a.function == "avg" {
		sum /= float64(len(values))
	}
	return strconv.FormatFloat(sum, 'f', -1, 64)
}

// json writes a value of a path's last field.
func (g grouping) json(at path, v value) string {
	f := at.last()
	return string(appendValue(nil, f, v, g.query.Version, g.query.store.tables[f.target]))
}
