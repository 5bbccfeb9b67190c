package auth_test

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/emulator"
)

// emulated is a tenant that listens, and the application of one kind that is registered there.
type emulated struct {
	*emulator.Tenant
	client emulator.Client
	origin string
}

func emulate(t *testing.T, kind string, o emulator.Options) *emulated {
	t.Helper()
	o.Projects = 1
	e := &emulated{Tenant: emulator.New(o)}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.origin = server.URL
	e.SetOrigin(server.URL)
	for _, c := range e.Clients() {
		if c.Type == kind {
			e.client = c
		}
	}
	return e
}

func (e *emulated) app() auth.Application {
	flow := map[string]string{emulator.WebApplication: auth.FlowCode, emulator.SinglePage: auth.FlowPKCE, emulator.MachineToMachine: auth.FlowJWT, emulator.ServerToServer: auth.FlowIMS}[e.client.Type]
	app := auth.Application{Origin: e.origin, Flow: flow, ID: e.client.ID, Secret: e.client.Secret}
	if flow == auth.FlowIMS {
		app.IMS, app.Scopes, app.Org = e.origin, strings.Join(e.client.Scopes, ","), e.client.Org
	}
	return app
}

func (e *emulated) begin(t *testing.T, change func(*auth.Login)) *attempt {
	t.Helper()
	return begin(t, &tenant{Server: &httptest.Server{URL: e.origin}}, func(l *auth.Login) {
		l.App = e.app()
		for _, uri := range l.RedirectURIs {
			e.RegisterRedirect(uri)
		}
		if change != nil {
			change(l)
		}
	})
}

func (e *emulated) session(store auth.Store, change func(*auth.SessionOptions)) *auth.Session {
	return session(store, auth.WithoutReuse(&http.Transport{}), func(o *auth.SessionOptions) {
		o.App = e.app()
		if change != nil {
			change(o)
		}
	})
}

// sign signs the first user in on the authorize page and presses the button, and returns the page at the end.
func (e *emulated) sign(t *testing.T, a *attempt, button string) (status int, page string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	show := func(resp *http.Response, err error) *http.Response {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		page = string(body)
		return resp
	}
	hidden := regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`)
	resp := show(client.Get(a.authorize.String()))
	user := e.Users()[0]
	for _, fields := range []url.Values{{"username": {user.Username}, "password": {user.Password}}, {button: {"1"}}} {
		for _, field := range hidden.FindAllStringSubmatch(page, -1) {
			fields.Set(field[1], html.UnescapeString(field[2]))
		}
		resp = show(client.PostForm(resp.Request.URL.String(), fields))
	}
	return resp.StatusCode, page
}

// A whole life of a session: logged in, refreshed when it ends, renewed when it is refused, ended.
func TestLifeOfASession(t *testing.T) {
	t.Parallel()
	zero, unstated := 0, -1
	tests := map[string]struct {
		kind    string
		options emulator.Options
	}{
		"code":                       {emulator.WebApplication, emulator.Options{}},
		"code, rotation":             {emulator.WebApplication, emulator.Options{Rotate: true, EndSessionsOnRefresh: true}},
		"pkce, rotation":             {emulator.SinglePage, emulator.Options{Rotate: true, StandardErrors: true, SendIssuer: true}},
		"pkce, nothing stated":       {emulator.SinglePage, emulator.Options{ExpiresIn: &unstated}},
		"code, rotation, expires: 0": {emulator.WebApplication, emulator.Options{Rotate: true, ExpiresIn: &zero}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := emulate(t, test.kind, test.options)
			a := e.begin(t, nil)
			status, page := e.sign(t, a, "allow")
			info, err := a.wait()
			if err != nil || status != http.StatusOK || !strings.Contains(page, "You are logged in") {
				t.Fatalf("%v, page %d:\n%s", err, status, page)
			}
			if !strings.Contains(info.User, e.Users()[0].Name) || info.ExpiresAt.IsZero() != (test.options.ExpiresIn != nil) {
				t.Errorf("%+v", info)
			}

			s := e.session(a.store, nil)
			if id, err := idOf(s.Header(t.Context())); err != nil || id != info.SessionID {
				t.Errorf("%q, %v", id, err)
			}
			if state, _, err := s.Check(t.Context()); state != auth.StateValid || err != nil {
				t.Errorf("%s, %v", state, err)
			}
			e.ExpireSessions()
			if state, _, err := s.Check(t.Context()); state != auth.StateValid || err != nil {
				t.Errorf("after the sessions have ended: %s, %v", state, err)
			}
			forced := e.session(a.store, func(o *auth.SessionOptions) { o.Force = true })
			id, err := idOf(forced.Header(t.Context()))
			if err != nil || id == info.SessionID {
				t.Errorf("forced: %q, %v", id, err)
			}
			later := e.session(a.store, func(o *auth.SessionOptions) { o.Now = func() time.Time { return time.Now().Add(24 * time.Hour) } })
			if _, err := idOf(later.Header(t.Context())); err != nil {
				t.Errorf("a day later: %v", err)
			}
			if n := e.Counts(); n.Reused != 0 || n.Code != 1 || n.Refresh < 2 || n.Granted != n.Code+n.Refresh {
				t.Errorf("requests: %+v", n)
			}
			if err := ended(t, e.session(a.store, nil)); err != nil {
				t.Errorf("logout: %v", err)
			}
			if state, _, err := e.session(a.store, nil).Check(t.Context()); state != auth.StateRefused {
				t.Errorf("after the logout: %s, %v", state, err)
			}
		})
	}
}

func TestLoginsThatWorkfrontEnds(t *testing.T) {
	t.Parallel()
	t.Run("denied by the person", func(t *testing.T) {
		t.Parallel()
		e := emulate(t, emulator.WebApplication, emulator.Options{})
		a := e.begin(t, nil)
		status, page := e.sign(t, a, "deny")
		_, err := a.wait()
		if _, ok := errors.AsType[*auth.NotCompletedError](err); !ok || status != http.StatusForbidden || !strings.Contains(page, "not completed") {
			t.Errorf("%v, page %d", err, status)
		}
	})
	t.Run("a secret that is wrong", func(t *testing.T) {
		t.Parallel()
		e := emulate(t, emulator.WebApplication, emulator.Options{})
		a := e.begin(t, func(l *auth.Login) { l.App.Secret = canarySecret })
		e.sign(t, a, "allow")
		_, err := a.wait()
		if _, ok := errors.AsType[*auth.NotCompletedError](err); !ok {
			t.Errorf("%v", err)
		}
		a.silent("the error", err.Error())
	})
	t.Run("a state that never comes back", func(t *testing.T) {
		t.Parallel()
		e := emulate(t, emulator.SinglePage, emulator.Options{OmitState: true})
		a := e.begin(t, func(l *auth.Login) { l.AllowMissingState = true })
		if _, page := e.sign(t, a, "allow"); !strings.Contains(page, "You are logged in") {
			t.Errorf("page:\n%s", page)
		}
		if _, err := a.wait(); err != nil {
			t.Error(err)
		}
	})
	t.Run("everything revoked later", func(t *testing.T) {
		t.Parallel()
		e := emulate(t, emulator.WebApplication, emulator.Options{Rotate: true})
		a := e.begin(t, nil)
		e.sign(t, a, "allow")
		if _, err := a.wait(); err != nil {
			t.Fatal(err)
		}
		before := string(a.store.bytes())
		e.RevokeAll()
		if state, _, err := e.session(a.store, nil).Check(t.Context()); state != auth.StateRefused {
			t.Errorf("%s, %v", state, err)
		}
		if string(a.store.bytes()) != before {
			t.Error("what is stored has changed")
		}
	})
}

// A login that fails leaves an earlier session as it was; one that succeeds goes on with its numbering.
func TestLoginOverAnEarlierSession(t *testing.T) {
	t.Parallel()
	earlier := *item(func(i *stored) { i.Serial = 41 })
	place := func(l *auth.Login) {
		shelf := newShelf()
		shelf.put(t, earlier)
		l.Store = shelf
	}
	e := emulate(t, emulator.WebApplication, emulator.Options{})
	var shelves []*shelf
	keep := func(l *auth.Login) { place(l); shelves = append(shelves, l.Store.(*shelf)) }
	a := e.begin(t, keep)
	e.sign(t, a, "deny")
	a.wait()
	if got := shelves[0].item(t); got != earlier {
		t.Errorf("after a denied login: %+v", got)
	}
	committed := errors.New("config.yaml is read-only")
	a = e.begin(t, func(l *auth.Login) { keep(l); l.Commit = func(auth.Info) error { return committed } })
	if status, page := e.sign(t, a, "allow"); status != http.StatusBadGateway {
		t.Errorf("the settings could not be written: page %d:\n%s", status, page)
	}
	if _, err := a.wait(); !errors.Is(err, committed) {
		t.Errorf("error %v", err)
	}
	a = e.begin(t, keep)
	e.sign(t, a, "allow")
	if _, err := a.wait(); err != nil {
		t.Fatal(err)
	}
	if got := shelves[2].item(t); got.Serial != 42 || got.RefreshToken == earlier.RefreshToken || got.Origin != e.origin {
		t.Errorf("after a login: %+v", got)
	}
}
