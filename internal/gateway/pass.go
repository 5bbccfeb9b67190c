package gateway

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

// pass sends a request on, and its answer back.
func (g *gateway) pass(a *answer, r *http.Request, q *Request) error {
	// What the proxy reads of the caller's request is less than we have read already; nothing of it goes on by itself, not even an
	// Upgrade. Workfront's informational answers (103) have headers that nobody looks at, so the request has a context without theirs.
	ctx := r.Context()
	bare := (&http.Request{Method: q.Method, URL: r.URL, Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor, Header: http.Header{}}).WithContext(ctx)
	var failed error
	proxy := httputil.ReverseProxy{
		Rewrite:        func(*httputil.ProxyRequest) {},
		Transport:      sending(func() (*http.Response, error) { return g.Send(ctx, q) }),
		ModifyResponse: func(resp *http.Response) error { return g.clean(r, resp) },
		ErrorHandler:   func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	proxy.ServeHTTP(a, bare)
	return failed
}

// sending is a transport for one request that is known already.
type sending func() (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (s sending) RoundTrip(*http.Request) (*http.Response, error) { return s() }

// returned are the headers of an answer that reach a caller. No cookie is among them, nothing that lets other pages in, and nothing
// that leads elsewhere.
var returned = [...]string{
	"Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Language", "Content-Length", "Content-Range", "Content-Type",
	"Date", "Etag", "Expires", "Last-Modified", "Retry-After", "Vary",
}

// clean takes out of an answer what is not for its caller.
func (g *gateway) clean(r *http.Request, resp *http.Response) error {
	secrets := g.Secrets()
	file := isAttachment(resp.Header)
	switch coding := resp.Header.Get("Content-Encoding"); {
	case coding != "" && !strings.EqualFold(coding, "identity"):
		return refusef(http.StatusBadGateway, "Workfront's answer has the coding %q, which was not asked for", coding)
	case resp.StatusCode == http.StatusPartialContent && !file:
		return refusef(http.StatusBadGateway, "Workfront has sent a part of what is no file")
	}
	header := make(http.Header, len(returned))
	for _, name := range returned {
		for _, value := range resp.Header.Values(name) {
			header.Add(name, string(hide([]byte(value), secrets)))
		}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/octet-stream") // none is guessed from what came
	}
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	resp.Header, resp.Trailer = header, nil
	resp.ContentLength = 0 // so that it is not flushed bit by bit; the header tells it
	body := resp.Body
	clean := hiding(body, secrets)
	if !file { // in which everything else is somebody's own
		clean = hidingMembers(clean)
	}
	resp.Body = readCloser{clean, body}
	switch {
	case r.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified:
		return nil
	case !r.ProtoAtLeast(1, 1):
		return measure(resp)
	case !file && accepts(r.Header, "gzip") && packs(header.Get("Content-Type")):
		pack(resp)
	}
	return nil
}

// measure tells the length of an answer to a caller that has no other way to see whether it is whole.
func measure(resp *http.Response) error {
	if resp.Header.Get("Content-Length") != "" {
		return nil
	}
	body := resp.Body
	text, err := whole(body, maxBody)
	body.Close()
	if err != nil {
		return errOld
	}
	resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return nil
}

// errOld is for answers of unknown length.
var errOld = &Error{Status: http.StatusHTTPVersionNotSupported, Message: "HTTP/1.0 cannot tell whether this answer is whole: use HTTP/1.1"}

// isAttachment tells a file that someone has stored.
func isAttachment(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Disposition"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "attachment")
}

// readCloser closes another thing than it reads.
type readCloser struct {
	io.Reader
	io.Closer
}
