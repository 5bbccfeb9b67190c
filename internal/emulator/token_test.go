package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// codeForm is the exchange of a code that was asked for by request.
func codeForm(client emulator.Client, code string) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback},
		"client_id": {client.ID}, "code_verifier": {verifier},
	}
	if client.Secret != "" {
		form.Set("client_secret", client.Secret)
	}
	return form
}

func refreshForm(client emulator.Client, token string) url.Values {
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {client.ID}, "redirect_uri": {callback},
	}
	if client.Secret != "" {
		form.Set("client_secret", client.Secret)
	}
	return form
}

// login returns the tokens of a fresh login.
func login(t *testing.T, tenant *emulator.Tenant, client emulator.Client) tokens {
	t.Helper()
	code := logIn(t, tenant, request(client)).Query().Get("code")
	return granted(t, postForm(tenant, tokenPath, codeForm(client, code)))
}

func TestTokenAnswer(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	for _, client := range []emulator.Client{web(tenant), spa(tenant)} {
		code := logIn(t, tenant, request(client)).Query().Get("code")
		a := postForm(tenant, tokenPath, codeForm(client, code))
		got := granted(t, a)
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(got.AccessToken) || got.TokenType != "sessionID" ||
			got.RefreshToken == "" || got.ExpiresIn == nil || *got.ExpiresIn != 28800 || got.WID != tenant.Users()[0].ID {
			t.Errorf("%s: %s", client.Type, a.body)
		}
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json;charset=UTF-8" {
			t.Errorf("%s: headers %v", client.Type, a.header)
		}
		if !alive(tenant, got.AccessToken) {
			t.Errorf("%s: the session does not live", client.Type)
		}
	}
	if got := tenant.Counts(); got.Code != 2 || got.Granted != 2 || got.Refresh != 0 {
		t.Errorf("counts %+v", got)
	}
}

// The three encodings that clients of Workfront use, and the standard's own.
func TestTokenRequestEncodings(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	client := web(tenant)
	for name, build := range map[string]func(code string) *http.Request{
		"json and basic": func(code string) *http.Request {
			r := httptest.NewRequest("POST", tokenPath, strings.NewReader(
				`{"code":"`+code+`","grant_type":"authorization_code","redirect_uri":"`+callback+`","code_verifier":"`+verifier+`"}`))
			r.Header.Set("Content-Type", "application/json")
			r.SetBasicAuth(client.ID, client.Secret)
			return r
		},
		"form": func(code string) *http.Request {
			r := httptest.NewRequest("POST", tokenPath, strings.NewReader(codeForm(client, code).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			return r
		},
		"json": func(code string) *http.Request {
			r := httptest.NewRequest("POST", tokenPath, strings.NewReader(
				`{"code":"`+code+`","grant_type":"authorization_code","redirect_uri":"`+callback+`","code_verifier":"`+verifier+
					`","client_id":"`+client.ID+`","client_secret":"`+client.Secret+`"}`))
			r.Header.Set("Content-Type", "application/json")
			return r
		},
		"form and basic": func(code string) *http.Request {
			form := codeForm(client, code)
			form.Del("client_id")
			form.Del("client_secret")
			r := httptest.NewRequest("POST", tokenPath, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(client.ID, client.Secret)
			return r
		},
	} {
		code := logIn(t, tenant, request(client)).Query().Get("code")
		if got := do(tenant, build(code)); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestCodesAreBound(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	for name, test := range map[string]struct {
		change func(url.Values)
		status int
		kind   string
	}{
		"another client":   {func(f url.Values) { f.Set("client_id", spa(tenant).ID); f.Del("client_secret") }, 400, "invalid_grant"},
		"another redirect": {func(f url.Values) { f.Set("redirect_uri", "http://localhost:8765/callback") }, 400, "invalid_grant"},
		"no redirect":      {func(f url.Values) { f.Del("redirect_uri") }, 400, "invalid_grant"},
		"wrong verifier":   {func(f url.Values) { f.Set("code_verifier", strings.Repeat("x", 43)) }, 400, "invalid_grant"},
		"short verifier":   {func(f url.Values) { f.Set("code_verifier", "x") }, 400, "invalid_grant"},
		"no verifier":      {func(f url.Values) { f.Del("code_verifier") }, 400, "invalid_grant"},
		"wrong code":       {func(f url.Values) { f.Set("code", "canary-code") }, 400, "invalid_grant"},
		"no code":          {func(f url.Values) { f.Del("code") }, 400, "invalid_grant"},
		"wrong secret":     {func(f url.Values) { f.Set("client_secret", "canary-secret") }, 401, "invalid_client"},
		"no secret":        {func(f url.Values) { f.Del("client_secret") }, 401, "invalid_client"},
		"unknown client":   {func(f url.Values) { f.Set("client_id", "x") }, 401, "invalid_client"},
		"machine client": {func(f url.Values) {
			f.Set("client_id", m2m(tenant).ID)
			f.Set("client_secret", m2m(tenant).Secret)
		}, 400, "unauthorized_client"},
		"other grant": {func(f url.Values) { f.Set("grant_type", "client_credentials") }, 400, "unsupported_grant_type"},
		"twice":       {func(f url.Values) { f.Add("code", "again") }, 400, "invalid_request"},
	} {
		code := logIn(t, tenant, request(web(tenant))).Query().Get("code")
		form := codeForm(web(tenant), code)
		test.change(form)
		t.Run(name, func(t *testing.T) {
			got := postForm(tenant, tokenPath, form)
			refused(t, got, test.status, test.kind)
			if strings.Contains(got.body, "canary") {
				t.Errorf("the answer repeats what was sent: %s", got.body)
			}
			// What was refused has cost nothing.
			granted(t, postForm(tenant, tokenPath, codeForm(web(tenant), code)))
		})
	}

	// One request cannot be from two applications.
	mixed := httptest.NewRequest("POST", tokenPath, strings.NewReader(url.Values{"client_id": {spa(tenant).ID}, "grant_type": {"refresh_token"}}.Encode()))
	mixed.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	mixed.SetBasicAuth(web(tenant).ID, web(tenant).Secret)
	refused(t, do(tenant, mixed), 401, "invalid_client")

	// A public client has no secret, and a verifier without a challenge is a sign of tampering.
	code := logIn(t, tenant, request(spa(tenant))).Query().Get("code")
	form := codeForm(spa(tenant), code)
	form.Set("client_secret", "made up")
	refused(t, postForm(tenant, tokenPath, form), 401, "invalid_client")
	code = logIn(t, tenant, request(web(tenant), "code_challenge", "", "code_challenge_method", "")).Query().Get("code")
	refused(t, postForm(tenant, tokenPath, codeForm(web(tenant), code)), 400, "invalid_grant")
	form = codeForm(web(tenant), code)
	form.Del("code_verifier")
	granted(t, postForm(tenant, tokenPath, form))
}

func TestReusedCodeEndsItsLogin(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	code := logIn(t, tenant, request(web(tenant))).Query().Get("code")
	first := granted(t, postForm(tenant, tokenPath, codeForm(web(tenant), code)))
	refused(t, postForm(tenant, tokenPath, codeForm(web(tenant), code)), 400, "invalid_grant")
	if alive(tenant, first.AccessToken) {
		t.Error("the session of the first exchange lives on")
	}
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)), 400, "invalid_grant")
	if got := tenant.Counts().Reused; got != 1 {
		t.Errorf("counted %d reuses", got)
	}
}

func TestStandardErrors(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, StandardErrors: true})
	got := postForm(tenant, tokenPath, refreshForm(web(tenant), "canary-token"))
	want := `{"error":"invalid_grant","error_description":"the refresh token is not one given to this application"}`
	if got.status != http.StatusBadRequest || got.body != want {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestBadTokenRequests(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	for _, path := range []string{tokenPath, revokePath, jwtPath} {
		for name, test := range map[string]struct {
			method, contentType, body string
			status                    int
		}{
			"method":      {"GET", "", "", 405},
			"no type":     {"POST", "", "grant_type=refresh_token", 415},
			"other type":  {"POST", "text/plain", "grant_type=refresh_token", 415},
			"bad json":    {"POST", "application/json", `{"grant_type":`, 400},
			"nested json": {"POST", "application/json", `{"grant_type":{}}`, 400},
			"bad form":    {"POST", "application/x-www-form-urlencoded", "a=%zz", 400},
			"too large":   {"POST", "application/json", `{"code":"` + strings.Repeat("x", 64<<10) + `"}`, 413},
		} {
			r := httptest.NewRequest(test.method, path, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			got := do(tenant, r)
			t.Run(path+" "+name, func(t *testing.T) { refused(t, got, test.status, "invalid_request") })
			if test.status == 405 && got.header.Get("Allow") != "POST" {
				t.Errorf("Allow: %q", got.header.Get("Allow"))
			}
		}
	}
}
