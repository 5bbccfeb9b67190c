package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// callback is what came back from the authorize page: by the browser, or pasted.
type callback struct {
	code   string
	denied error // the tenant or the person said no: ends the login
}

// expectation is what a callback of this login must agree with.
type expectation struct {
	state             string
	origin            string
	allowMissingState bool
}

// read judges a callback's query. An error means a stranger's request, or a broken one: it is refused and the login
// goes on. What the right state came with is believed, a denial too.
func (e expectation) read(rawQuery string) (callback, error) {
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return callback{}, errors.New("its query is malformed")
	}
	for _, values := range q {
		if len(values) > 1 {
			return callback{}, errors.New("a parameter stands in it twice") // not which: its name is a stranger's text
		}
	}
	// The state comes first: without it neither a code nor an error says anything (RFC 6749 section 10.12).
	state, given := q.Get("state"), q.Has("state")
	switch {
	case !given && e.allowMissingState:
	case !given:
		return callback{}, errNoState
	case subtle.ConstantTimeCompare([]byte(state), []byte(e.state)) != 1:
		return callback{}, errWrongState
	}
	code, refusal := q.Get("code"), q.Get("error")
	switch {
	case code != "" && refusal != "":
		return callback{}, errors.New("it has both a code and an error")
	case code == "" && refusal == "":
		return callback{}, errors.New("it has neither a code nor an error")
	}
	// RFC 9207 section 2.4: simple string comparison, also on an error response.
	if q.Has("iss") && q.Get("iss") != e.origin {
		return callback{denied: e.ended("the answer was issued by %q, not by %s", e.shown(q.Get("iss")), e.origin)}, nil
	}
	if refusal != "" {
		return callback{denied: e.denial(refusal, q.Get("error_description"))}, nil
	}
	if err := e.tenant(q.Get("domain"), q.Get("lane")); err != nil {
		return callback{denied: err}, nil
	}
	return callback{code: code}, nil
}

var (
	errNoState    = errors.New("it has no state (if this tenant never sends it back, log in with --allow-missing-state)")
	errWrongState = errors.New("its state is not this login's")
)

func (e expectation) denial(code, description string) error {
	why := "Workfront ended the login: " + code
	if code == "access_denied" {
		why = "access was denied in the browser"
	}
	if description != "" {
		why += ": " + description
	}
	return e.ended("%s", e.shown(why))
}

// ended is a login that the right state came back for, but no use.
func (e expectation) ended(format string, args ...any) error {
	return &NotCompletedError{Why: fmt.Sprintf(format, args...)}
}

// shown is text of the tenant's, who knows the state.
func (e expectation) shown(text string) string { return shown(text, []string{e.state}) }

// tenant compares the redirect's domain and lane with the origin, where it has the form DOMAIN.LANE.workfront.com: a
// browser that is signed in to another tenant gives a code that belongs there.
func (e expectation) tenant(domain, lane string) error {
	u, err := url.Parse(e.origin)
	if err != nil {
		return err
	}
	host := strings.ToLower(u.Hostname())
	rest, ok := strings.CutSuffix(host, ".workfront.com")
	if !ok {
		rest, ok = strings.CutSuffix(host, ".workfront.adobe.com")
	}
	ownDomain, ownLane, dotted := strings.Cut(rest, ".")
	if !ok || !dotted || strings.Contains(ownLane, ".") {
		return nil
	}
	if (domain == "" || strings.EqualFold(domain, ownDomain)) && (lane == "" || strings.EqualFold(lane, ownLane)) {
		return nil
	}
	other := domain
	if other == "" {
		other = ownDomain
	}
	if lane != "" {
		other += "." + lane
	}
	return e.ended("the browser is signed in to the tenant %q, not to %s.%s", e.shown(other), ownDomain, ownLane)
}

// pasted takes a redirect URL that a person copied from another machine's browser.
func (e expectation) pasted(line string, r redirect) (callback, error) {
	u, err := url.Parse(strings.TrimSpace(line))
	if err != nil || u.Scheme == "" || u.Host == "" {
		return callback{}, errors.New("not a URL; the whole address is wanted, as it stands in the browser after the login")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if u.Scheme != "http" || !strings.EqualFold(u.Hostname(), r.host) || port != r.port || orRoot(u.EscapedPath()) != r.path {
		return callback{}, fmt.Errorf("not this login's redirect URL, which begins with %s", r.text)
	}
	return e.read(u.RawQuery)
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
