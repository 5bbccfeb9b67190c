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
	case "in":
		o.name = "eq"
	case "notnull":
		o.name, o.negated = "isnull", true
	case "isblank":
		o.name = "isnull"
	case "notblank":
		o.name, o.negated = "isnull", true
	case "notcontains", "notbetween":
		o.name, o.negated = strings.TrimPrefix(rest, "not"), true
	default:
		o.name = rest
	}
	switch o.name {
	case "eq", "contains", "between", "like", "startswith":
		return o, true
	case "lt", "lte", "gt", "gte", "isnull":
		return o, !fold
	}
	return o, false
}

// compileTest makes the test of one field. Whatever is negated is also true of null: the server
// behind this matches ne that way.
func (q *query) compileTest(at path, given operands) (func(value) bool, error) {
	op, ok := parseModifier(given.modifier)
	if !ok {
		return nil, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
	}
	if op.name == "isnull" {
		return func(v value) bool { return v.null != op.negated }, nil
	}
	if len(given.values) == 0 {
		return nil, invalid("Invalid Parameter: %s has no value", given.name)
	}
	if op.name == "between" && (len(given.values) != 1 || len(given.ends) != 1) {
		return nil, invalid("Invalid Parameter: %s_Mod %s needs one value and one %s_Range", given.name, given.modifier, given.name)
	}
	given.values = slices.Concat(given.values, given.ends)
	var match func(value) bool
	var err error
	switch at.last().kind {
	case kindText, kindChoice, kindID, kindObjCode:
		match, err = q.textTest(at, op, given)
	default:
		match, err = q.numberTest(at, op, given)
	}
	if err != nil {
		return nil, err
	}
	return func(v value) bool {
		if v.null {
			return op.negated
		}
		return match(v) != op.negated
	}, nil
}

// interval is what an operand covers, both ends included: a number itself, a date its whole day.
type interval struct{ low, high float64 }

func (i interval) contains(n float64) bool { return i.low <= n && n <= i.high }

// numberTest compares everything that is stored as a number.
func (q *query) numberTest(at path, op operator, given operands) (func(value) bool, error) {
	intervals := make([]interval, 0, len(given.values))
	for _, text := range q.operandTexts(at.last(), given.values) {
		i, err := q.parseOperand(at.last(), given.name, text)
		if err != nil {
			return nil, err
		}
		intervals = append(intervals, i)
	}
	first, last := intervals[0], intervals[len(intervals)-1]
	switch op.name {
	case "eq":
		return func(v value) bool {
			return slices.ContainsFunc(intervals, func(i interval) bool { return i.contains(v.number) })
		}, nil
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
	return nil, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
}

// operandTexts splits lists of IDs at commas; other values may contain one, so those are repeated
// instead.
func (q *query) operandTexts(f *field, values []string) []string {
	if f.kind != kindID && f.kind != kindReference {
		return values
	}
	var texts []string
	for _, v := range values {
		if v == "$$USER.ID" {
			v = q.UserID
		}
		texts = append(texts, strings.Split(v, ",")...)
	}
	return texts
}

func (q *query) parseOperand(f *field, name, text string) (interval, error) {
	refuse := invalid("Invalid Parameter: %s value %q", name, text)
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

// textTest compares text, byte by byte unless the case is folded.
func (q *query) textTest(at path, op operator, given operands) (func(value) bool, error) {
	texts := q.operandTexts(at.last(), given.values)
	fold := func(s string) string { return s }
	if op.fold {
		fold = strings.ToLower
	}
	folded := make([]string, len(texts))
	for i, text := range texts {
		folded[i] = fold(text)
	}
	first, last := folded[0], folded[len(folded)-1]
	anyOf := func(match func(s, operand string) bool) func(value) bool {
		return func(v value) bool {
			s := fold(v.text)
			return slices.ContainsFunc(folded, func(operand string) bool { return match(s, operand) })
		}
	}
	switch op.name {
	case "eq":
		return anyOf(func(s, operand string) bool { return s == operand }), nil
	case "contains":
		return anyOf(strings.Contains), nil
	case "startswith":
		return anyOf(strings.HasPrefix), nil
	case "like":
		return anyOf(like), nil
	case "lt":
		return func(v value) bool { return v.text < first }, nil
	case "lte":
		return func(v value) bool { return v.text <= first }, nil
	case "gt":
		return func(v value) bool { return v.text > first }, nil
	case "gte":
		return func(v value) bool { return v.text >= first }, nil
	}
	return func(v value) bool { s := fold(v.text); return first <= s && s <= last }, nil // between
}

// like matches a pattern in which % is any text and everything else is itself.
func like(s, pattern string) bool {
	parts := strings.Split(pattern, "%")
	if len(parts) == 1 {
		return s == pattern
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
