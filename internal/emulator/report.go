package emulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// aggregate is one field_AggFunc parameter.
type aggregate struct {
	name string // dcount_ID
	kind string
	path path
}

// report answers /task/report?status_GroupBy=true&ID_AggFunc=dcount: the aggregates under each value, and
// under a value of the first field those of the second.
func (c *call) report(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.RLock()
	defer d.mu.RUnlock()
	f, err := c.compileFilter(t)
	if err != nil {
		return nil, err
	}
	var by []path
	var names []string
	var aggregates []aggregate
	for _, p := range c.params {
		if name, ok := strings.CutSuffix(p.name, "_GroupBy"); ok && p.value == "true" {
			name = withoutNumber(name)
			at, err := c.resolve(t, name)
			if err != nil {
				return nil, err
			}
			by, names = append(by, at), append(names, name)
		}
		if name, ok := strings.CutSuffix(p.name, "_AggFunc"); ok {
			at, err := c.resolve(t, name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains([]string{"count", "dcount", "sum", "avg", "min", "max"}, p.value) {
				return nil, invalid("Invalid Parameter: %s value %q", p.name, p.value)
			}
			aggregates = append(aggregates, aggregate{p.value + "_" + name, p.value, at})
		}
	}
	if len(by) == 0 {
		return nil, unsupported("you must specify a field to group by")
	}
	rows := f.rows(t)
	dst = c.appendGroups(dst, rows, by, names, nil, aggregates)
	if c.params.get("$$ROLLUP") == "true" {
		dst = dst[:len(dst)-1]
		if len(rows) > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `"$$ROLLUP":`...)
		dst = append(c.appendAggregates(append(dst, '{'), rows, aggregates), "}}"...)
	}
	return dst, nil
}

// appendGroups writes one level of groups, values being the members that the levels above have fixed.
func (c *call) appendGroups(dst []byte, rows []int32, by []path, names []string, values []byte, aggregates []aggregate) []byte {
	members := make(map[string][]int32)
	for _, row := range rows {
		key := c.groupKey(by[0], row)
		members[key] = append(members[key], row)
	}
	keys := make([]string, 0, len(members))
	for key := range members {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for n, key := range keys {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, key), ':')
		at, row := by[0], members[key][0]
		own := append(appendString(append(slices.Clone(values), ','), names[0]), ':')
		last := at.steps[len(at.steps)-1]
		own = appendValue(own, last.field, at.read(row), c.version, c.tenant.data.tables[last.field.target])
		if len(by) > 1 {
			dst = c.appendGroups(dst, members[key], by[1:], names[1:], own, aggregates)
			continue
		}
		dst = c.appendAggregates(append(dst, '{'), members[key], aggregates)
		dst = append(append(dst, strings.TrimPrefix(string(own), ",")...), '}')
	}
	return append(dst, '}')
}

// groupKey is the text under which a row's group stands.
func (c *call) groupKey(at path, row int32) string {
	last := at.steps[len(at.steps)-1]
	text := appendValue(nil, last.field, at.read(row), c.version, c.tenant.data.tables[last.field.target])
	if unquoted, err := strconv.Unquote(string(text)); err == nil {
		return unquoted
	}
	return string(text)
}

func (c *call) appendAggregates(dst []byte, rows []int32, aggregates []aggregate) []byte {
	for _, a := range aggregates {
		dst = append(appendString(dst, a.name), ':')
		dst = append(a.append(dst, rows, c.tenant.data), ',')
	}
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// append writes the aggregate of the rows; nulls do not count.
func (a aggregate) append(dst []byte, rows []int32, d *data) []byte {
	distinct := make(map[string]bool)
	count, sum, low, high := 0, 0.0, math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		v := a.path.read(row)
		if v.null {
			continue
		}
		if a.kind == "dcount" {
			distinct[a.path.text(v, d)+strconv.FormatFloat(v.number, 'g', -1, 64)] = true
		}
		count++
		sum += v.number
		low, high = min(low, v.number), max(high, v.number)
	}
	result := sum
	switch a.kind {
	case "count":
		result = float64(count)
	case "dcount":
		result = float64(len(distinct))
	case "avg":
		result = sum / float64(count)
	case "min":
		result = low
	case "max":
		result = high
	}
	if count == 0 && (math.IsNaN(result) || math.IsInf(result, 0)) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, result, 'f', -1, 64)
}

// withoutNumber takes the _1 off a parameter's name.
func withoutNumber(name string) string {
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}
