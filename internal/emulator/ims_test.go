package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

const imsPath = "/ims/token/v3"

func s2s(tenant *emulator.Tenant) emulator.Client { return tenant.Clients()[3] }

func imsForm(client emulator.Client) url.Values {
	return url.Values{
		"client_id": {client.ID}, "client_secret": {client.Secret}, "grant_type": {"client_credentials"}, "scope": {strings.Join(client.Scopes, ",")},
	}
}

// bearing sends a GET with these headers, of which one may be empty.
func bearing(tenant *emulator.Tenant, path string, headers ...string) answer {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return do(tenant, r)
}

func TestAccessToken(t *testing.T) {
	t.Parallel()
	time24 := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, Now: time24.Now})
	client := s2s(tenant)
	if client.Type != emulator.ServerToServer || !strings.HasSuffix(client.Org, "@AdobeOrg") || client.UserID != tenant.Users()[0].ID || client.RedirectURIs != nil {
		t.Errorf("%+v", client)
	}
	a := postForm(tenant, imsPath, imsForm(client))
	got := granted(t, a)
	if got.TokenType != "bearer" || got.ExpiresIn == nil || *got.ExpiresIn != 86399 || got.RefreshToken != "" || strings.Count(got.AccessToken, ".") != 2 || len(got.AccessToken) < 800 {
		t.Errorf("%s", a.body)
	}
	token := "Bearer " + got.AccessToken
	const count = "/attask/api/v22.0/proj/count"
	for name, c := range map[string]struct {
		headers []string
		status  int
		says    string
	}{
		"with its organisation":           {[]string{"Authorization", token, "x-gw-ims-org-id", client.Org}, 200, `{"count":1}`},
		"without":                         {[]string{"Authorization", token}, 200, `{"count":1}`},
		"with an empty one":               {[]string{"Authorization", token, "x-gw-ims-org-id", ""}, 401, "Org Id undefined is not in the list of user org Ids"},
		"with another":                    {[]string{"Authorization", token, "x-gw-ims-org-id", "X@AdobeOrg"}, 401, "Org Id X@AdobeOrg is not in the list of user org Ids"},
		"as a sessionID":                  {[]string{"sessionID", got.AccessToken}, 401, "not currently logged in"},
		"without its scheme":              {[]string{"Authorization", got.AccessToken}, 401, "not currently logged in"},
		"another token":                   {[]string{"Authorization", token + "x"}, 401, "not currently logged in"},
		"a sessionID in its place":        {[]string{"Authorization", "Bearer " + tenant.NewSession("")}, 401, "not currently logged in"},
		"beside a sessionID":              {[]string{"Authorization", "Bearer x", "sessionID", tenant.NewSession("")}, 200, `{"count":1}`},
		"beside a sessionID that is none": {[]string{"Authorization", token, "sessionID", "x"}, 401, "not currently logged in"},
	} {
		if a := bearing(tenant, count, c.headers...); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := bearing(tenant, "/attask/eventsubscription/api/v1/subscriptions", "Authorization", token); a.status != 200 {
		t.Errorf("subscriptions: %d %s", a.status, a.body)
	}
	if a := bearing(tenant, "/internal/document/download?ID=0", "Authorization", token); a.status == 401 {
		t.Errorf("a download: %d %s", a.status, a.body)
	}
	session := data[struct{ UserID, SessionID string }](t, bearing(tenant, "/attask/api/v22.0/session", "Authorization", token))
	if session.UserID != client.UserID || session.SessionID == got.AccessToken || !alive(tenant, session.SessionID) {
		t.Errorf("the session is told as %+v", session)
	}
	time24.advance(24 * time.Hour)
	if a := bearing(tenant, count, "Authorization", token); a.status != 401 {
		t.Errorf("a day later: %d %s", a.status, a.body)
	}
	if n := tenant.Counts(); n.IMS != 1 || n.Granted != 1 || n.JWT+n.Code+n.Refresh != 0 {
		t.Errorf("%+v", n)
	}
}

// What Adobe refuses has the standard form, status 400, and the words that its clients know.
func TestCredentialThatIsRefused(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	client := s2s(tenant)
	for name, c := range map[string]struct {
		change     func(url.Values)
		code, says string
	}{
		"no such client":   {func(f url.Values) { f.Set("client_id", "x") }, "invalid_client", "invalid client_id parameter"},
		"wrong secret":     {func(f url.Values) { f.Set("client_secret", "x") }, "invalid_client", "invalid client_secret parameter"},
		"Workfront's own":  {func(f url.Values) { f.Set("client_id", web(tenant).ID); f.Set("client_secret", web(tenant).Secret) }, "invalid_client", "client_id"},
		"another scope":    {func(f url.Values) { f.Set("scope", "openid,firefly_api") }, "invalid_scope", "firefly_api"},
		"no scope":         {func(f url.Values) { f.Del("scope") }, "invalid_scope", ""},
		"with blanks only": {func(f url.Values) { f.Set("scope", "openid AdobeID") }, "invalid_scope", ""},
		"another grant":    {func(f url.Values) { f.Set("grant_type", "refresh_token") }, "unsupported_grant_type", ""},
	} {
		form := imsForm(client)
		c.change(form)
		a := postForm(tenant, imsPath, form)
		var got struct {
			Error       string
			Description string `json:"error_description"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusBadRequest || got.Error != c.code || !strings.Contains(got.Description, c.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	// What stands in an address is logged: the secret counts in the form only, and so it does with Basic.
	r := httptest.NewRequest("POST", imsPath+"?"+imsForm(client).Encode(), nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := do(tenant, r); a.status != http.StatusBadRequest {
		t.Errorf("in the address: %d %s", a.status, a.body)
	}
	// Adobe's credential is none of Workfront's.
	for _, path := range []string{tokenPath, jwtPath, revokePath} {
		if a := postForm(tenant, path, imsForm(client)); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "unknown application") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if n := tenant.Counts(); n.Granted != 0 || n.IMS != 8 {
		t.Errorf("%+v", n)
	}
}

func TestAccessTokenThatIsRevoked(t *testing.T) {
	t.Parallel()
	stated := 86399000
	tenant := emulator.New(emulator.Options{Projects: 1, ExpiresIn: &stated})
	client := s2s(tenant)
	got := granted(t, postForm(tenant, imsPath, imsForm(client)))
	if *got.ExpiresIn != stated {
		t.Errorf("expires_in %d", *got.ExpiresIn)
	}
	form := imsForm(client)
	form.Set("token", got.AccessToken)
	form.Set("client_secret", "x")
	if a := postForm(tenant, "/ims/revoke", form); a.status != http.StatusBadRequest {
		t.Errorf("with a wrong secret: %d %s", a.status, a.body)
	}
	const count = "/attask/api/v22.0/proj/count"
	if a := bearing(tenant, count, "Authorization", "Bearer "+got.AccessToken); a.status != 200 {
		t.Errorf("before: %d %s", a.status, a.body)
	}
	form.Set("client_secret", client.Secret)
	if a := postForm(tenant, "/ims/revoke", form); a.status != 200 || a.body != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := bearing(tenant, count, "Authorization", "Bearer "+got.AccessToken); a.status != 401 {
		t.Errorf("after: %d %s", a.status, a.body)
	}
}
