package objects

import (
	"errors"
	"slices"
	"strings"
)

// The operators of the filter language, the longer before what they begin with. For each what it is good for.
var operators = [...][2]string{
	{"!==", "is not exactly this text"},
	{"==", "is exactly this text, nothing in it special"},
	{"!=", "is not; none of a,b; not within a..b; !=null: has a value"},
	{"!~", "does not contain"},
	{"<=", "at most"},
	{">=", "at least"},
	{"=", "is; one of a,b; within a..b; =null: has no value"},
	{"<", "less, earlier"},
	{">", "more, later"},
	{"~", "contains, in any case"},
}

// Workfront's modifiers, as far as filters are sent with them. Without one it compares for equality.
const (
	equal      = "eq"
	notEqual   = "ne"
	less       = "lt"
	atMost     = "lte"
	more       = "gt"
	atLeast    = "gte"
	between    = "between"
	notBetween = "notbetween"
	among      = "in"
	notAmong   = "notin"
	isNull     = "isnull"
	notNull    = "notnull"
)

// condition tests one field.
type condition struct {
	path     Path
	modifier string
	values   []string // the two ends of a range; none for null
}

// parseCondition reads one filter of our own. The error is a [Malformed] or an [Unknown].
func parseCondition(text string, matchCase bool) (condition, error) {
	left, operator, value, ok := splitOperator(text)
	if !ok {
		return condition{}, noOperator(text)
	}
	if err := wrongOperator(operator, value); err != nil {
		return condition{}, err
	}
	path, err := ParsePath(left)
	if err != nil {
		return condition{}, inFilter(text, err)
	}
	if err := instruction(text, path); err != nil {
		return condition{}, err
	}
	c := condition{path: path, values: []string{value}}
	switch operator {
	case "==":
		c.modifier = equal
		return c, nil
	case "!==":
		c.modifier = notEqual
		return c, nil
	}
	if value == "" {
		return condition{}, &Malformed{text, "a value is missing; no value at all is =null, the empty text ==", left + "=null"}
	}
	switch operator {
	case "<":
		c.modifier = less
	case "<=":
		c.modifier = atMost
	case ">":
		c.modifier = more
	case ">=":
		c.modifier = atLeast
	case "~":
		c.modifier = contains(false, matchCase)
	case "!~":
		c.modifier = contains(true, matchCase)
	default:
		err = c.special(text, value, operator == "!=")
	}
	return c, err
}

func contains(not, matchCase bool) string {
	modifier := "contains"
	if not {
		modifier = "not" + modifier
	}
	if !matchCase {
		modifier = "ci" + modifier
	}
	return modifier
}

// special reads what is special after = and !=: null, a range, a list.
func (c *condition) special(text, value string, not bool) error {
	positive, negative := equal, notEqual
	exact := c.path.String() + "==" + value
	if not {
		exact = c.path.String() + "!==" + value
	}
	switch list, dots := strings.Contains(value, ","), strings.Count(value, ".."); {
	case value == "null":
		c.values, positive, negative = nil, isNull, notNull
	case dots > 0:
		from, to, _ := strings.Cut(value, "..")
		if dots > 1 || list || strings.Contains(value, "...") || from == "" && to == "" {
			return &Malformed{text, "a range is a..b; == takes a text as it is", exact}
		}
		if from == "" || to == "" {
			return c.openRange(text, from, to, not)
		}
		c.values, positive, negative = []string{from, to}, between, notBetween
	case list:
		c.values, positive, negative = strings.Split(value, ","), among, notAmong
		if slices.Contains(c.values, "") || slices.Contains(c.values, "null") {
			return &Malformed{text, "a list has values only; == takes a text as it is", exact}
		}
	}
	c.modifier = positive
	if not {
		c.modifier = negative
	}
	return nil
}

// openRange is one with one end. Not within it is what lies beyond that end, for which there is a plain operator: whether
// fields without a value belong to it would else be anybody's guess.
func (c *condition) openRange(text, from, to string, not bool) error {
	switch {
	case not && from == "":
		return &Malformed{text, "beyond a range without a beginning is >", c.path.String() + ">" + to}
	case not:
		return &Malformed{text, "before a range without an end is <", c.path.String() + "<" + from}
	case from == "":
		c.values, c.modifier = []string{to}, atMost
	default:
		c.values, c.modifier = []string{from}, atLeast
	}
	return nil
}

// splitOperator splits a filter at its first operator.
func splitOperator(text string) (left, operator, right string, ok bool) {
	for at := range text {
		for _, o := range operators {
			if strings.HasPrefix(text[at:], o[0]) {
				return text[:at], o[0], text[at+len(o[0]):], true
			}
		}
	}
	return text, "", "", false
}

// wrongOperators are what people write who have learnt other languages, and what is meant.
var wrongOperators = [...][2]string{{"=<", "<="}, {"=>", ">="}, {"=~", "~"}, {"~=", "~"}, {"=!", "!="}, {"<>", "!="}}

func wrongOperator(operator, value string) error {
	for _, w := range wrongOperators {
		if value != "" && operator+value[:1] == w[0] {
			return &Unknown{Kind: KindOperator, Name: w[0], Nearest: []string{w[1]}}
		}
	}
	return nil
}

// Forms are the forms of a filter, for a message or a help text.
func Forms() []string {
	return []string{
		"status=CUR", "status!=CUR", "status=CUR,PLN", "percentComplete<50", "percentComplete>=50", "name~road", "name!~road",
		"entryDate=$$TODAY-7d..$$TODAY", "description=null", "name==exactly, this",
	}
}

// noOperator tells what is missing. What is a field and nothing else has mostly lost its end to the shell.
func noOperator(text string) error {
	if _, err := ParsePath(text); err == nil {
		return &Malformed{text, "no operator: after a bare < or > the shell has taken the rest for the name of a file", text + "<50"}
	}
	return &Malformed{Text: text, Why: "no filter; the forms are " + strings.Join(Forms(), " ")}
}

// inFilter names the whole filter in an error of its path.
func inFilter(text string, err error) error {
	why := err.Error()
	if m, ok := errors.AsType[*Malformed](err); ok {
		why = m.Why
		if m.Instead != "" {
			return &Malformed{text, why, strings.Replace(text, m.Text, m.Instead, 1)}
		}
	}
	return &Malformed{Text: text, Why: why}
}

// instruction tells the names that would be no filter to Workfront, but say what to do with the rows.
func instruction(text string, p Path) error {
	switch name := p.String(); {
	case name == "fields":
		return &Malformed{Text: text, Why: "no filter: what is shown is chosen by --fields"}
	case strings.HasSuffix(name, "_Sort"):
		return &Malformed{Text: text, Why: "no filter: the order is chosen by --sort"}
	case strings.HasSuffix(name, "_GroupBy"), strings.HasSuffix(name, "_AggFunc"):
		return &Malformed{Text: text, Why: "no filter: groups and sums are chosen by report --group-by and --agg"}
	}
	return nil
}
