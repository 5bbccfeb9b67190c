package auth_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// Workfront is asked at a login whether it takes what Adobe gave; a no is the login's end, and what it does not say is not.
func TestTokenThatWorkfrontDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		takes  bool
	}{
		"taken":                        {200, `{"data":{"userID":"u1"}}`, true},
		"another organisation":         {401, `{"error":{"message":"Org Id ` + canaryOrg + ` is not in the list of user org Ids"}}`, false},
		"a gateway's words":            {401, `{"error_code":"401013","message":"Oauth token is not valid"}`, false},
		"logged out, with 200":         {200, `{"error":{"message":"You are not currently logged in."}}`, false},
		"no such endpoint":             {404, `{"error":{"message":"no"}}`, true},
		"no rights":                    {403, `{"error":{"message":"You do not have sufficient access"}}`, true},
		"a gateway's rights":           {403, `{"error_code":"403003","message":"Api Key is invalid"}`, true},
		"in trouble":                   {500, `<html>`, true},
		"a redirect, as to sign in":    {302, ``, true},
		"a page in place of an answer": {200, `<html>`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf, committed := newShelf(), 0
			l := imsLogin(shelf, served(func(r *http.Request) (*http.Response, error) {
				if strings.HasPrefix(r.URL.String(), adobe) {
					return response(200, `{"access_token":"`+canarySession+`","token_type":"bearer","expires_in":86399}`), nil
				}
				if r.Header.Get("Authorization") != "Bearer "+canarySession || r.Header.Get("x-gw-ims-org-id") != canaryOrg || r.Header.Get("sessionID") != "" {
					t.Errorf("%s with %v", r.URL, r.Header)
				}
				return response(c.status, c.body), nil
			}))
			l.Commit = func(auth.Info) error { committed++; return nil }
			_, err := l.RunMinted(t.Context(), l.App.ClientCredentials)
			if c.takes != (err == nil) || c.takes != (shelf.bytes() != nil) || c.takes != (committed == 1) {
				t.Errorf("%v, %d commits, stored %s", err, committed, shelf.bytes())
			}
			if err == nil {
				return
			}
			oneLine(t, err)
			refused, ok := errors.AsType[*auth.NotCompletedError](err)
			if !ok || refused.Refused == nil || strings.Contains(strings.ToLower(err.Error()), "canary") || !strings.Contains(err.Error(), "Workfront does not accept Adobe's token") {
				t.Errorf("%v", err)
			}
		})
	}
}

// What Adobe says no with, in each of its shapes, is exit 4 and its own words; a server in trouble is not. Nothing of it is in a message,
// and what is stored stays.
func TestCredentialThatAdobeRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		body    string
		refused string // empty: a fault
	}{
		"a wrong secret":        {400, `{"error":"invalid_client","error_description":"invalid client_secret parameter"}`, "invalid_client: invalid client_secret parameter (status 400)"},
		"the same with 401":     {401, `{"error":"invalid_client"}`, "invalid_client (status 401)"},
		"a scope":               {400, `{"error_description":"The metascopes are not a subset of the metascopes in the binding.","error":"invalid_scope"}`, "invalid_scope: The metascopes are"},
		"a gateway":             {403, `{"error_code":"403003","message":"Api Key is invalid"}`, "403003: Api Key is invalid"},
		"in a 200":              {200, `{"error":"invalid_client"}`, "invalid_client"},
		"what was sent":         {400, `{"error":"invalid_client","error_description":"` + canarySecret + ` of ` + url.QueryEscape(canarySecret) + `"}`, "***"},
		"internal error":        {500, `{"error":"internal_error","error_description":"Please try again later"}`, ""},
		"a page":                {403, `<html><title>Access denied</title>`, ""},
		"no such path":          {404, `{"error":"not_found"}`, ""},
		"no token":              {200, `{"token_type":"bearer"}`, ""},
		"a redirect":            {307, ``, ""},
		"a redirect, see other": {303, ``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := served(func(r *http.Request) (*http.Response, error) {
				if asked++; !strings.HasPrefix(r.URL.String(), adobe+"/ims/token/v3") {
					t.Errorf("asked %s", r.URL)
				}
				resp := response(c.status, c.body)
				resp.Header.Set("Location", adobe+"/elsewhere")
				return resp, nil
			})
			shelf := newShelf()
			shelf.put(t, *imsItem(func(i *stored) { i.ExpiresAt = noon.Add(-time.Minute) }))
			before := string(shelf.bytes())
			_, renewing := imsSession(shelf, server, nil).Header(t.Context())
			l := imsLogin(newShelf(), server)
			_, login := l.RunMinted(t.Context(), l.App.ClientCredentials)
			for what, err := range map[string]error{"renewal": renewing, "login": login} {
				if err == nil || !strings.Contains(err.Error(), c.refused) || strings.Contains(strings.ToLower(err.Error()), "canary") || strings.Contains(err.Error(), url.QueryEscape(canarySecret)) {
					t.Errorf("%s: %v", what, err)
					continue
				}
				oneLine(t, err)
				_, ended := errors.AsType[*auth.NotCompletedError](err)
				if exit4 := isLogin(err) || ended; exit4 != (c.refused != "") {
					t.Errorf("%s: %T %v", what, err, err)
				}
				if c.refused == "" && !strings.Contains(err.Error(), adobe) || c.refused != "" && !strings.Contains(err.Error(), "Adobe refused the credential") {
					t.Errorf("%s does not say whose word it is: %v", what, err)
				}
			}
			if asked != 2 || string(shelf.bytes()) != before {
				t.Errorf("%d requests, stored %s", asked, shelf.bytes())
			}
		})
	}
}

// What was made by another service, for another client, for other scopes or by another flow counts as no session: nothing of it is sent
// anywhere.
func TestTokenOfAnother(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		item *stored
		app  func(*auth.Application)
	}{
		"another service":     {imsItem(func(*stored) {}), func(a *auth.Application) { a.IMS = "https://ims.example" }},
		"another client":      {imsItem(func(*stored) {}), func(a *auth.Application) { a.ID = "app2" }},
		"other scopes":        {imsItem(func(*stored) {}), func(a *auth.Application) { a.Scopes += ",profile" }},
		"another tenant":      {imsItem(func(*stored) {}), func(a *auth.Application) { a.Origin = "https://other.my.workfront.com" }},
		"a sessionID of code": {item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }), func(*auth.Application) {}},
		"a token for code":    {imsItem(func(*stored) {}), func(a *auth.Application) { a.Flow = auth.FlowCode }},
	} {
		shelf := newShelf()
		shelf.put(t, *c.item)
		server := served(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s: asked %s", name, r.URL)
			return response(500, ""), nil
		})
		s := imsSession(shelf, server, func(o *auth.SessionOptions) {
			c.app(&o.App)
			if o.App.Flow != auth.FlowIMS {
				o.Mint = nil
			}
		})
		if _, err := s.Header(t.Context()); !isLogin(err) {
			t.Errorf("%s: %v", name, err)
		}
		if end, err := s.Ending(t.Context()); end != nil || err != nil {
			t.Errorf("%s: something is to be ended, %v", name, err)
		}
	}
	// Another organisation is only another header.
	shelf := newShelf()
	shelf.put(t, *imsItem(func(*stored) {}))
	h, err := imsSession(shelf, served(nil), func(o *auth.SessionOptions) { o.App.Org = "other@AdobeOrg" }).Header(t.Context())
	if err != nil || h.Get("x-gw-ims-org-id") != "other@AdobeOrg" {
		t.Errorf("%v, %v", h, err)
	}
}

// A login again takes the secret that is stored, also for other scopes; a secret of one server's is given to no other.
func TestSecretStaysWithItsServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		item *stored
		app  func(*auth.Application)
		want string
	}{
		"the same":           {imsItem(func(*stored) {}), func(*auth.Application) {}, canarySecret},
		"other scopes":       {imsItem(func(*stored) {}), func(a *auth.Application) { a.Scopes = "openid" }, canarySecret},
		"another service":    {imsItem(func(*stored) {}), func(a *auth.Application) { a.IMS = "https://ims.example" }, ""},
		"another client":     {imsItem(func(*stored) {}), func(a *auth.Application) { a.ID = "app2" }, ""},
		"Workfront's secret": {item(func(*stored) {}), func(*auth.Application) {}, ""},
		"Adobe's secret":     {imsItem(func(*stored) {}), func(a *auth.Application) { a.Flow = auth.FlowCode }, ""},
	} {
		shelf := newShelf()
		shelf.put(t, *c.item)
		app := imsApp()
		c.app(&app)
		if got, err := auth.StoredSecret(t.Context(), shelf, app); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// What can be ended at Adobe is asked to be; whatever the answer, it is one line that shows no secret.
func TestRevokeAtAdobe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		item   *stored
		status int
		body   string
		asked  int
		says   string
	}{
		"done":                             {imsItem(func(*stored) {}), 200, "", 1, ""},
		"not for this kind":                {imsItem(func(*stored) {}), 400, `{"error":"unsupported_token_type"}`, 1, "unsupported_token_type"},
		"no such endpoint":                 {imsItem(func(*stored) {}), 404, `<html>`, 1, "404"},
		"what was sent":                    {imsItem(func(*stored) {}), 400, `{"error":"x","error_description":"` + canarySession + " " + canarySecret + `"}`, 1, "***"},
		"a redirect":                       {imsItem(func(*stored) {}), 302, "", 1, "redirect"},
		"it has ended already":             {imsItem(func(i *stored) { i.ExpiresAt = noon.Add(-time.Second) }), 500, "", 0, ""},
		"ended, by a clock that was ahead": {imsItem(func(i *stored) { i.ObtainedAt = noon.Add(time.Hour); i.ExpiresAt = noon.Add(-time.Second) }), 200, "", 1, ""},
		"no end is stated":                 {imsItem(func(i *stored) { i.ExpiresAt = time.Time{} }), 200, "", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			shelf.put(t, *c.item)
			asked := 0
			server := served(func(r *http.Request) (*http.Response, error) {
				asked++
				got := form(t, r)
				want := url.Values{"client_id": {"app1"}, "client_secret": {canarySecret}, "token": {canarySession}}
				if r.Method != http.MethodPost || r.URL.String() != adobe+"/ims/revoke" || got.Encode() != want.Encode() {
					t.Errorf("%s %s %v", r.Method, r.URL, got)
				}
				resp := response(c.status, c.body)
				resp.Header.Set("Location", "https://evil.example/")
				return resp, nil
			})
			err := ended(t, imsSession(shelf, server, nil))
			if (err == nil) != (c.says == "") || asked != c.asked {
				t.Fatalf("%v after %d requests", err, asked)
			}
			if err != nil {
				oneLine(t, err)
				if !strings.Contains(err.Error(), c.says) || strings.Contains(strings.ToLower(err.Error()), "canary") || strings.Contains(err.Error(), canarySession) {
					t.Error(err)
				}
			}
		})
	}
}

// A token that dies before its time is renewed once, and one that Workfront does not take is not asked for over and over.
func TestTokenThatIsRefusedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shelf, minted := newShelf(), 0
		shelf.put(t, *imsItem(func(*stored) {}))
		server := served(func(r *http.Request) (*http.Response, error) {
			if strings.HasPrefix(r.URL.String(), adobe) {
				minted++
				return response(200, `{"access_token":"new","expires_in":86399}`), nil
			}
			return response(401, `{"error":{"message":"Org Id `+canaryOrg+` is not in the list of user org Ids"}}`), nil
		})
		state, _, err := imsSession(shelf, server, nil).Check(t.Context())
		if state != auth.StateRefused || !isLogin(err) || minted != 1 || !strings.Contains(err.Error(), "Org Id *** is not in the list") {
			t.Errorf("%s, %v, %d tokens", state, err, minted)
		}
	})
}
