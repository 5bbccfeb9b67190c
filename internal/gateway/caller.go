package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// stranger refuses what a web page has sent, whatever else it knows: a page of the user's browser must not even find out whether a key
// is right. Browsers name the host that they believe they talk to (which finds out a name that was bound to this address later), and
// where a page comes from. Images and frames have no Origin, pages on another port of this machine are same-site.
func (g *gateway) stranger(r *http.Request) error {
	own := func(host string) bool {
		return slices.ContainsFunc(g.hosts, func(h string) bool { return strings.EqualFold(h, host) })
	}
	if !own(r.Host) {
		return refusef(http.StatusForbidden, "this is no name of the gateway's: call it by the address that wfauth proxy has printed")
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "none" && site != "same-origin" {
			return errPage
		}
	}
	for _, origin := range r.Header.Values("Origin") {
		if !strings.EqualFold(origin, "http://"+r.Host) {
			return errPage
		}
	}
	return nil
}

var errPage = &Error{Status: http.StatusForbidden, Message: "the gateway is for programs on this machine, and not for web pages"}

// errUnknown is for all who do not know the key, whatever they ask for.
var errUnknown = &Error{
	Status: http.StatusUnauthorized, Message: "the key of wfauth proxy is missing or wrong: it is a part of the address that it has printed",
	header: [2]string{"WWW-Authenticate", `Basic realm="wfauth"`},
}

// admit tells whether a caller knows the key: as the first segment of the path, which then goes, or as the password of Basic, with
// whatever name. The path stays escaped.
func (g *gateway) admit(r *http.Request) (path string, ok bool) {
	path = r.URL.EscapedPath()
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	_, password, _ := r.BasicAuth()
	switch inPath, inHeader := g.isKey(first), g.isKey(password); {
	case inPath:
		return "/" + rest, true
	case inHeader:
		return path, true
	}
	return "", false
}

// isKey takes as long for one text as for another of its length.
func (g *gateway) isKey(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], g.key[:]) == 1
}
