package workfront

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 10

// isRedirect tells the statuses that ask for another request from those that only look like it (300, 304).
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow gives the request that a redirect of l leads to; target is nil where it names none. The sessionID stays with the origin: off it goes a bare GET over
// HTTPS, and what comes back from there has no session either. What changes something is sent on only where the server says that
// it has not done it (307, 308), and only within the origin.
func (c *Client) follow(l leg, status int, target *url.URL) (leg, error) {
	if target == nil {
		return leg{}, fmt.Errorf("%s answered %d with no usable Location", l.url.Host, status)
	}
	stays := sameOrigin(target, c.Origin)
	if l.changes || l.method != http.MethodGet && l.method != http.MethodHead || l.body != nil {
		repeats := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
		if !repeats || !stays || !l.body.sendable() {
			return leg{}, fmt.Errorf("%s redirects this %s to %s (status %d), and wfauth does not follow: look whether it was done", l.url.Host, l.method, bare(target), status)
		}
	}
	next := l // its session is nil if the origin was left before
	next.url = target
	if stays {
		return next, nil
	}
	if !c.reaches(target) {
		return leg{}, fmt.Errorf("%s redirects to %s, which is not HTTPS", l.url.Host, bare(target))
	}
	next.session = nil
	next.header = make(http.Header)
	for _, key := range []string{"Accept", "Accept-Encoding", "If-Range", "Range", "User-Agent"} {
		if v := l.header.Values(key); v != nil {
			next.header[key] = v
		}
	}
	return next, nil
}

// reaches tells whether a request may go to u: to the origin, and off it over HTTPS, or within a machine on which tenant and storage
// are tried.
func (c *Client) reaches(u *url.URL) bool {
	return sameOrigin(u, c.Origin) || u.Scheme == "https" || u.Scheme == "http" && c.Origin.Scheme == "http" && isLoopback(u)
}

// location is where a redirect of base leads; nil if that is not a URL that could be asked for.
func location(base *url.URL, resp *http.Response) *url.URL {
	value := resp.Header.Get("Location")
	target, err := base.Parse(value)
	if err != nil || value == "" || target.Host == "" || target.User != nil {
		return nil
	}
	target.Fragment, target.RawFragment = "", ""
	return target
}

// leadsToLogin tells a redirect to a sign-in page, which is how a web application says that the session has ended.
// Elsewhere than at the origin, a file may well be called login, but the API has no files.
func (c *Client) leadsToLogin(q *call, target *url.URL) bool {
	return target != nil && (q.api() || sameOrigin(target, c.Origin)) && isLogin(target.Path) && !isLogin(q.url.Path)
}

func isLogin(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if name, _, _ := strings.Cut(segment, "."); strings.EqualFold(name, "login") {
			return true
		}
	}
	return false
}

func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// bare is where u leads, without what a query may hold.
func bare(u *url.URL) string { return oneLine(u.Scheme + "://" + u.Host + u.EscapedPath()) }
