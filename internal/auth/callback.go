package auth

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// callback is what came back from the authorize page: by the browser, or pasted.
type callback struct {
	code   string
	denied error  // the tenant or the person said no: ends the login
	note   string // what was not understood, and does not matter
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
	case !given && e.allowMissingState && !q.Has("error"):
	case !given && q.Get("code") != "" && !e.allowMissingState:
		return callback{}, errNoState
	case !given:
		return callback{}, errors.New("it has no state")
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
	// RFC 9207 section 2.4, also on an error response. What Workfront would send is not published: one origin is one issuer.
	if q.Has("iss") && originOf(q.Get("iss")) != originOf(e.origin) {
		return callback{denied: e.ended("the answer was issued by %q, not by %s", e.shown(q.Get("iss")), e.origin)}, nil
	}
	if refusal != "" {
		return callback{denied: e.denial(refusal, q.Get("error_description"))}, nil
	}
	note, err := e.tenant(q.Get("domain"), q.Get("lane"))
	if err != nil {
		return callback{denied: err}, nil
	}
	return callback{code: code, note: note}, nil
}

// originOf is scheme, host and port of a URL (RFC 6454 section 4); what is none stays as it is.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return text
	}
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
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
// browser that is signed in to another tenant gives a code that belongs there. Only one example of each is published, so what
// is not understood is noted and keeps nobody out.
func (e expectation) tenant(domain, lane string) (note string, err error) {
	u, err := url.Parse(e.origin)
	if err != nil {
		return "", err
	}
	own := tenantOf(strings.ToLower(u.Hostname()))
	if !own.whole || own.lane == "" {
		return "", nil // a host without that form says nothing that could be compared
	}
	got := tenantOf(strings.ToLower(domain))
	if got.lane == "" && lane != "" {
		got.lane = strings.ToLower(lane)
	}
	switch got.lane {
	case "", "my", "preview", "sb01", "sb02":
	default:
		note = fmt.Sprintf("the answer names a lane that is not known here, %q: it was not compared with %s", e.shown(got.lane), e.origin)
		got.lane = ""
	}
	if strings.Contains(got.domain, ".") {
		note = fmt.Sprintf("the answer names a domain that is not understood, %q: it was not compared with %s", e.shown(got.domain), e.origin)
		got.domain = ""
	}
	if (got.domain == "" || got.domain == own.domain) && (got.lane == "" || got.lane == own.lane) {
		return note, nil
	}
	other := cmp.Or(got.domain, own.domain)
	if got.lane != "" {
		other += "." + got.lane
	}
	return "", e.ended("the browser is signed in to the tenant %q, not to %s.%s", e.shown(other), own.domain, own.lane)
}

// tenantName is a host of Workfront's in its parts.
type tenantName struct {
	domain, lane string
	whole        bool // it was a whole host
}

// tenantOf takes DOMAIN, DOMAIN.LANE, or a whole host of either of Adobe's forms apart. What is none of these is all domain.
func tenantOf(name string) tenantName {
	for _, suffix := range [...]string{".workfront.com", ".workfront.adobe.com"} {
		if rest, ok := strings.CutSuffix(name, suffix); ok {
			t := tenantOf(rest)
			t.whole = true
			return t
		}
	}
	if domain, lane, ok := strings.Cut(name, "."); ok && lane != "" && !strings.Contains(lane, ".") {
		return tenantName{domain: domain, lane: lane}
	}
	return tenantName{domain: name}
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
