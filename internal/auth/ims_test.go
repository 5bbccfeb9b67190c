package auth_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/emulator"
)

const (
	adobe     = "https://ims-na1.adobelogin.com"
	canaryOrg = "CANARY-organisation@AdobeOrg"
)

func imsApp() auth.Application {
	return auth.Application{
		Origin: origin, Flow: auth.FlowIMS, ID: "app1", Secret: canarySecret, IMS: adobe, Scopes: "openid,AdobeID", Org: canaryOrg,
	}
}

// imsItem is what an earlier command has left of such a login: an access token, and no refresh token.
func imsItem(change func(*stored)) *stored {
	return item(func(i *stored) {
		i.SessionID, i.RefreshToken, i.RedirectURI, i.IMS, i.Scopes = canarySession, "", "", adobe, "openid,AdobeID"
		i.ExpiresAt = noon.Add(time.Hour)
		change(i)
	})
}

func imsSession(s auth.Store, server http.RoundTripper, change func(*auth.SessionOptions)) *auth.Session {
	return session(s, server, func(o *auth.SessionOptions) {
		o.App = imsApp()
		o.App.Secret = "" // of a profile it lies in the store
		o.Mint = o.App.ClientCredentials
		o.Now = func() time.Time { return noon }
		if change != nil {
			change(o)
		}
	})
}

func imsLogin(s auth.Store, server http.RoundTripper) *auth.Login {
	return &auth.Login{App: imsApp(), APIVersion: "v22.0", Store: s, Transport: server, Now: func() time.Time { return noon }}
}

// bearerOf is the access token of what a request carries.
func bearerOf(h http.Header, err error) (string, error) {
	token, _ := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	return token, err
}

// A token's whole life: asked for at a login, anew when it ends and when it is refused, revoked.
func TestLifeOfAnAccessToken(t *testing.T) {
	t.Parallel()
	e := emulate(t, emulator.ServerToServer, emulator.Options{})
	shelf, committed := newShelf(), 0
	l := &auth.Login{
		App: e.app(), APIVersion: "v22.0", Store: shelf, Transport: auth.WithoutReuse(&http.Transport{}),
		Commit: func(auth.Info) error { committed++; return nil },
	}
	info, err := l.RunMinted(t.Context(), l.App.ClientCredentials)
	if err != nil || committed != 1 || !info.Renewable || !strings.Contains(info.User, "@") {
		t.Fatalf("%+v, %v, %d commits", info, err, committed)
	}
	if got := shelf.item(t); got.SessionID != info.SessionID || got.ClientSecret != e.client.Secret || got.RefreshToken != "" || got.IMS != e.origin ||
		got.Scopes != strings.Join(e.client.Scopes, ",") || !got.ExpiresAt.Equal(info.ExpiresAt) || got.ExpiresAt.Sub(got.ObtainedAt) != 86399*time.Second {
		t.Errorf("stored %+v", got)
	}
	if got := info.Headers; len(got) != 2 || got["Authorization"] != "Bearer "+info.SessionID || got["x-gw-ims-org-id"] != e.client.Org {
		t.Errorf("headers %v", got)
	}
	open := func(change func(*auth.SessionOptions)) *auth.Session {
		return e.session(shelf, func(o *auth.SessionOptions) {
			o.App.Secret = ""
			o.Mint = o.App.ClientCredentials
			if change != nil {
				change(o)
			}
		})
	}
	if state, info, err := open(nil).Check(t.Context()); state != auth.StateValid || err != nil || !info.Renewable {
		t.Errorf("%s, %v", state, err)
	}
	h, err := open(nil).Header(t.Context())
	if err != nil || len(h) != 2 || h.Get("Authorization") != "Bearer "+info.SessionID || h.Get("x-gw-ims-org-id") != e.client.Org {
		t.Errorf("%v, %v", h, err)
	}
	e.ExpireSessions()
	next, err := bearerOf(open(nil).Renew(t.Context(), h))
	if err != nil || next == "" || next == info.SessionID || shelf.item(t).SessionID != next || shelf.item(t).Serial != 2 {
		t.Errorf("renewed: %v, stored %+v", err, shelf.item(t))
	}
	tomorrow := func(o *auth.SessionOptions) { o.Now = func() time.Time { return time.Now().Add(24 * time.Hour) } }
	if state, _, err := open(tomorrow).Peek(t.Context()); state != auth.StateExpired || err != nil {
		t.Errorf("a day later: %s, %v", state, err)
	}
	if token, err := bearerOf(open(tomorrow).Header(t.Context())); err != nil || token == next {
		t.Errorf("a day later: %v", err)
	}
	if n := e.Counts(); n.IMS != 3 || n.Granted != 3 || n.JWT+n.Refresh+n.Code != 0 {
		t.Errorf("requests: %+v", n)
	}
	end, err := open(nil).Ending(t.Context())
	if err != nil || !strings.Contains(end.What, e.origin) || !strings.Contains(end.LivesOn, "at Adobe until 20") {
		t.Fatalf("%+v, %v", end, err)
	}
	last := shelf.item(t).SessionID
	if err := end.End(t.Context()); err != nil || e.Counts().Revoked != 1 {
		t.Errorf("logout: %v, %+v", err, e.Counts())
	}
	if token, err := bearerOf(open(nil).Renew(t.Context(), http.Header{"Authorization": {"Bearer " + last}})); err != nil || token == last {
		t.Errorf("after another's logout: %v", err)
	}

	// In CI there is nothing but the environment: no item, no login before. After a logout of a profile there is no secret.
	empty := newShelf()
	if token, err := bearerOf(e.session(empty, func(o *auth.SessionOptions) { o.Mint = o.App.ClientCredentials }).Header(t.Context())); err != nil || token == "" || empty.item(t).IMS != e.origin {
		t.Errorf("%v, stored %+v", err, empty.item(t))
	}
	shelf.clear()
	if _, err = open(nil).Header(t.Context()); !isLogin(err) {
		t.Errorf("after a logout: %v", err)
	}
}

func isLogin(err error) bool {
	_, ok := errors.AsType[*auth.LoginRequiredError](err)
	return ok
}

// What is asked for, and how: a form of four members to Adobe alone, in the body, with commas between the scopes.
func TestWhatAdobeIsAsked(t *testing.T) {
	t.Parallel()
	asked := 0
	l := imsLogin(newShelf(), served(func(r *http.Request) (*http.Response, error) {
		if asked++; asked > 1 {
			return response(404, ""), nil
		}
		got := form(t, r)
		want := url.Values{"client_id": {"app1"}, "client_secret": {canarySecret}, "grant_type": {"client_credentials"}, "scope": {"openid,AdobeID"}}
		if r.Method != http.MethodPost || r.URL.String() != adobe+"/ims/token/v3" || got.Encode() != want.Encode() || r.Header.Get("Authorization") != "" ||
			r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("%s %s %v %v", r.Method, r.URL, got, r.Header)
		}
		return response(200, `{"access_token":"t","expires_in":86399}`), nil
	}))
	if _, err := l.RunMinted(t.Context(), l.App.ClientCredentials); err != nil {
		t.Error(err)
	}
}

// An empty organisation counts as none: its header is not sent at all, for an empty one is refused.
func TestNoOrganisation(t *testing.T) {
	t.Parallel()
	shelf := newShelf()
	shelf.put(t, *imsItem(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(-time.Hour), time.Time{} }))
	server := served(func(r *http.Request) (*http.Response, error) {
		if _, sent := r.Header["X-Gw-Ims-Org-Id"]; sent || r.Header.Get("Authorization") != "Bearer "+canarySession {
			t.Errorf("%s with %v", r.URL, r.Header)
		}
		return response(200, `{"data":{}}`), nil
	})
	s := imsSession(shelf, server, func(o *auth.SessionOptions) { o.App.Org = "" })
	info, err := s.Current(t.Context())
	if err != nil || len(info.Headers) != 1 || info.Headers["Authorization"] != "Bearer "+canarySession {
		t.Errorf("%v, %v", info.Headers, err)
	}
}

// Adobe states seconds, and milliseconds in some of its answers.
func TestLifeInMilliseconds(t *testing.T) {
	t.Parallel()
	for stated, want := range map[string]time.Duration{
		"86399": 86399 * time.Second, "3600": time.Hour, "604800": 7 * 24 * time.Hour, "86399985": 86399985 * time.Millisecond, `"86399985"`: 86399985 * time.Millisecond,
		"3600000": time.Hour, "0": 0, "null": 0, "86400000000": 0,
	} {
		shelf := newShelf()
		shelf.put(t, *imsItem(func(i *stored) { i.ExpiresAt = noon.Add(-time.Minute) }))
		server := served(func(*http.Request) (*http.Response, error) {
			return response(200, `{"access_token":"new","token_type":"bearer","expires_in":`+stated+`}`), nil
		})
		info, err := imsSession(shelf, server, nil).Current(t.Context())
		got := time.Duration(0)
		if !info.ExpiresAt.IsZero() {
			got = info.ExpiresAt.Sub(noon)
		}
		if err != nil || got != want {
			t.Errorf("expires_in %s: %v, %v", stated, got, err)
		}
	}
}

// A clock that was ahead when the token came is not believed about its end: the server is asked once, with what every request carries.
func TestTokenOfAClockAhead(t *testing.T) {
	t.Parallel()
	for _, accepts := range []bool{true, false} {
		shelf := newShelf()
		shelf.put(t, *imsItem(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(48*time.Hour), noon.Add(72*time.Hour) }))
		var asked []string
		server := served(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.Path)
			switch {
			case strings.HasPrefix(r.URL.String(), adobe):
				return response(200, `{"access_token":"new","expires_in":86399}`), nil
			case r.Header.Get("Authorization") != "Bearer "+canarySession || r.Header.Get("x-gw-ims-org-id") != canaryOrg:
				t.Errorf("%v", r.Header)
			case accepts:
				return response(200, `{"data":{}}`), nil
			}
			return response(401, `{"error_code":"401013","message":"Oauth token is not valid"}`), nil
		})
		want, requests := canarySession, 1
		if !accepts {
			want, requests = "new", 2
		}
		for range 2 {
			if token, err := bearerOf(imsSession(shelf, server, nil).Header(t.Context())); err != nil || token != want {
				t.Errorf("%q, %v", token, err)
			}
		}
		if len(asked) != requests {
			t.Errorf("asked %q", asked)
		}
	}
}
