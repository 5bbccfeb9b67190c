package gateway_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wfauth/wfauth/internal/gateway"
)

const (
	searchPath  = "/attask/api/v22.0/proj/search"
	sessionPath = "/attask/api/v22.0/session"
)

// Status, type, length and what is about caching come back. Nothing that is a session, lets other pages in, or leads elsewhere does.
func TestWhatComesBack(t *testing.T) {
	t.Parallel()
	g := newRig(t, func(*gateway.Request) (*http.Response, error) {
		resp := answered(http.StatusTooManyRequests, `{"error":{"message":"busy"}}`,
			"Content-Length", "28", "Etag", `"x"`, "Retry-After", "3", "Cache-Control", "private", "Set-Cookie", "attask="+session, "sessionID", session, "Location", "http://evil.example",
			"Access-Control-Allow-Origin", "*", "Content-Security-Policy", "default-src *", "X-Frame-Options", "ALLOWALL", "Connection", "X-Other", "X-Other", session,
			"Content-Language", "de-"+session, "Refresh", "0; http://evil.example", "Upgrade", "websocket", "Trailer", "X-Late")
		resp.Trailer = http.Header{"X-Late": {session}}
		return resp, nil
	})
	resp, body := g.ask("GET", searchPath, "")
	if status(resp, body) != 429 || body != `{"error":{"message":"busy"}}` {
		t.Fatalf("%v %s", resp, body)
	}
	want := map[string]string{
		"Content-Type": "application/json", "Content-Length": "28", "Etag": `"x"`, "Retry-After": "3", "Cache-Control": "private",
		"Content-Language": "de-" + strings.Repeat("*", len(session)), "Content-Security-Policy": "default-src 'none'; sandbox", "X-Frame-Options": "DENY",
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
	}
	for name, values := range resp.Header {
		if name != "Date" && (len(values) != 1 || values[0] != want[name]) {
			t.Errorf("%s: %q, not %q", name, values, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 || len(resp.Trailer) > 0 {
		t.Errorf("without %v, with the trailer %v", want, resp.Trailer)
	}
}

// The session is overwritten wherever it stands, in whatever the answer is, however it is cut into reads; and so is one that we do not
// know, where its name tells it.
func TestSessionStaysHere(t *testing.T) {
	t.Parallel()
	stars := strings.Repeat("*", len(session))
	filler := strings.Repeat("x", 40_000)
	for name, c := range map[string]struct{ body, want, contentType, disposition string }{
		"session":        {body: `{"data":{"sessionID":"` + session + `","n":1}}`, want: `{"data":{"sessionID":"` + stars + `","n":1}}`},
		"a refusal":      {body: `{"error":{"message":"` + session + ` is dead"}}`, want: `{"error":{"message":"` + stars + ` is dead"}}`},
		"a page":         {body: "<title>" + session + "</title>", want: "<title>" + stars + "</title>", contentType: "text/html"},
		"a file":         {body: session + `"sessionID":"abc"`, want: stars + `"sessionID":"abc"`, contentType: "text/plain", disposition: "attachment; filename=a"},
		"twice":          {body: session + session, want: stars + stars, contentType: "text/plain"},
		"far in":         {body: filler + session + filler, want: filler + stars + filler, contentType: "text/plain"},
		"another":        {body: `{"sessionID":"CANARY-other"}`, want: `{"sessionID":"************"}`},
		"with blanks":    {body: "{\"SESSIONid\" :\n \"CANARY\\\"o\" }", want: "{\"SESSIONid\" :\n \"*********\" }"},
		"escaped":        {body: `{"se\u0073sionID":"CANARY"}`, want: `{"se\u0073sionID":"******"}`},
		"in a list":      {body: `{"sessionID":["CANARY"]}`, want: `{"sessionID":["******"]}`},
		"as a value":     {body: `{"a":"sessionID","b":"x:y"}`, want: `{"a":"sessionID","b":"x:y"}`},
		"in a value":     {body: `{"a":"\"sessionID\":\"x\""}`, want: `{"a":"\"sessionID\":\"x\""}`},
		"nearly":         {body: `{"sessionIDs":"x","asessionID":"y","sessionID":1,"z":"q"}`, want: `{"sessionIDs":"x","asessionID":"y","sessionID":1,"z":"q"}`},
		"its end is cut": {body: `{"sessionID":"CANARY`, want: `{"sessionID":"******`},
		"a beginning":    {body: session[:20] + "!", want: session[:20] + "!"},
	} {
		for _, gzipped := range []bool{false, true} {
			g := newRig(t, func(*gateway.Request) (*http.Response, error) {
				resp := answered(http.StatusOK, c.body, "Content-Length", strconv.Itoa(len(c.body)))
				if c.contentType != "" {
					resp.Header.Set("Content-Type", c.contentType)
				}
				if c.disposition != "" {
					resp.Header.Set("Content-Disposition", c.disposition)
				}
				return resp, nil
			})
			var header []string
			if gzipped {
				header = []string{"Accept-Encoding", "gzip"}
			}
			resp, body := g.ask("GET", sessionPath, "", header...)
			if resp.Header.Get("Content-Encoding") == "gzip" {
				body = unpacked(t, body)
			} else if gzipped && c.disposition == "" {
				t.Errorf("%s: it is not packed", name)
			}
			if body != c.want {
				t.Errorf("%s, gzip %v: %.200q", name, gzipped, body)
			}
		}
		for way, reader := range map[string]func(io.Reader) io.Reader{"byte by byte": iotest.OneByteReader, "by halves": iotest.HalfReader, "with the end": iotest.DataErrReader} {
			if c.disposition != "" {
				continue
			}
			got, err := io.ReadAll(gateway.Hiding(reader(strings.NewReader(c.body)), []string{session}))
			if err != nil || string(got) != c.want {
				t.Errorf("%s, %s: %v %.200q", name, way, err, got)
			}
		}
	}
}

func unpacked(t *testing.T, text string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// Informational answers of Workfront's (103) are looked at by nobody, and do not come back.
func TestEarlyHints(t *testing.T) {
	t.Parallel()
	tenant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "attask="+session)
		w.Header().Set("Link", "</"+session+">; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "{}")
	}))
	t.Cleanup(tenant.Close)
	g := newRig(t, nil, func(c *gateway.Config) {
		c.Send = func(ctx context.Context, _ *gateway.Request) (*http.Response, error) {
			r, err := http.NewRequestWithContext(ctx, "GET", tenant.URL, nil)
			if err != nil {
				return nil, err
			}
			return tenant.Client().Transport.RoundTrip(r)
		}
	})
	conn, err := net.Dial("tcp", g.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /"+g.key+searchPath+" HTTP/1.1\r\nHost: "+g.host+"\r\nConnection: close\r\n\r\n")
	if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 200") || strings.Contains(string(got), session) {
		t.Errorf("%v: %s", err, got)
	}
}

// An answer that cannot be looked into, or a part chosen so that a session in it is not seen, does not come back.
func TestWhatCannotBeSeenThrough(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, want int
		header       []string
	}{
		"brotli":         {200, 502, []string{"Content-Encoding", "br"}},
		"packed twice":   {200, 502, []string{"Content-Encoding", "gzip, gzip"}},
		"still packed":   {200, 502, []string{"Content-Encoding", "gzip"}},
		"as it is":       {200, 200, []string{"Content-Encoding", "identity"}},
		"a part":         {206, 502, []string{"Content-Range", "bytes 0-3/10"}},
		"a part of file": {206, 206, []string{"Content-Range", "bytes 0-3/10", "Content-Disposition", "Attachment; filename=x"}},
	} {
		g := newRig(t, func(*gateway.Request) (*http.Response, error) {
			return answered(c.status, session[:4], c.header...), nil
		})
		resp, body := g.ask("GET", "/attask/document", "", "Range", "bytes=0-3")
		if status(resp, body) != c.want || strings.Contains(body, session[:4]) == (c.want == 502) {
			t.Errorf("%s: %v %s", name, resp, body)
		}
	}
}

// An answer that breaks off breaks the connection; HTTP/1.0 gets a length or nothing.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	cut := func(n int) func(*gateway.Request) (*http.Response, error) {
		return func(*gateway.Request) (*http.Response, error) {
			resp := answered(http.StatusOK, "")
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(errors.New("cut"))))
			return resp, nil
		}
	}
	for _, n := range []int{0, 1, 100_000} {
		g := newRig(t, cut(n))
		for _, header := range [][]string{nil, {"Accept-Encoding", "gzip"}} {
			if resp, body := g.ask("GET", searchPath, "", header...); resp != nil && !strings.HasPrefix(body, "broken: ") {
				t.Errorf("%d bytes and a fault, %v: the answer looks whole: %v", n, header, resp)
			}
		}
	}
	old := func(g *rig, path string) (*http.Response, string) {
		return g.send("GET /"+g.key+path+" HTTP/1.0\r\nHost: "+g.host+"\r\n\r\n", "GET")
	}
	if resp, body := old(newRig(t, cut(5)), searchPath); status(resp, body) != 505 {
		t.Errorf("a broken answer to HTTP/1.0: %v %s", resp, body)
	}
	g := newRig(t, func(*gateway.Request) (*http.Response, error) {
		return answered(http.StatusOK, strings.Repeat("x", 5000)), nil
	})
	if resp, body := old(g, searchPath); status(resp, body) != 200 || resp.ContentLength != 5000 || len(body) != 5000 {
		t.Errorf("a whole answer to HTTP/1.0: %v", resp)
	}
	if resp, body := old(g, "/rows/task.csv"); status(resp, body) != 505 {
		t.Errorf("a list for HTTP/1.0: %v %s", resp, body)
	}
}

// A HEAD has the headers of a GET, and a 304 no body.
func TestNoBody(t *testing.T) {
	t.Parallel()
	g := newRig(t, func(q *gateway.Request) (*http.Response, error) {
		if q.Method == "HEAD" {
			return answered(http.StatusOK, "", "Content-Length", "1234"), nil
		}
		return answered(http.StatusNotModified, "", "Etag", `"x"`), nil
	})
	if resp, body := g.ask("HEAD", searchPath, "", "Accept-Encoding", "gzip"); status(resp, body) != 200 || resp.Header.Get("Content-Length") != "1234" || body != "" {
		t.Errorf("%v %q", resp, body)
	}
	if resp, body := g.ask("GET", searchPath, "", "If-None-Match", `"x"`, "Accept-Encoding", "gzip"); status(resp, body) != 304 || body != "" || resp.Header.Get("Etag") != `"x"` {
		t.Errorf("%v %q", resp, body)
	}
}

// The codings of an answer are those that were asked for.
func TestCodings(t *testing.T) {
	t.Parallel()
	g := newRig(t, func(*gateway.Request) (*http.Response, error) {
		return answered(http.StatusOK, `{"data":[]}`, "Content-Length", "11", "Etag", `"x"`), nil
	})
	for asked, want := range map[string]string{
		"": "", "gzip": "gzip", "deflate, GZIP": "gzip", "gzip;q=0": "", "gzip;q=0.000": "", "gzip;q=0.5, br": "gzip", "br": "", "identity": "", "*": "", "xgzip": "",
	} {
		for _, path := range []string{searchPath, "/rows/task.csv"} {
			resp, body := g.ask("GET", path, "", "Accept-Encoding", asked)
			if got := resp.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s for %q: %q", path, asked, got)
			}
			if want == "gzip" {
				body = unpacked(t, body)
				if resp.Header.Get("Vary") != "Accept-Encoding" || resp.Header.Get("Etag") == `"x"` {
					t.Errorf("%s for %q: %v", path, asked, resp.Header)
				}
			}
			if path == searchPath && body != `{"data":[]}` {
				t.Errorf("%q: %q", asked, body)
			}
		}
	}
}
