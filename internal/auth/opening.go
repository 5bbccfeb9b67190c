package auth

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// opening is the address that a browser's launcher is given. Other users can read a program's arguments, and the authorize
// URL holds the state: so the arguments hold a key to it that is good once.
type opening struct {
	at   redirect // where it is served; host and port count
	key  string
	to   string // the authorize URL
	used bool
	told bool // it is known that the one who used it was this user
}

const openPath = "/open/"

// url is the address for the launcher, empty where there is none.
func (o *opening) url() string {
	if o.key == "" {
		return ""
	}
	host := o.at.host
	if host == "localhost" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, o.at.port) + openPath + o.key
}

// is says whether a path is this address's.
func (o *opening) is(path string) bool {
	key, ok := strings.CutPrefix(path, openPath)
	return ok && o.key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(o.key)) == 1
}

// opens has the launcher's address lead to a URL, and returns it; empty is none.
func (l *listener) opens(authorize string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opening.to = authorize
	return l.opening.url()
}

// serveOpening shows the authorize URL to the first who comes. A second request of this user's own programs finds it used; one of
// nobody knows whom means that somebody else may have read the state, and ends the login.
func (l *listener) serveOpening(w http.ResponseWriter, r *http.Request) {
	status, why := l.check(r, l.opening.at, r.URL.EscapedPath())
	if why != "" {
		l.refuse(w, status, why)
		return
	}
	_, told := l.whose(r)
	l.mu.Lock()
	first := !l.opening.used
	spied := !first && l.taken == "" && !(told && l.opening.told)
	if first {
		l.opening.used, l.opening.told = true, told
	}
	if spied {
		l.taken = "opened twice"
	}
	l.mu.Unlock()
	switch {
	case first:
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Location", l.opening.to)
		w.WriteHeader(http.StatusSeeOther)
	case spied:
		l.answers <- callback{denied: &NotCompletedError{
			Why:  "the address that the browser was given was opened twice, and this system does not tell by whom: another user may have read it",
			Flag: "--no-browser",
		}}
		tell(w, http.StatusGone, "this address was used already, and it cannot be told by whom. So the login ends: start it again in the terminal.")
	default:
		l.refuse(w, http.StatusGone, "its address was used already; open the one that the terminal shows")
	}
}

// whose says whether a request is of this user or root, and whether the system told.
func (l *listener) whose(r *http.Request) (own, told bool) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if l.owner == nil || !ok {
		return false, false
	}
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false, false
	}
	server, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return false, false
	}
	return l.owner(client, server)
}
