package workfront

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// apiRoot is where every version of the API lies; what it answers is JSON.
const apiRoot = "/attask/api"

// resolve turns a PATH as typed into a URL of the client's origin and the parameters of its query, unescaped.
// What could leave the origin, climb out of the path or be read in two ways is a [*UsageError].
func (c *Client) resolve(path string) (*url.URL, []Field, error) {
	if strings.ContainsFunc(path, unicode.IsControl) {
		return nil, nil, badPath("has a control character")
	}
	if strings.Contains(path, "#") {
		return nil, nil, badPath("has a fragment: write # as %%23")
	}
	whole := path
	path, query, _ := strings.Cut(path, "?")
	fields, err := splitQuery(query)
	if err == nil {
		err = refusePath(whole, fields)
	}
	if err != nil {
		return nil, nil, err
	}
	if path, err = c.fromRoot(path); err != nil {
		return nil, nil, err
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, nil, badPath("has a %% that escapes nothing: write %% as %%25")
	}
	if strings.ContainsFunc(plain, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
		return nil, nil, badPath("has a backslash or a control character")
	}
	for segment := range strings.SplitSeq(plain, "/") {
		// Servlet containers drop what follows a semicolon before they look at dots.
		segment, _, _ = strings.Cut(segment, ";")
		if segment == "." || segment == ".." {
			return nil, nil, badPath("has a %q segment", segment)
		}
	}
	if prefix, ok := belowRoot(plain); ok {
		return nil, nil, &PathError{"names from the host's root what lies below the API", withQuery(prefix+strings.Trim(path, "/"), fields)}
	}
	return &url.URL{Scheme: c.Origin.Scheme, Host: c.Origin.Host, Path: plain, RawPath: escapeRest(path)}, fields, nil
}

// fromRoot gives the path part of a PATH, still escaped, from the root of the origin.
func (c *Client) fromRoot(path string) (string, error) {
	scheme, rest, absolute := strings.Cut(path, "://")
	switch {
	case path == "":
		return "", badPath("is empty: name what to ask for, as in proj/search")
	case strings.HasPrefix(path, "//"):
		return "", badPath("begins with //, which would name another host")
	case path[0] == '/':
		return path, nil
	case !absolute || strings.Contains(scheme, "/"):
		return c.relative(path), nil
	}
	host, path, _ := strings.Cut(rest, "/")
	u, err := url.Parse(scheme + "://" + host)
	if err != nil {
		return "", badPath("is not a URL")
	}
	if u.User != nil {
		return "", badPath("has a user name: the session is wfauth's to send")
	}
	if !sameOrigin(u, c.Origin) {
		return "", badPath("is on %s://%s, but the session belongs to %s://%s and goes nowhere else", u.Scheme, u.Host, c.Origin.Scheme, c.Origin.Host)
	}
	return "/" + path, nil
}

// relative gives the path of a PATH that names no root: what the versioned API has, but for the API's own name, with which people
// copy paths from documents ("attask/api/v17.0/proj", "api/v17.0/proj"). No object has one of these names.
func (c *Client) relative(path string) string {
	switch first, _, _ := strings.Cut(path, "/"); {
	case first == "attask":
		return "/" + path
	case first == "api" || strings.HasPrefix(first, "api-"):
		return "/attask/" + path
	}
	return apiRoot + "/" + c.Version + "/" + path
}

// QueryOf gives the parameters that stand in a PATH, unescaped; none where they cannot be read.
func QueryOf(path string) []Field {
	path, _, _ = strings.Cut(path, "#")
	_, query, _ := strings.Cut(path, "?")
	fields, err := splitQuery(query)
	if err != nil {
		return nil
	}
	return fields
}

func badPath(format string, args ...any) *UsageError {
	return &UsageError{"PATH " + oneLine(fmt.Sprintf(format, args...))}
}

// sameOrigin compares as RFC 6454 does: scheme, host in any case, and port with its default.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	default:
		return "443"
	}
}

// splitQuery reads a query in its own order; url.Values would lose it, and would refuse semicolons, which filters may contain.
func splitQuery(query string) ([]Field, error) {
	var fields []Field
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, badKey := url.QueryUnescape(key)
		value, badValue := url.QueryUnescape(value)
		if badKey != nil || badValue != nil {
			return nil, badPath("has a %% in its query that escapes nothing: write %% as %%25")
		}
		fields = append(fields, Field{key, value})
	}
	return fields, nil
}

// joinQuery is the inverse of splitQuery; a form is encoded in the same way.
func joinQuery(fields []Field) string {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(f.Key))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(f.Value))
	}
	return b.String()
}

// escapeRest escapes what a path may not contain and leaves what is escaped already, so that %2F stays %2F.
func escapeRest(path string) string {
	const kept = "-._~!$&'()*+,;=:@/%"
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(kept, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
