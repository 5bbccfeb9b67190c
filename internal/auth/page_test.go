package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/auth"
)

// What the page says is how the login ended, for every way it can end, and it is as harmless as a page can be.
func TestPageTellsTheTruth(t *testing.T) {
	t.Parallel()
	ok := func(state string) url.Values { return url.Values{"code": {canaryCode}, "state": {state}} }
	tests := map[string]struct {
		query  func(state string) url.Values
		token  http.HandlerFunc
		saving error
		status int
		says   string
	}{
		"success": {query: ok, status: 200, says: "Ann Example &lt;ann@example.com&gt; is logged in."},
		"denied": {
			query: func(state string) url.Values {
				return url.Values{"error": {"access_denied"}, "error_description": {"<script>alert(1)</script>\x1b[2J"}, "state": {state}}
			},
			status: 403, says: "not completed",
		},
		"another error": {
			query: func(state string) url.Values {
				return url.Values{"error": {"<b>" + state}, "error_description": {state}, "state": {state}}
			},
			status: 403, says: "not completed",
		},
		"another issuer": {
			query: func(state string) url.Values {
				return url.Values{"code": {canaryCode}, "iss": {"https://<i>evil"}, "state": {state}}
			},
			status: 403, says: "not completed",
		},
		"the code refused": {
			query: ok,
			token: func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(400)
				answer(w, `{"error":"invalid_grant","error_description":"<u>`+canaryCode+`"}`)
			},
			status: 502, says: "The code was too old, or was used already",
		},
		"the secret refused": {
			query: ok,
			token: func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(401)
				answer(w, `{"error":"invalid_client","error_description":"<u>`+canarySecret+`"}`)
			},
			status: 502, says: "The client ID or the client secret is not the application&#39;s: log in again with the right ones",
		},
		"the server in trouble": {
			query:  ok,
			token:  func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503); answer(w, "<html>busy") },
			status: 502, says: "The login failed",
		},
		"the store in trouble": {query: ok, saving: errDisk, status: 502, says: "The login failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := begin(t, newTenant(t, test.token), func(l *auth.Login) { l.Profile = `a"<p>&` })
			if test.saving != nil {
				a.store.fail("save", test.saving)
			}
			resp, page := a.visit(a.callback(test.query(a.state).Encode()))
			_, err := a.wait()
			if resp.StatusCode != test.status || !strings.Contains(page, test.says) {
				t.Errorf("status %d, want %d and %q:\n%s", resp.StatusCode, test.status, test.says, page)
			}
			if stored := a.store.bytes() != nil; stored != (err == nil) || stored != (resp.StatusCode == 200) {
				t.Errorf("stored: %v, page: %d, error: %v", stored, resp.StatusCode, err)
			}
			if err != nil {
				a.silent("the error", err.Error())
				oneLine(t, err)
			}
			a.silent("the page", page)
			harmless(t, resp, page)
		})
	}
}

// harmless checks the headers, that the policy names exactly the script and style that are there, and that nothing of
// the caller's stands in the page as markup.
func harmless(t *testing.T, resp *http.Response, page string) {
	t.Helper()
	for key, want := range map[string]string{
		"Content-Type":                 "text/html; charset=utf-8",
		"Cache-Control":                "no-store",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Access-Control-Allow-Origin":  "",
		"Location":                     "",
		"Set-Cookie":                   "",
	} {
		if got := resp.Header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	policy := resp.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	for _, element := range []string{"script", "style"} {
		found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("%d %s elements", len(found), element)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	for _, bad := range []string{"http-equiv", "src=", "href=", "url(", "@import", " style=", "<script>alert", "<b>", "<i>", "<u>", `a"<p>`, "\x1b"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q:\n%s", bad, page)
		}
	}
	if !strings.Contains(page, "history.replaceState") {
		t.Error("code and state stay in the address bar")
	}
	if !strings.Contains(page, "a&#34;&lt;p&gt;&amp;") || !strings.Contains(page, "http://127.0.0.1:") {
		t.Errorf("the page does not name profile and host:\n%s", page)
	}
}
