package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Parameter is one of a query or a form, unescaped, in the order given.
type Parameter struct {
	Key, Value string
	Text       string // both, as they were given: what has no = is a text alone
}

// parseParameters reads a query or a form. It is parted at & alone, and what goes on to Workfront is written anew from what was read
// here, so that nobody there can read it in another way.
func parseParameters(query string) ([]Parameter, error) {
	var all []Parameter
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, badKey := url.QueryUnescape(key)
		value, badValue := url.QueryUnescape(value)
		if badKey != nil || badValue != nil {
			return nil, refusef(http.StatusBadRequest, "a parameter has a %% that escapes nothing: write %% as %%25")
		}
		text, _ := url.QueryUnescape(pair) // both halves were good
		all = append(all, Parameter{key, value, text})
	}
	return all, nil
}

// Escaped writes parameters as a query or a form has them.
func Escaped(parameters []Parameter) string {
	var b strings.Builder
	for i, p := range parameters {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Key) + "=" + url.QueryEscape(p.Value))
	}
	return b.String()
}

// nameOf is the name that a server may read a parameter by: some drop blanks around it, or what cannot be seen.
func nameOf(key string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, key))
}

// isCredential tells what Workfront reads as a login before it reads anything else.
func isCredential(name string) bool {
	return slices.ContainsFunc(credentials[:], func(c string) bool { return strings.EqualFold(c, name) })
}

var credentials = [...]string{"sessionID", "apiKey", "jsessionid", "username", "password"}

// judgeParameters refuses credentials, and tells whether a request may change something. In doubt it may.
func judgeParameters(method string, query, form []Parameter) (changes bool, err error) {
	reads := method == http.MethodGet || method == http.MethodHead
	for _, p := range form {
		reads = reads || method == http.MethodPost && p.Key == "method" && strings.EqualFold(p.Value, http.MethodGet)
	}
	for _, p := range slices.Concat(query, form) {
		switch name := nameOf(p.Key); {
		case isCredential(name):
			return true, errCredential
		case name == "action":
			if isForbidden(nameOf(p.Value)) {
				return true, refusef(http.StatusForbidden, "the gateway never passes the action %s", nameOf(p.Value))
			}
			reads = false
		case name == "method" && !strings.EqualFold(p.Value, http.MethodGet), name == "uri":
			reads = false
		}
	}
	return !reads, nil
}

var errCredential = &Error{
	Status: http.StatusBadRequest,
	Message: "the session is wfauth's to send: leave out sessionID, apiKey, username and password " +
		`(a filter by user name goes into filters={"username":…})`,
}

var errReadOnly = &Error{Status: http.StatusForbidden, Message: "only what reads may pass; wfauth proxy --allow-writes lets changes pass, too"}
