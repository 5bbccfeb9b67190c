package workfront

import (
	"slices"
	"strings"
)

// PathError is a PATH that is right in another form. It is a [*UsageError].
type PathError struct {
	Reason  string
	Instead string // the PATH to type; may be empty
}

func (e *PathError) Error() string { return "PATH " + e.Reason }
func (e *PathError) Unwrap() error { return &UsageError{e.Error()} }

func withQuery(path string, fields []Field) string {
	if len(fields) == 0 {
		return path
	}
	return path + "?" + plainQuery(fields)
}

// plainQuery is a query as people write it: only what would be read as something else is escaped.
func plainQuery(fields []Field) string {
	escape := strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B")
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(strings.ReplaceAll(escape.Replace(f.Key), "=", "%3D"))
		b.WriteByte('=')
		b.WriteString(escape.Replace(f.Value))
	}
	return b.String()
}

// roots are what is known to lie at a host's root, besides pages.
var roots = [...]string{"attask", "internal", "integrations", "maestro", "comments"}

// belowRoot finds the slip "/proj/search", which Workfront answers with a page to sign in at, as if the session had ended. It
// gives what is to stand in the place of the slash.
//
// Objects are told by what follows them, a verb or an ID, and not by their names: their list is not known here, and a page or a
// service can have any name. So "/search" stays, and "/proj", too.
func belowRoot(path string) (prefix string, ok bool) {
	first, rest, _ := strings.Cut(strings.Trim(path, "/"), "/")
	second, _, _ := strings.Cut(rest, "/")
	if slices.Contains(roots[:], strings.ToLower(first)) {
		return "", false
	}
	switch verb := strings.ToLower(second); {
	case verb == "search", verb == "count", verb == "report", verb == "metadata":
		return "", true
	case len(second) == 32 && strings.Trim(verb, "0123456789abcdef") == "":
		return "", true
	case first == "api" && len(second) > 1 && second[0] == 'v' && '0' <= second[1] && second[1] <= '9':
		return "attask/", true
	}
	return "", false
}

// WithoutInPath is a PATH without those parameters of its query whose keys are to go.
func WithoutInPath(path string, drop func(key string) bool) string {
	bare, _, _ := strings.Cut(path, "?")
	return withQuery(bare, slices.DeleteFunc(QueryOf(path), func(f Field) bool { return drop(f.Key) }))
}
