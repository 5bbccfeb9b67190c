package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// target is what a path leads to.
type target struct {
	path string // escaped, from the root of Workfront's host
	api  bool   // answers JSON

	list           bool
	object, format string // of a list
}

// judge looks at a path without its key. It is decoded once, and whatever another program on the way could read in a second way is
// refused, rather than understood: a path that is climbed out of, or that names one thing here and another one there, has no honest
// use.
func judge(uri, path string) (target, error) {
	plain, err := url.PathUnescape(path)
	switch {
	case !strings.HasPrefix(uri, "/"):
		return target{}, badPath("is not the path of an address of the gateway")
	case err != nil:
		return target{}, badPath("has a %% that escapes nothing")
	case strings.Contains(strings.ToLower(path), "%2f"):
		return target{}, badPath("has an escaped slash")
	case strings.ContainsFunc(plain, ambiguous):
		return target{}, badPath("has a character that no path of Workfront's has: one of %% \\ ; ? #, a blank, a control character, or one beyond ASCII")
	}
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(plain, "/"), "/"), "/")
	for _, segment := range segments {
		if strings.Trim(segment, ".") == "" && plain != "/" {
			return target{}, badPath("has a segment that is empty or consists of dots")
		}
	}
	switch {
	case segments[0] == "rows":
		return judgeList(segments)
	case segments[0] != "attask":
		return target{}, errNothing
	}
	if i := slices.IndexFunc(segments, isForbidden); i >= 0 {
		return target{}, refusef(http.StatusForbidden, "the gateway never passes %s", strings.ToLower(segments[i]))
	}
	return target{path: path, api: len(segments) > 1 && (segments[1] == "api" || strings.HasPrefix(segments[1], "api-"))}, nil
}

func badPath(format string, args ...any) *Error {
	return refusef(http.StatusBadRequest, "the path "+format, args...)
}

var errNothing = &Error{Status: http.StatusNotFound, Message: "there is nothing here: paths begin with /attask/ or /rows/ after the key"}

// ambiguous tells the characters that a server may drop, decode once more, or part a path at.
func ambiguous(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`%\;?#`, r) }

// isForbidden tells what is about sessions and not about data, what hides requests of any kind, and what hands out keys that outlive
// the session. What follows a dot is dropped by servers (login.cmd).
func isForbidden(segment string) bool {
	name, _, _ := strings.Cut(segment, ".")
	return slices.ContainsFunc(forbidden[:], func(f string) bool { return strings.EqualFold(f, name) })
}

var forbidden = [...]string{"login", "logout", "batch", "getApiKey", "generateApiKey"}

// The formats of lists, by the end of the path.
var formats = [...]struct{ name, contentType string }{
	{"csv", "text/csv; charset=utf-8"}, {"ndjson", "application/x-ndjson"}, {"json", "application/json"},
}

// judgeList reads /rows/OBJECT.csv.
func judgeList(segments []string) (target, error) {
	if len(segments) != 2 {
		return target{}, errNoList
	}
	object, format, _ := strings.Cut(segments[1], ".")
	if object == "" || contentType(format) == "" {
		return target{}, errNoList
	}
	return target{list: true, object: object, format: format}, nil
}

var errNoList = &Error{Status: http.StatusNotFound, Message: "a list is /rows/OBJECT.csv, .ndjson or .json, as in /rows/task.csv?fields=ID,name"}

func contentType(format string) string {
	for _, f := range formats {
		if f.name == format {
			return f.contentType
		}
	}
	return ""
}
