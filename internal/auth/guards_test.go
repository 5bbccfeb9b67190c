package auth

import (
	"encoding/base64"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// State and verifier are 256 bits each, new at each login, and have nothing to do with each other.
func TestStateAndVerifier(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var bits [2][32]byte // all that were set in any of them: none is constant
	for range 200 {
		ln, l := &listener{redirect: redirect{text: "http://127.0.0.1:8765/callback"}}, &Login{App: Application{Origin: "https://h"}}
		verifier, state := loginTexts()
		u, err := url.Parse(l.waiting(ln, state, verifier).AuthorizeURL)
		if err != nil {
			t.Fatal(err)
		}
		sent := u.Query()
		if sent.Get("state") != state || sent.Get("code_challenge") != challenge(verifier) || challenge(state) == sent.Get("code_challenge") {
			t.Fatalf("state %q, verifier %q: %v", state, verifier, sent)
		}
		for i, text := range [...]string{state, verifier} {
			raw, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil || len(raw) != 32 || len(text) < 43 || seen[text] {
				t.Fatalf("%q: %d bytes, %v", text, len(raw), err)
			}
			seen[text] = true
			for j := range raw {
				bits[i][j] |= raw[j]
			}
		}
	}
	for i := range bits {
		for j, b := range bits[i] {
			if b != 0xff {
				t.Errorf("byte %d of the %d. is never more than %02x", j, i+1, b)
			}
		}
	}
}

// Nothing but loopback is bound, whatever the redirect is.
func TestOnlyLoopbackIsBound(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"http://localhost:PORT/cb", "http://127.0.0.1:PORT/cb", "http://[::1]:PORT/cb", "https://localhost:PORT/cb", "https://example.com/cb"} {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(free.Addr().String())
		free.Close()
		ln, err := open([]string{strings.Replace(uri, "PORT", port, 1)}, listenerOptions{opens: true, notice: func(string) {}})
		if err != nil {
			t.Logf("%s: %v", uri, err) // taken meanwhile, or no IPv6
			continue
		}
		if len(ln.sockets) == 0 {
			t.Errorf("%s: nothing is bound", uri)
		}
		for _, s := range ln.sockets {
			if at := netip.MustParseAddrPort(s.Addr().String()); !at.Addr().IsLoopback() {
				t.Errorf("%s: %s is bound", uri, at)
			}
		}
		ln.close()
	}
}

// What strangers send is printed by nobody.
func TestServersAreQuiet(t *testing.T) {
	t.Parallel()
	l, _ := piped()
	defer l.close()
	for _, server := range l.servers {
		if server.ErrorLog == nil || server.ErrorLog.Writer() != io.Discard || server.ErrorLog == log.Default() {
			t.Errorf("a server's errors go to %v", server.ErrorLog)
		}
	}
}

// A refusal is as harmless as the page, says what happened in one sentence, and that the login goes on.
func TestRefusal(t *testing.T) {
	t.Parallel()
	l, _ := piped()
	defer l.close()
	for name, change := range map[string]func(*http.Request){
		"no state":        func(r *http.Request) { r.URL.RawQuery = "code=c" },
		"POST":            func(r *http.Request) { r.Method = http.MethodPost },
		"mode alone":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "cors") },
		"no-cors alone":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "no-cors") },
		"dest alone":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "image") },
		"another host":    func(r *http.Request) { r.Host = "evil.example" },
		"another path":    func(r *http.Request) { r.URL.Path = "/favicon.ico" },
		"a chunked body":  func(r *http.Request) { r.TransferEncoding = []string{"chunked"} },
		"a stated length": func(r *http.Request) { r.ContentLength = 1 },
	} {
		r := httptest.NewRequest(http.MethodGet, "/callback?code=c&state=s", nil)
		r.Host = "127.0.0.1:8765"
		change(r)
		w := httptest.NewRecorder()
		l.serve(w, r)
		for key, want := range map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if got := w.Header().Get(key); got != want {
				t.Errorf("%s: %s: %q", name, key, got)
			}
		}
		if allow := w.Header().Get("Allow"); (allow == http.MethodGet) != (w.Code == http.StatusMethodNotAllowed) {
			t.Errorf("%s: Allow: %q", name, allow)
		}
		body := w.Body.String()
		if w.Code < 400 || len(l.answers) != 0 || !strings.HasPrefix(body, "wfauth: this request is not the answer that a login here waits for: ") ||
			!strings.HasSuffix(body, ". The login goes on.\n") || strings.Count(body, "\n") != 1 {
			t.Errorf("%s: status %d, %q", name, w.Code, body)
		}
	}
}

// The host and the profile of a page, and who is logged in, are text and nothing else.
func TestPageIsText(t *testing.T) {
	t.Parallel()
	const markup = `<b title="x">&amp;'`
	page := (&Login{}).verdict(Info{User: markup}, nil).html(markup, markup)
	if strings.Contains(page, "<b title") || strings.Count(page, html.EscapeString(markup)) != 3 {
		t.Errorf("%s", page)
	}
}

// A token request keeps no connection: the standard library would send it again by itself on one that had died idle.
func TestTokenRequestsReuseNothing(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"access_token":"s1"}`) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	base := &http.Transport{}
	e := newEndpoints(WithoutReuse(base), time.Now, func(string) {})
	for range 3 {
		if _, err := e.grant(t.Context(), Application{Origin: server.URL}.tokens(), url.Values{"code": {"c"}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 3 || base.DisableKeepAlives {
		t.Errorf("%d connections for 3 requests", n)
	}
}

// The question whether a session is good follows no redirect: the session would go along.
func TestSessionFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	asked := 0
	s := NewSession(SessionOptions{
		App: Application{Origin: "https://h"}, APIVersion: "v22.0",
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked++
			resp := reply(302, "")
			resp.Header.Set("Location", "https://h/elsewhere")
			return resp, nil
		}),
	})
	if err := s.ask(t.Context(), "CANARY-session"); err == nil || asked != 1 {
		t.Errorf("%v after %d requests", err, asked)
	}
}

// Every secret of a form is masked, in each of the encodings in which a server may give it back, also where that cuts it
// or hides something in its middle.
func TestShown(t *testing.T) {
	t.Parallel()
	const secret = `CAN"ARY/<secret>+&=é`
	form := url.Values{}
	for _, key := range []string{"client_secret", "code", "code_verifier", "refresh_token", "jwt_token", "token"} {
		form.Set(key, key+secret)
	}
	secrets := secretsOf(form)
	if len(secrets) != 6 {
		t.Fatalf("%q", secrets)
	}
	for _, s := range secrets {
		middle := s[:9] + "\u200b\x01\u00ad" + s[9:]
		for _, said := range []string{s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), strings.ReplaceAll(s, `"`, `\"`), middle} {
			if got := shown("it was "+said+" indeed", secrets); got != "it was *** indeed" {
				t.Errorf("%q becomes %q", said, got)
			}
			for fill := 280; fill < 310; fill++ {
				if got := shown(strings.Repeat("x", fill)+said, secrets); strings.Contains(got, "x"+s[:4]) || len(got) > 303 {
					t.Errorf("cut after %d: %q", fill, got)
				}
			}
		}
	}
}

// Who is logged in is one short line, whatever the server says.
func TestWhoAmIIsPrintable(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		`{"data":[{"name":"Ann\u001b[2J\n Example","emailAddr":"ann@example.com"}]}`: "Ann[2J Example <ann@example.com>",
		`{"data":[{"name":"` + strings.Repeat("x", 5000) + `"}]}`:                    strings.Repeat("x", 300) + "…",
		`{"data":[{"name":"CANARY-session","emailAddr":"a\u202e@b"}]}`:               "*** <a@b>",
		`{"data":[{"name":"Ann","username":"` + strings.Repeat("é", 400) + `"}]}`:    "Ann <" + strings.Repeat("é", 147) + "…",
	} {
		client := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return reply(200, said), nil })}
		if got := whoAmI(t.Context(), client, Application{Origin: "https://h"}, "v22.0", "CANARY-session"); got != want {
			t.Errorf("%.60s: %q", said, got)
		}
	}
}
