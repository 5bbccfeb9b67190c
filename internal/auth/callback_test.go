package auth

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A browser that is signed in to another tenant gives a code that belongs there; it must not be sent here.
func TestTenantAgreement(t *testing.T) {
	t.Parallel()
	tests := []struct {
		origin, query string
		agrees        bool
	}{
		{"https://acme.my.workfront.com", "", true},
		{"https://acme.my.workfront.com", "domain=acme&lane=my", true},
		{"https://acme.my.workfront.com", "domain=ACME&lane=My", true},
		{"https://acme.my.workfront.com", "domain=acme", true},
		{"https://acme.my.workfront.com", "lane=my", true},
		{"https://acme.my.workfront.com", "domain=&lane=", true},
		{"https://acme.my.workfront.com", "domain=other&lane=my", false},
		{"https://acme.my.workfront.com", "domain=acme&lane=preview", false},
		{"https://acme.my.workfront.com", "domain=other", false},
		{"https://acme.my.workfront.com", "lane=preview", false},
		{"https://acme.my.workfront.com", "domain=other.my", false},
		{"https://acme.my.workfront.com", "domain=acme.preview", false},
		// A whole host is compared as one, in either of Adobe's forms.
		{"https://acme.my.workfront.com", "domain=acme.my", true},
		{"https://acme.my.workfront.com", "domain=acme.my.workfront.com&lane=my", true},
		{"https://acme.my.workfront.com", "domain=ACME.my.workfront.adobe.com", true},
		{"https://acme.my.workfront.com", "domain=acme.workfront.com", true},
		{"https://acme.my.workfront.com", "domain=other.workfront.com", false},
		{"https://acme.my.workfront.com", "domain=other.my.workfront.com&lane=my", false},
		{"https://acme.my.workfront.com", "domain=acme.preview.workfront.com", false},
		// What nobody has published keeps nobody out.
		{"https://acme.my.workfront.com", "domain=acme&lane=production", true},
		{"https://acme.my.workfront.com", "domain=acme&lane=prod", true},
		{"https://acme.my.workfront.com", "domain=other&lane=prod", false},
		{"https://acme.my.workfront.com", "domain=login.acme.example.com&lane=my", true},
		{"https://acme.my.workfront.com", "domain=login.acme.example.com&lane=preview", false},
		{"https://acme.preview.workfront.com", "domain=acme&lane=preview", true},
		{"https://acme.preview.workfront.com", "domain=acme&lane=my", false},
		{"https://acme.my.workfront.adobe.com", "domain=acme&lane=my", true},
		{"https://acme.my.workfront.adobe.com", "domain=other&lane=my", false},
		{"https://acme.sb01.workfront.com", "domain=acme&lane=sb01", true},
		{"https://ACME.MY.WORKFRONT.COM", "domain=acme&lane=my", true},
		// Hosts without that form say nothing that could be compared.
		{"https://acme.workfront.com", "domain=other&lane=my", true},
		{"https://workfront.example.com", "domain=other&lane=my", true},
		{"https://acme.my.workfront.com.evil.example", "domain=other&lane=my", true},
		{"http://127.0.0.1:4711", "domain=emulator&lane=my", true},
		// The issuer, where there is one, has this origin; its path does not matter.
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com", true},
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com/", true},
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com:443/integrations/oauth2", true},
		{"https://acme.my.workfront.com", "iss=https://ACME.my.workfront.com", true},
		{"https://acme.my.workfront.com", "iss=http://acme.my.workfront.com", false},
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com:8443", false},
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com.evil.example", false},
		{"https://acme.my.workfront.com", "iss=https://evil.example/acme.my.workfront.com", false},
		{"https://acme.my.workfront.com", "iss=https://acme.my.workfront.com@evil.example", false},
		{"https://acme.my.workfront.com", "iss=acme.my.workfront.com", false},
		{"https://acme.my.workfront.com", "iss=https://other.my.workfront.com", false},
		{"https://acme.my.workfront.com", "iss=", false},
	}
	for _, test := range tests {
		e := expectation{state: "the-state", origin: test.origin}
		got, err := e.read("code=c&state=the-state&" + test.query)
		if err != nil {
			t.Errorf("%s %s: taken for a stranger's: %v", test.origin, test.query, err)
			continue
		}
		if agrees := got.denied == nil; agrees != test.agrees || agrees != (got.code == "c") {
			t.Errorf("%s %s: code %q, %v", test.origin, test.query, got.code, got.denied)
		}
		if values, _ := url.ParseQuery(test.query); got.denied != nil {
			named := values.Get("iss")
			if named == "" {
				named, _, _ = strings.Cut(values.Get("domain"), ".")
				if named == "login" {
					named = "preview"
				}
			}
			if !strings.Contains(got.denied.Error(), named) {
				t.Errorf("%s: %q does not say which tenant it was", test.query, got.denied)
			}
		}
	}
	// What is not understood is said.
	for query, words := range map[string]string{
		"lane=prod": `"prod"`, "domain=login.acme.example.com": `"login.acme.example.com"`, "domain=acme&lane=my": "", "lane=": "", "lane=p%0a%1b[2J": `"p [2j"`,
	} {
		e := expectation{state: "the-state", origin: "https://acme.my.workfront.com"}
		got, err := e.read("code=c&state=the-state&" + query)
		if err != nil || got.denied != nil || (words == "") != (got.note == "") || !strings.Contains(got.note, words) {
			t.Errorf("%s: %+v, %v", query, got, err)
		}
	}
	// The issuer counts on an error too.
	e := expectation{state: "the-state", origin: "https://acme.my.workfront.com"}
	if got, _ := e.read("error=access_denied&state=the-state&iss=https://other"); got.denied == nil || !strings.Contains(got.denied.Error(), "https://other") {
		t.Errorf("an error of another issuer: %v", got.denied)
	}
}

// Whatever a request says, nothing comes of it without the right state, and it does not break the listener.
func FuzzCallback(f *testing.F) {
	const state = "the-right-state"
	for _, seed := range []string{
		"code=c&state=the-right-state", "code=c", "state=the-right-state&error=access_denied&error_description=%3Cscript%3E",
		"code=c&state=wrong", "code=c&state=the-right-state&state=wrong", "code=c&state=the-right-state%00", "code=c;state=the-right-state",
		"code=c&state=%74he-right-state&iss=x", "code=%zz", "&&&===", "state[]=the-right-state&code=c", "code=c&State=the-right-state",
		"code=c&state=the-right-state&domain=%ff&lane=%1b[2J", "\x00", strings.Repeat("a=1&", 1000),
	} {
		f.Add(http.MethodGet, "/callback?"+seed, "127.0.0.1:8765", "", "")
	}
	f.Add(http.MethodPost, "/callback?code=c&state=the-right-state", "127.0.0.1:8765", "", "")
	f.Add(http.MethodGet, "/callback?code=c&state=the-right-state", "evil.example", "", "")
	f.Add(http.MethodGet, "/callback?code=c&state=the-right-state", "[::1]:8765", "Sec-Fetch-Mode", "cors")
	f.Add(http.MethodGet, "http://127.0.0.1:8765/callback?code=c&state=the-right-state", "", "", "")
	f.Fuzz(func(t *testing.T, method, target, host, key, value string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		r := redirect{text: "http://127.0.0.1:8765/callback", scheme: "http", host: "127.0.0.1", port: "8765", path: "/callback"}
		l := newListener(r, listenerOptions{
			expect: expectation{state: state, origin: "https://acme.my.workfront.com"}, host: "h", profile: "p",
			notice: func(why string) {
				if strings.Contains(why, state) || strings.ContainsAny(why, "\r\n\x1b") {
					t.Errorf("notice %q", why)
				}
			},
		})
		l.decide(verdict{http.StatusOK, "success", "title", "text"})
		req := &http.Request{Method: method, URL: u, Host: host, Header: http.Header{}, RemoteAddr: "127.0.0.1:1"}
		if key != "" {
			req.Header.Set(key, value)
		}
		w := httptest.NewRecorder()
		l.serve(w, req.WithContext(t.Context()))

		right := method == http.MethodGet && u.Path == "/callback" && u.Query().Get("state") == state
		select {
		case got := <-l.answers:
			if !right || (got.code == "") == (got.denied == nil) || got.code != "" && got.code != u.Query().Get("code") {
				t.Errorf("%s %s: taken as %+v", method, target, got)
			}
			if w.Code != http.StatusOK {
				t.Errorf("status %d", w.Code)
			}
		default:
			if w.Code < 400 {
				t.Errorf("%s %s: status %d without an answer", method, target, w.Code)
			}
		}
		if strings.Contains(w.Body.String(), state) {
			t.Errorf("the page shows the state: %s", w.Body)
		}
	})
}
