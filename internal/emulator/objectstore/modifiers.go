package objectstore

import (
	"slices"
	"strconv"
	"strings"
)

// operands are what a request compares a field with.
type operands struct {
	name     string // of the field, as the request has it
	modifier string
	values   []string
	ends     []string // of field_Range, for between
}

// operator is a modifier without its ci and not.
type operator struct {
	name    string
	fold    bool // upper and lower case are one
	negated bool
	strict  bool // what is null does not meet it, although it is negated
}

// parseModifier reads the _Mod of a filter; none means eq.
func parseModifier(s string) (operator, bool) {
	var o operator
	rest, fold := strings.CutPrefix(s, "ci")
	o.fold = fold
	switch rest {
	case "":
		if fold {
			return o, false
		}
		o.name = "eq"
	case "ne", "notin":
		o.name, o.negated = "eq", true
	case "nee":
		o.name, o.negated, o.strict = "eq", true, true
	case "in":
		o.name = "eq"
	case "notnull", "notblank":
		o.name, o.negated = "isnull", true
	case "isblank":
		o.name = "isnull"
	case "notcontains", "notbetween", "notcontainsany", "notcontainsall":
		o.name, o.negated = strings.TrimPrefix(rest, "not"), true
	case "bitwisenand":
		o.name, o.negated = "bitwiseand", true
	default:
		o.name = rest
	}
	switch o.name {
	case "eq", "contains", "containsany", "containsall", "between", "like", "startswith":
		return o, true
	case "lt", "lte", "gt", "gte", "isnull", "soundex", "bitwiseor", "bitwiseand", "exacttime", "length_lt", "length_eq", "length_gt", "allof":
		return o, !fold
	}
	return o, false
}

// compileCondition makes the condition on one field. Whatever is negated is also true of null: the server behind this
// matches ne that way.
func (q *query) compileCondition(in scope, at path, given operands) (condition, error) {
	op, ok := parseModifier(given.modifier)
	if !ok {
		return condition{}, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
	}
	if op.name == "isnull" {
		return condition{test: func(row, _ int32) bool { return at.read(row).null != op.negated }}, nil
	}
	if len(given.values) == 0 {
		return condition{}, invalid("Invalid Parameter: %s has no value", given.name)
	}
	if name, ok := strings.CutPrefix(given.values[0], "FIELD:"); ok {
		return q.compareFields(in, at, op, given, strings.TrimSpace(name))
	}
	if op.name == "between" && (len(given.values) != 1 || len(given.ends) != 1) {
		return condition{}, invalid("Invalid Parameter: %s_Mod %s needs one value and one %s_Range", given.name, given.modifier, given.name)
	}
	given.values = slices.Concat(given.values, given.ends)
	values := q.operandTexts(at.last(), given.values, op)
	var match func(value) bool
	var err error
	switch at.last().kind {
	case kindText, kindChoice, kindID, kindObjCode:
		match, err = textTest(op, given, values)
	default:
		match, err = q.numberTest(at.last(), op, given, values)
	}
	if err != nil {
		return condition{}, err
	}
	c := condition{test: func(row, _ int32) bool {
		v := at.read(row)
		if v.null {
			return op.negated && !op.strict
		}
		return match(v) != op.negated
	}}
	if op.name == "eq" && !op.negated && !op.fold && at.own() {
		c.only = q.named(at.steps[0], values)
	}
	return c, nil
}

// named finds the rows that values name by their ID, or by that of what they refer to.
func (q *query) named(at step, values []string) func(int32) []int32 {
	if at.field.kind != kindID && at.field.kind != kindReference {
		return nil
	}
	return func(int32) (rows []int32) {
		for _, text := range values {
			i, ok := parseID(text)
			if !ok {
				continue
			}
			if at.field.kind == kindID {
				if row, ok := at.table.row(i); ok {
					rows = append(rows, row)
				}
			} else if row, ok := q.store.tables[at.field.target].row(i); ok {
				rows = append(rows, at.table.referring(at.field, row)...)
			}
		}
		slices.SortFunc(rows, at.table.compareRows)
		return slices.Compact(rows)
	}
}

// interval is what an operand covers, both ends included: a number itself, a date its whole day.
type interval struct{ low, high float64 }

func (i interval) contains(n float64) bool { return i.low <= n && n <= i.high }

// numberTest compares everything that is stored as a number.
func (q *query) numberTest(f *field, op operator, given operands, values []string) (func(value) bool, error) {
	intervals := make([]interval, 0, len(values))
	for _, text := range values {
		i, err := q.parseOperand(f, given.name, text)
		if err != nil {
			return nil, err
		}
		intervals = append(intervals, i)
	}
	if len(intervals) == 0 {
		return func(value) bool { return false }, nil
	}
	first, last := intervals[0], intervals[len(intervals)-1]
	switch op.name {
	case "eq":
		return func(v value) bool {
			return slices.ContainsFunc(intervals, func(i interval) bool { return i.contains(v.number) })
		}, nil
	case "exacttime":
		return func(v value) bool { return v.number == first.low }, nil
	case "lt":
		return func(v value) bool { return v.number < first.low }, nil
	case "lte":
		return func(v value) bool { return v.number <= first.high }, nil
	case "gt":
		return func(v value) bool { return v.number > first.high }, nil
	case "gte":
		return func(v value) bool { return v.number >= first.low }, nil
	case "between":
		return func(v value) bool { return first.low <= v.number && v.number <= last.high }, nil
	}
	if bits := int64(first.low); f.kind == kindInt {
		switch op.name {
		case "bitwiseor": // any of the bits
			return func(v value) bool { return int64(v.number)&bits != 0 }, nil
		case "bitwiseand": // all of them
			return func(v value) bool { return int64(v.number)&bits == bits }, nil
		}
	}
	return nil, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
}

// operandTexts splits lists: of IDs at commas and tabs, of other values at tabs, for those may hold commas. Lines copied
// from Workfront's text mode end in blanks.
func (q *query) operandTexts(f *field, values []string, op operator) []string {
	isID := f.kind == kindID || f.kind == kindReference
	var texts []string
	for _, v := range values {
		parts := []string{v}
		if isWildcard(v) {
			parts = q.wildcards(v)
		} else if isID || op.name == "eq" {
			parts = strings.FieldsFunc(v, func(r rune) bool { return r == '\t' || isID && r == ',' })
			if len(parts) == 0 {
				parts = []string{""}
			}
		}
		for _, part := range parts {
			if isID {
				part = strings.TrimSpace(part)
			}
			texts = append(texts, part)
		}
	}
	return texts
}

func (q *query) parseOperand(f *field, name, text string) (interval, error) {
	refuse := invalid("Invalid Parameter: %s value %q", name, text)
	text = strings.TrimSpace(text)
	switch f.kind {
	case kindReference:
		i, ok := parseID(text)
		if !ok {
			return interval{}, refuse
		}
		row, ok := q.store.tables[f.target].row(i)
		if !ok {
			row = -1 // an ID that nothing has matches nothing
		}
		return interval{float64(row), float64(row)}, nil
	case kindBool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return interval{}, refuse
		}
		n := boolean(b).number
		return interval{n, n}, nil
	case kindDate, kindDateTime:
		s, ok := parseSpan(text, q.Now)
		if !ok {
			return interval{}, refuse
		}
		return interval{float64(s.from.UnixMilli()), float64(s.to.UnixMilli() - 1)}, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return interval{}, refuse
	}
	return interval{n, n}, nil
}
