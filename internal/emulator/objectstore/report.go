package objectstore

import (
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// grouping is what a report is asked for.
type grouping struct {
	query      *query
	by         []named
	aggregates []aggregate
	rollup     bool
}

// named is a path under the name that the request gave it.
type named struct {
	path
	name string
}

// aggregate is one field_AggFunc parameter.
type aggregate struct {
	named
	function string
}

// report answers status_GroupBy=true with ID_AggFunc=dcount: the aggregates under each value, and under a value of the
// first field those of the second. With $$ROLLUP=true every level has those of all its rows as well.
func (q *query) report(dst []byte, t *table) ([]byte, error) {
	f, err := q.compileFilter(t)
	if err != nil {
		return nil, err
	}
	g, err := q.grouping(t)
	if err != nil {
		return nil, err
	}
	return append(dst, jsonObject(g.members(f.rows(t), g.by, nil))...), nil
}

func (q *query) grouping(t *table) (grouping, error) {
	g := grouping{query: q, rollup: q.Params.Get("$$ROLLUP") == "true"}
	type numbered struct {
		named
		n int
	}
	var by []numbered
	for _, p := range q.Params {
		if name, ok := strings.CutSuffix(p.Name, "_GroupBy"); ok && p.Value == "true" {
			name, n := cutNumber(name)
			at, err := q.resolve(t, name)
			if err != nil {
				return g, err
			}
			by = append(by, numbered{named{at, name}, n})
		}
		if name, ok := strings.CutSuffix(p.Name, "_AggFunc"); ok {
			at, err := q.resolve(t, name)
			if err != nil {
				return g, err
			}
			if !aggregates(p.Value, at.last().kind) {
				return g, invalid("Invalid Parameter: %s value %q", p.Name, p.Value)
			}
			g.aggregates = append(g.aggregates, aggregate{named{at, name}, p.Value})
		}
	}
	if len(by) == 0 {
		return g, unsupported("you must specify a field to group by")
	}
	sort.SliceStable(by, func(i, j int) bool { return by[i].n < by[j].n })
	for _, level := range by {
		g.by = append(g.by, level.named)
	}
	return g, nil
}

// aggregates tells whether a function is one for that kind of field. A d before its name counts equal values once.
func aggregates(function string, k kind) bool {
	switch strings.TrimPrefix(function, "d") {
	case "count", "min", "max":
		return true
	case "sum", "avg", "std", "var":
		return k == kindInt || k == kindDouble || k == kindCurrency
	}
	return false
}

// members are the groups of one level, fixed being the members that the levels above have fixed.
func (g grouping) members(rows []int32, by []named, fixed []string) (members []string) {
	groups := make(map[value][]int32)
	for _, row := range rows {
		v := by[0].read(row)
		groups[v] = append(groups[v], row)
	}
	texts := make(map[string][]int32, len(groups)) // dates on one day are one text
	for v, rows := range groups {
		text := g.json(by[0].path, v)
		texts[text] = append(texts[text], rows...)
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		here := append(slices.Clone(fixed), jsonMember(by[0].name, text))
		var below []string
		if len(by) > 1 {
			below = g.members(texts[text], by[1:], here)
		} else {
			below = append(g.aggregate(texts[text]), here...)
		}
		key := text
		if !strings.HasPrefix(text, `"`) {
			key = `"` + text + `"` // numbers and null name groups too
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
	function, distinct := strings.CutPrefix(a.function, "d")
	if distinct {
		sort.Slice(values, func(i, j int) bool { return compareValues(values[i], values[j]) < 0 })
		values = slices.CompactFunc(values, func(a, b value) bool { return compareValues(a, b) == 0 })
	}
	if function == "count" {
		return strconv.Itoa(len(values))
	}
	if len(values) == 0 {
		return "null"
	}
	switch function {
	case "min":
		return g.json(a.path, slices.MinFunc(values, compareValues))
	case "max":
		return g.json(a.path, slices.MaxFunc(values, compareValues))
	}
	sum := 0.0
	for _, v := range values {
		sum += v.number
	}
	n := float64(len(values))
	switch function {
	case "avg":
		sum /= n
	case "var", "std":
		mean, squares := sum/n, 0.0
		for _, v := range values {
			squares += (v.number - mean) * (v.number - mean)
		}
		sum = squares / max(n-1, 1) // of a sample, and of one value 0, as databases have it
		if function == "std" {
			sum = math.Sqrt(sum)
		}
	}
	return strconv.FormatFloat(sum, 'f', -1, 64)
}

// json writes a value of a path's last field.
func (g grouping) json(at path, v value) string {
	f := at.last()
	return string(appendValue(nil, f, v, g.query.Version, g.query.store.tables[f.target]))
}
