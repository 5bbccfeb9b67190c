package workfront

import (
	"slices"
	"strings"
)

// leaveOut says what to do with another credential beside the session, which Workfront might prefer.
const leaveOut = "the session is wfauth's to send, so leave it out"

// Credential tells whether a parameter or a header of this name carries a credential, or says whose one is.
func Credential(name string) bool {
	return isKey(name) || slices.ContainsFunc([]string{"authorization", "cookie", "x-gw-ims-org-id"}, func(h string) bool { return strings.EqualFold(name, h) })
}

// isKey tells the parameters that carry one by themselves.
func isKey(name string) bool {
	return strings.EqualFold(name, "apiKey") || strings.EqualFold(name, "sessionID") || strings.EqualFold(name, "jsessionid")
}

// isLoginPart tells those that are one together.
func isLoginPart(name string) bool {
	return strings.EqualFold(name, "username") || strings.EqualFold(name, "password")
}

// otherCredential gives the name of what Workfront reads as a credential before anything else: a key, a session, a user name
// together with a password, also within the requests of a batch. A user name alone is a filter.
func otherCredential(fields []Field) string {
	has := func(name string) bool {
		return slices.ContainsFunc(fields, func(f Field) bool { return strings.EqualFold(f.Key, name) })
	}
	for _, f := range fields {
		if isKey(f.Key) {
			return f.Key
		}
		if strings.EqualFold(f.Key, "uri") {
			if name := otherCredential(QueryOf(f.Value)); name != "" {
				return name
			}
		}
	}
	if has("username") && has("password") {
		return "username with password"
	}
	return ""
}

// refusePath looks for another credential in a PATH, and gives the same without it.
func refusePath(path string, fields []Field) error {
	name := otherCredential(fields)
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		bare, parameters, _ := strings.Cut(segment, ";")
		for parameter := range strings.SplitSeq(parameters, ";") {
			if key, _, _ := strings.Cut(parameter, "="); isKey(key) {
				name, segments[i] = key, bare
			}
		}
	}
	if name == "" {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return isKey(f.Key) || isLoginPart(f.Key) })
	e := &PathError{"has " + oneLine(name) + ": " + leaveOut, withQuery(strings.Join(segments, "/"), rest)}
	if otherCredential(rest) != "" || strings.Contains(path, "@") {
		e.Instead = "" // it would hold one still: of a batch, or of the host
	}
	return e
}
