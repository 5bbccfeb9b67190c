package emulator_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

const (
	callback = "http://127.0.0.1:8765/callback"
	verifier = "canary-verifier-0123456789-0123456789-0123456789"
)

// challenge is the S256 challenge of a verifier (RFC 7636, 4.2).
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func authorizePath(params url.Values) string {
	return "/integrations/oauth2/authorize?" + params.Encode()
}

// request is a complete request for a code; changes replace or, if "", remove parameters.
func request(client emulator.Client, changes ...string) url.Values {
	params := url.Values{
		"client_id": {client.ID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"canary-state"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		params.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			params.Del(changes[i])
		}
	}
	return params
}

func TestBrowserLogin(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 2})
	server := serve(t, tenant)
	b := newBrowser(t, server)
	user := tenant.Users()[0]

	b.open(server.URL + authorizePath(request(spa(tenant))))
	b.shows("sign-in")
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
	} {
		if got := b.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	b.submit("username", user.Username, "password", "canary-wrong")
	b.shows("sign-in")
	if b.status != http.StatusForbidden || !strings.Contains(b.page, `role="alert"`) || !strings.Contains(b.page, user.Username) {
		t.Errorf("a wrong password: %d\n%s", b.status, b.page)
	}
	if strings.Contains(b.page, "canary-wrong") {
		t.Error("the page repeats the password")
	}

	b.submit("username", strings.ToUpper(user.Username), "password", user.Password)
	b.shows("consent")
	for _, text := range []string{spa(tenant).Name, "emulator", user.Name, "127.0.0.1:8765", `id="allow"`, `id="deny"`} {
		if !strings.Contains(b.page, html.EscapeString(text)) && !strings.Contains(b.page, text) {
			t.Errorf("the consent page does not name %s", text)
		}
	}
	if csp := b.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		!strings.Contains(csp, "form-action 'self' http://127.0.0.1:8765") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy: %s", csp)
	}

	back := b.submit("allow", "yes")
	q := back.Query()
	if b.status != http.StatusFound || back.Host != "127.0.0.1:8765" || back.Path != "/callback" ||
		q.Get("code") == "" || q.Get("state") != "canary-state" || q.Get("domain") != "emulator" || q.Get("lane") != "my" || len(q) != 4 {
		t.Errorf("sent back with %d to %s", b.status, back)
	}

	// Signed in already, the same browser is only asked for consent.
	b.open(server.URL + authorizePath(request(web(tenant))))
	b.shows("consent")
	q = b.submit("deny", "yes").Query()
	if q.Get("error") != "access_denied" || q.Get("error_description") == "" || q.Get("state") != "canary-state" || q.Has("code") {
		t.Errorf("denied: %s", q.Encode())
	}

	b.open(server.URL + authorizePath(request(web(tenant))))
	b.submit("switch", "yes")
	b.shows("sign-in")
}

// The policy of the consent page admits the redirect that follows its form, or browsers stop it.
func TestConsentAdmitsTheRedirect(t *testing.T) {
	t.Parallel()
	for redirect, want := range map[string]string{
		"http://localhost:8765/callback": "http://localhost:8765",
		"http://[::1]:8765/callback":     "http:",
		"https://app.example/cb?x=1":     "https://app.example",
	} {
		tenant := emulator.New(emulator.Options{Projects: 1, RedirectURIs: []string{"https://app.example/cb?x=1"}})
		server := serve(t, tenant)
		b := newBrowser(t, server)
		b.open(server.URL + authorizePath(request(web(tenant), "redirect_uri", redirect)))
		user := tenant.Users()[0]
		b.submit("username", user.Username, "password", user.Password)
		if csp := b.header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action 'self' "+want) {
			t.Errorf("%s: %s", redirect, csp)
		}
		back := b.submit("allow", "yes")
		if !strings.HasPrefix(back.String(), redirect) || back.Query().Get("code") == "" {
			t.Errorf("%s: sent to %s", redirect, back)
		}
	}
}

// Whoever planted a cookie in a browser is not signed in when its owner is (session fixation).
func TestSignInChangesTheCookie(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	server := serve(t, tenant)
	b := newBrowser(t, server)
	b.open(server.URL + authorizePath(request(web(tenant))))
	planted := b.header.Get("Set-Cookie")
	if !strings.Contains(planted, "HttpOnly") || !strings.Contains(planted, "SameSite=Lax") {
		t.Errorf("Set-Cookie: %s", planted)
	}
	user := tenant.Users()[0]
	b.submit("username", user.Username, "password", user.Password)
	b.shows("consent")
	r := httptest.NewRequest("GET", authorizePath(request(web(tenant))), nil)
	r.Header.Set("Cookie", strings.Split(planted, ";")[0])
	if got := do(tenant, r); strings.Contains(got.body, `id="consent"`) {
		t.Error("the old cookie is signed in too")
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	server := serve(t, tenant)
	b := newBrowser(t, server)
	user := tenant.Users()[0]
	b.open(server.URL + authorizePath(request(web(tenant))))
	b.submit("username", user.Username, "password", user.Password)
	b.shows("consent")
	for _, token := range []string{"", "guessed"} {
		if back := b.submit("csrf", token, "allow", "yes"); back != nil || b.status != http.StatusForbidden {
			t.Errorf("csrf=%q was let through: %v %d", token, back, b.status)
		}
	}
	// Another browser's token is no better.
	other := newBrowser(t, server)
	other.open(server.URL + authorizePath(request(web(tenant))))
	b.page = other.page
	if back := b.submit("allow", "yes"); back != nil || b.status != http.StatusForbidden {
		t.Errorf("another browser's form was let through: %v", back)
	}
}

// What is wrong with client or redirect URI is shown here and never sent there.
func TestBadClientsAreNotRedirected(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	doubled := request(web(tenant))
	doubled.Add("redirect_uri", callback)
	for name, params := range map[string]url.Values{
		"no client":         request(web(tenant), "client_id", ""),
		"unknown client":    request(web(tenant), "client_id", "<script>alert(1)</script>"),
		"machine client":    request(m2m(tenant)),
		"no redirect":       request(web(tenant), "redirect_uri", ""),
		"other port":        request(web(tenant), "redirect_uri", "http://127.0.0.1:8766/callback"),
		"trailing slash":    request(web(tenant), "redirect_uri", callback+"/"),
		"upper case":        request(web(tenant), "redirect_uri", "http://127.0.0.1:8765/Callback"),
		"added query":       request(web(tenant), "redirect_uri", callback+"?a=b"),
		"doubled redirect":  doubled,
		"foreign redirect":  request(web(tenant), "redirect_uri", "https://evil.example/"),
		"userinfo redirect": request(web(tenant), "redirect_uri", "http://127.0.0.1:8765@evil.example/callback"),
	} {
		for _, method := range []string{"GET", "POST"} {
			got := do(tenant, httptest.NewRequest(method, authorizePath(params), nil))
			if got.status != http.StatusBadRequest || got.header.Get("Location") != "" || !strings.Contains(got.body, "Cannot sign in") {
				t.Errorf("%s %s: %d, Location %q", method, name, got.status, got.header.Get("Location"))
			}
			if strings.Contains(got.body, "<script") {
				t.Errorf("%s: the page has a script", name)
			}
		}
	}
}

func TestBadRequestsAreRedirected(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	doubled := request(web(tenant))
	doubled.Add("response_type", "code")
	for name, test := range map[string]struct {
		params url.Values
		code   string
	}{
		"response type":     {request(web(tenant), "response_type", "token"), "unsupported_response_type"},
		"no response type":  {request(web(tenant), "response_type", ""), "unsupported_response_type"},
		"no challenge":      {request(spa(tenant), "code_challenge", "", "code_challenge_method", ""), "invalid_request"},
		"plain":             {request(spa(tenant), "code_challenge_method", "plain"), "invalid_request"},
		"no method":         {request(web(tenant), "code_challenge_method", ""), "invalid_request"},
		"method alone":      {request(web(tenant), "code_challenge", ""), "invalid_request"},
		"short challenge":   {request(web(tenant), "code_challenge", "short"), "invalid_request"},
		"doubled parameter": {doubled, "invalid_request"},
	} {
		got := do(tenant, httptest.NewRequest("GET", authorizePath(test.params), nil))
		location, err := url.Parse(got.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		q := location.Query()
		if got.status != http.StatusFound || location.Host != "127.0.0.1:8765" || q.Get("error") != test.code || q.Get("state") != "canary-state" {
			t.Errorf("%s: %d %s", name, got.status, location)
		}
	}
	// scope and what else a client may send is tolerated.
	if got := do(tenant, httptest.NewRequest("GET", authorizePath(request(web(tenant), "scope", "offline_access", "search", "x")), nil)); got.status != http.StatusOK {
		t.Errorf("extra parameters: %d", got.status)
	}
}

func TestRedirectOptions(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{
		Projects: 1, OmitState: true, SendIssuer: true, Domain: "acme", Lane: "preview", Origin: "http://127.0.0.1:4711",
	})
	q := logIn(t, tenant, request(web(tenant))).Query()
	if q.Has("state") || q.Get("iss") != "http://127.0.0.1:4711" || q.Get("domain") != "acme" || q.Get("lane") != "preview" {
		t.Errorf("redirected with %s", q.Encode())
	}
}

func TestValuesOnPagesAreEscaped(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Domain: `<b>"acme"</b>`})
	server := serve(t, tenant)
	b := newBrowser(t, server)
	b.open(server.URL + authorizePath(request(web(tenant))))
	b.submit("username", `"><script>alert(1)</script>`, "password", "x")
	if strings.Contains(b.page, "<script") {
		t.Errorf("not escaped:\n%s", b.page)
	}
	user := tenant.Users()[0]
	b.submit("username", user.Username, "password", user.Password)
	b.shows("consent")
	if strings.Contains(b.page, `<b>"acme`) {
		t.Errorf("not escaped:\n%s", b.page)
	}
}

func TestCodesEndAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		after time.Duration
		good  bool
	}{{2*time.Minute - time.Second, true}, {2 * time.Minute, false}} {
		now := newClock()
		tenant := emulator.New(emulator.Options{Projects: 1, Now: now.Now})
		code := logIn(t, tenant, request(web(tenant))).Query().Get("code")
		now.advance(test.after)
		got := postForm(tenant, tokenPath, codeForm(web(tenant), code))
		if test.good {
			granted(t, got)
			continue
		}
		refused(t, got, http.StatusBadRequest, "invalid_grant")
	}
}
