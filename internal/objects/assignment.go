package objects

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Form is in which way the value of an [Assignment] was given.
type Form int

// A value is text to be typed by its field, null, what a file holds, or JSON.
const (
	Text Form = iota
	Null
	File // Text is its name
	JSON // Text is valid
)

// Assignment is field=value on the command line of a write, or argument=value on that of an action or query.
type Assignment struct {
	Name string // of a field of the object itself; a custom field's with DE:
	Form Form
	Text string
}

// ParseAssignments reads f=v, f=null, f=@FILE and f:=JSON. The error is a [Malformed].
func ParseAssignments(texts []string) ([]Assignment, error) {
	var all []Assignment
	for _, text := range texts {
		a, err := parseAssignment(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(b Assignment) bool { return b.Name == a.Name }) {
			return nil, &Malformed{Text: text, Why: a.Name + " is given twice"}
		}
		all = append(all, a)
	}
	return all, nil
}

func parseAssignment(text string) (Assignment, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return Assignment{}, &Malformed{Text: text, Why: "no value; the forms are field=value field=null field=@FILE field:=JSON"}
	}
	name, isJSON := strings.CutSuffix(name, ":")
	path, err := ParsePath(name)
	if err != nil {
		return Assignment{}, inFilter(text, err)
	}
	if len(path.References) > 0 {
		return Assignment{}, &Malformed{Text: text, Why: "fields of other objects cannot be written through a reference"}
	}
	a := Assignment{Name: name, Text: value}
	switch file, isFile := strings.CutPrefix(value, "@"); {
	case isJSON:
		if !jsontext.Value(value).IsValid() {
			return Assignment{}, &Malformed{Text: text, Why: "what follows := is JSON; text follows =", Instead: name + "=" + value}
		}
		a.Form = JSON
	case value == "null":
		a.Form, a.Text = Null, ""
	case isFile && file == "":
		return Assignment{}, &Malformed{Text: text, Why: "the name of a file is missing after @; as a text it is " + name + `:="@"`}
	case isFile:
		a.Form, a.Text = File, file
	}
	return a, nil
}
