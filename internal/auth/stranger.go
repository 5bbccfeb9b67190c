package auth

import (
	"io"
	"net/http"
	"strings"
)

// check looks at everything but the query of a request to a path here; an empty reason is none.
func (l *listener) check(r *http.Request, at redirect, path string) (status int, why string) {
	h := r.Header
	switch {
	case r.URL.IsAbs() && at.allows(r.Host):
		return http.StatusBadRequest, "it was made as to a proxy"
	case !at.allows(r.Host):
		return http.StatusMisdirectedRequest, "it was sent to another host name"
	case orRoot(r.URL.EscapedPath()) != path:
		return http.StatusNotFound, "it was for another path"
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "its method was not GET"
	case strings.Contains(h.Get("Sec-Purpose"), "prefetch") || strings.Contains(h.Get("Purpose"), "prefetch") || h.Get("X-Moz") == "prefetch":
		return http.StatusServiceUnavailable, "it was a browser's prefetch"
	case h.Get("Sec-Fetch-Mode") != "" && h.Get("Sec-Fetch-Mode") != "navigate",
		h.Get("Sec-Fetch-Dest") != "" && h.Get("Sec-Fetch-Dest") != "document":
		return http.StatusForbidden, "a page's script or frame made it"
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return http.StatusBadRequest, "it had a body"
	}
	if own, told := l.whose(r); told && !own {
		return http.StatusForbidden, "another user of this machine made it, or it was given up at once"
	}
	return 0, ""
}

// refuse answers a stranger, in one sentence, and tells the person of each reason once.
func (l *listener) refuse(w http.ResponseWriter, status int, why string) {
	l.mu.Lock()
	first := !l.told[why]
	l.told[why] = true
	l.mu.Unlock()
	if first && status != http.StatusNotFound { // a favicon is not worth a line
		l.notice("a request to this login's port was ignored: " + why)
	}
	tell(w, status, "this request is not the answer that a login here waits for: "+why+". The login goes on.")
}

// tell answers with plain text, as harmless as the page.
func tell(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "wfauth: "+text+"\n")
}
