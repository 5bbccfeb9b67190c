package objects

import (
	"strings"
)

// Kind is what a name names.
type Kind string

// The kinds of names that can be unknown.
const (
	KindObject    Kind = "object"
	KindVerb      Kind = "verb"
	KindField     Kind = "field"
	KindOperator  Kind = "operator"
	KindAggregate Kind = "aggregate"
	KindAction    Kind = "action"
	KindQuery     Kind = "query"
	KindArgument  Kind = "argument"
	KindValue     Kind = "value"
	KindPart      Kind = "part" // of a description: fields, references …
	KindEvent     Kind = "event"

	KindEventObject Kind = "object whose events can be subscribed to:"
)

// Unknown is a name that nothing has.
type Unknown struct {
	Kind    Kind
	Name    string
	In      string   // what was asked for it, as a person calls it: PROJ, "status of PROJ"; empty where that goes without saying
	Nearest []string // the likeliest first; may be empty
	Has     []string // of a value: all that the field has, with their labels
}

func (e *Unknown) Error() string {
	var text strings.Builder
	switch {
	case e.Kind == KindOperator:
		text.WriteString("there is no operator " + e.Name)
	case e.In == "":
		text.WriteString("there is no " + string(e.Kind) + " " + quoted(e.Name))
	default:
		text.WriteString(e.In + " has no " + string(e.Kind) + " " + quoted(e.Name))
	}
	switch {
	case len(e.Has) > 0:
		text.WriteString("; it has " + strings.Join(e.Has, ", "))
	case len(e.Nearest) > 0:
		text.WriteString("; nearest: " + strings.Join(e.Nearest, ", "))
	}
	return text.String()
}

// quoted sets a name apart where it would not stand out.
func quoted(name string) string {
	if name == "" || strings.ContainsAny(name, " \t,;\"") {
		return `"` + name + `"`
	}
	return name
}

// Malformed is something on the command line that cannot be read: a filter, a path, a value.
type Malformed struct {
	Text    string // what was given
	Why     string
	Instead string // the same as it may have been meant, to be typed in its place; may be empty
}

func (e *Malformed) Error() string { return quoted(e.Text) + ": " + e.Why }
