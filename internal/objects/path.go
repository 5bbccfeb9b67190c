package objects

import (
	"slices"
	"strings"
)

// maxReferences is how many objects a path may lead through.
const maxReferences = 3

// custom is how a custom field's name begins.
const custom = "DE:"

// Path is a field, or one of an object that references lead to: owner:name, project:portfolio:DE:Cost Center.
type Path struct {
	References []string // may be collections, too
	Field      string   // a custom field's with its DE:
}

func (p Path) String() string {
	return strings.Join(append(slices.Clone(p.References), p.Field), ":")
}

// Custom says whether the field is one of the customer's own.
func (p Path) Custom() bool { return strings.HasPrefix(p.Field, custom) }

// ParsePath reads the path of one field. What follows DE: is the name of a custom field to its end, blanks and colons included.
// The error is a [Malformed].
func ParsePath(text string) (Path, error) { return parsePath(text, false) }

// ParseSelection reads what can be asked for: a path, or one that ends in a star: all fields of an object.
func ParseSelection(text string) (Path, error) { return parsePath(text, true) }

func parsePath(text string, star bool) (Path, error) {
	malformed := func(why string) (Path, error) { return Path{}, &Malformed{Text: text, Why: why} }
	var p Path
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == "":
		return malformed("a field is missing")
	case trimmed != text:
		return Path{}, &Malformed{text, "there are blanks around the name of a field", trimmed}
	}
	rest := text
	for {
		if strings.HasPrefix(rest, custom) {
			if rest == custom {
				return malformed("DE: is followed by the name of a custom field")
			}
			p.Field = rest
			break
		}
		segment, after, more := strings.Cut(rest, ":")
		switch {
		case segment == "":
			return malformed("a name is missing before or after a colon")
		case !more && star && segment == "*":
		case strings.HasPrefix(segment, "$$"):
			return malformed("what begins with $$ is no field")
		case !isName(segment):
			return malformed("the names of fields are letters and digits; a custom field is written DE:" + segment)
		}
		if !more {
			p.Field = segment
			break
		}
		p.References = append(p.References, segment)
		rest = after
	}
	if len(p.References) > maxReferences {
		return malformed("Workfront follows at most three references")
	}
	return p, nil
}

func isName(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}
