package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// workfront is a server that refreshes and judges sessions as told, and keeps the order of what was asked.
type workfront struct {
	asked   []string
	accepts bool   // /session's word
	session string // instead of accepts: a body with 200
	token   func(*http.Request) (*http.Response, error)
	unplug  error // for every request
}

func (w *workfront) RoundTrip(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
	switch {
	case w.unplug != nil:
		return nil, w.unplug
	case strings.HasSuffix(r.URL.Path, "/token") && w.token != nil:
		return w.token(r)
	case strings.HasSuffix(r.URL.Path, "/token"):
		return response(200, `{"access_token":"new-session","refresh_token":"new-refresh","expires_in":3600}`), nil
	case r.URL.String() != origin+"/attask/api/v22.0/session" || r.Header.Get("sessionID") == "":
		return response(404, `{"error":{"message":"no such thing"}}`), nil
	case w.session != "":
		return response(200, w.session), nil
	case w.accepts:
		return response(200, `{"data":{"userID":"u1"}}`), nil
	}
	return response(401, `{"error":{"message":"You are not currently logged in."}}`), nil
}

var noon = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)

func item(change func(*stored)) *stored {
	i := stored{
		Origin: origin, ClientID: "app1", ClientSecret: canarySecret, RedirectURI: "http://127.0.0.1:8765/callback",
		SessionID: "old-session", RefreshToken: "old-refresh", ObtainedAt: noon.Add(-2 * time.Hour), Serial: 3, User: "Ann",
	}
	change(&i)
	return &i
}

// A server that has no /session, or that has rights of its own for it, does not keep anyone out: a refresh does as well.
func TestSessionThatNobodyJudges(t *testing.T) {
	t.Parallel()
	for status, mute := range map[int]bool{
		301: true, 302: true, 400: true, 403: true, 404: true, 405: true, 406: true, 410: true, 451: true,
		408: false, 429: false, 500: false, 502: false, 503: false,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &workfront{}
				judge := served(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.URL.Path, "/session") {
						return response(status, `{"error":{"message":"You do not have the rights."}}`), nil
					}
					return server.RoundTrip(r)
				})
				with := func(refresh string) (*auth.Session, *shelf) {
					shelf := newShelf()
					shelf.put(t, *item(func(i *stored) { i.ObtainedAt, i.RefreshToken = time.Now().Add(-time.Hour), refresh }))
					return session(shelf, judge, nil), shelf
				}
				s, shelf := with("old-refresh")
				id, err := idOf(s.Header(t.Context()))
				if mute && (err != nil || id != "new-session") || !mute && (err == nil || shelf.saved() != 0) {
					t.Errorf("%q, %v", id, err)
				}
				s, shelf = with("")
				if id, err = idOf(s.Header(t.Context())); err == nil {
					id, err = idOf(s.Header(t.Context()))
				}
				if mute && (err != nil || id != "old-session") || !mute && err == nil || shelf.saved() != 0 {
					t.Errorf("without a refresh token: %q, %v, %d writes", id, err, shelf.saved())
				}
				s, _ = with("old-refresh")
				want := auth.StateUnreachable
				if mute {
					want = auth.StateUnknown
				}
				if state, _, err := s.Check(t.Context()); state != want || mute && err != nil {
					t.Errorf("%s, %v", state, err)
				}
			})
		})
	}
}

// What was asked about because of a clock that was ahead is not asked about each time.
func TestClockAheadIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	shelf, server := newShelf(), &workfront{accepts: true}
	shelf.put(t, *item(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(24*time.Hour), noon.Add(25*time.Hour) }))
	at := noon
	open := func() *auth.Session {
		return session(shelf, server, func(o *auth.SessionOptions) { o.Now = func() time.Time { return at } })
	}
	if state, _, _ := open().Peek(t.Context()); state != auth.StateUnknown {
		t.Errorf("before it is asked: %s", state)
	}
	for range 3 {
		if id, err := idOf(open().Header(t.Context())); err != nil || id != "old-session" {
			t.Errorf("%q, %v", id, err)
		}
	}
	got := shelf.item(t)
	if len(server.asked) != 1 || !got.ObtainedAt.Equal(noon) || !got.ExpiresAt.IsZero() || got.Serial != 3 {
		t.Errorf("asked %v, stored %+v", server.asked, got)
	}
	at = noon.Add(31 * time.Minute) // and then as any other with no stated end
	if _, err := idOf(open().Header(t.Context())); err != nil || len(server.asked) != 2 {
		t.Errorf("asked %v, %v", server.asked, err)
	}
}

// When a session is taken as it is, asked about, refreshed or given up.
func TestWhatASessionNeeds(t *testing.T) {
	t.Parallel()
	const login = "login" // in place of a session: only a login helps
	after := func(d time.Duration) func(*stored) { return func(i *stored) { i.ExpiresAt = noon.Add(d) } }
	lasting := func(d time.Duration) func(*stored) {
		return func(i *stored) { i.ExpiresAt, i.RefreshToken = noon.Add(d), "" }
	}
	used := func(obtained, accepted time.Duration) func(*stored) {
		return func(i *stored) {
			i.ObtainedAt = noon.Add(-obtained)
			if accepted != 0 {
				i.AcceptedAt = noon.Add(-accepted)
			}
		}
	}
	tests := map[string]struct {
		item    *stored
		force   bool
		accepts bool
		answer  string // /session's
		asked   string
		want    string
	}{
		"nothing stored":                        {nil, false, false, "", "", login},
		"an hour left":                          {item(after(time.Hour)), false, false, "", "", "old-session"},
		"just over the minimum":                 {item(after(2*time.Minute + time.Second)), false, false, "", "", "old-session"},
		"the minimum":                           {item(after(2 * time.Minute)), false, false, "", "token", "new-session"},
		"a minute left":                         {item(after(time.Minute)), false, false, "", "token", "new-session"},
		"expired":                               {item(after(-time.Minute)), false, false, "", "token", "new-session"},
		"expired, which /session would not say": {item(after(-time.Minute)), false, true, "", "token", "new-session"},
		"a minute left, no refresh token":       {item(lasting(time.Minute)), false, false, "", "", "old-session"},
		"expired, no refresh token":             {item(lasting(-time.Minute)), false, false, "", "", login},
		"no stated life, young":                 {item(used(29*time.Minute, 0)), false, false, "", "", "old-session"},
		"no stated life, lately accepted":       {item(used(9*time.Hour, 29*time.Minute)), false, false, "", "", "old-session"},
		"no stated life, old, accepted":         {item(used(30*time.Minute, 0)), false, true, "", "session", "old-session"},
		"no stated life, old, refused":          {item(used(30*time.Minute, 0)), false, false, "", "session token", "new-session"},
		"no stated life, accepted long ago":     {item(used(9*time.Hour, 31*time.Minute)), false, true, "", "session", "old-session"},
		"no stated life, an error with 200":     {item(used(9*time.Hour, 0)), false, true, `{"error":{"message":"Invalid session ID."}}`, "session token", "new-session"},
		"no stated life, old, nothing else":     {item(func(i *stored) { i.RefreshToken = "" }), false, false, "", "session", login},
		"no stated life, old, but accepted":     {item(func(i *stored) { i.RefreshToken = "" }), false, true, "", "session", "old-session"},
		"clock set back by minutes":             {item(used(-10*time.Minute, 0)), false, false, "", "", "old-session"},
		"clock set back by hours":               {item(used(-10*time.Hour, 0)), false, true, "", "session", "old-session"},
		"clock set back since the acceptance":   {item(used(2*time.Hour, -10*time.Hour)), false, true, "", "session", "old-session"},
		"obtained by a clock ahead, accepted":   {item(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(24*time.Hour), noon.Add(25*time.Hour) }), false, true, "", "session", "old-session"},
		"obtained by a clock ahead, refused":    {item(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(24*time.Hour), noon.Add(25*time.Hour) }), false, false, "", "session token", "new-session"},
		"a clock ahead by nothing":              {item(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(10*time.Second), noon.Add(time.Hour) }), false, false, "", "", "old-session"},
		"a clock ahead by little":               {item(func(i *stored) { i.ObtainedAt, i.ExpiresAt = noon.Add(11*time.Second), noon.Add(time.Hour) }), false, true, "", "session", "old-session"},
		"force":                                 {item(after(time.Hour)), true, true, "", "token", "new-session"},
		"force, no stated life":                 {item(used(time.Minute, 0)), true, true, "", "token", "new-session"},
		"force, nothing to refresh with":        {item(lasting(time.Hour)), true, true, "", "", login},
		"another tenant's":                      {item(func(i *stored) { i.Origin = "https://other.my.workfront.com"; i.ExpiresAt = noon.Add(time.Hour) }), false, true, "", "", login},
		"this tenant's, by another scheme":      {item(func(i *stored) { i.Origin = "http://acme.my.workfront.com"; i.ExpiresAt = noon.Add(time.Hour) }), false, true, "", "", login},
		"another application's":                 {item(func(i *stored) { i.ClientID = "app2"; i.ExpiresAt = noon.Add(time.Hour) }), false, true, "", "", login},
		"an item without a session":             {item(func(i *stored) { i.SessionID = "" }), false, true, "", "", login},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf, server := newShelf(), &workfront{accepts: test.accepts, session: test.answer}
			if test.item != nil {
				shelf.put(t, *test.item)
			}
			s := session(shelf, server, func(o *auth.SessionOptions) { o.Force, o.Now = test.force, func() time.Time { return noon } })
			info, err := s.Current(t.Context())
			got := info.SessionID
			if _, ok := errors.AsType[*auth.LoginRequiredError](err); ok {
				got = login
				oneLine(t, err)
			}
			if asked := strings.Join(server.asked, " "); got != test.want || asked != test.asked {
				t.Fatalf("%q after %q, want %q after %q (%v)", got, asked, test.want, test.asked, err)
			}
			switch {
			case test.want == login && test.item != nil && shelf.item(t) != *test.item:
				t.Errorf("what is stored has changed: %+v", shelf.item(t))
			case test.asked == "" && (shelf.saved() != 0 || test.want != login && shelf.locks != 0 && test.item.RefreshToken != ""):
				t.Errorf("reading locked %d times and wrote %d times", shelf.locks, shelf.saved())
			case test.asked == "session" && test.want != login && !shelf.item(t).AcceptedAt.Equal(noon):
				t.Errorf("the acceptance was not noted: %+v", shelf.item(t))
			case test.want == "new-session" && (shelf.item(t).RefreshToken != "new-refresh" || info.User != "Ann"):
				t.Errorf("stored %+v, %+v", shelf.item(t), info)
			}
			if test.want != login {
				asked := len(server.asked)
				if again, err := idOf(s.Header(t.Context())); err != nil || again != test.want || len(server.asked) != asked {
					t.Errorf("again: %q, %v, %q", again, err, server.asked)
				}
			}
		})
	}
}

// No fault of network, server or store changes what is stored, is taken for a refusal, or is called a success.
func TestFaultsLeaveTheSessionAlone(t *testing.T) {
	t.Parallel()
	old := func(i *stored) {}
	ended := func(i *stored) { i.ExpiresAt = noon.Add(-time.Hour) }
	reply := func(status int, body string) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) { return response(status, body), nil }
	}
	tests := map[string]struct {
		item   func(*stored)
		server workfront
		fault  string // of the store
	}{
		"refused connection":           {ended, workfront{unplug: syscall.ECONNREFUSED}, ""},
		"reset":                        {ended, workfront{unplug: syscall.ECONNRESET}, ""},
		"503":                          {ended, workfront{token: reply(503, "")}, ""},
		"a page":                       {ended, workfront{token: reply(200, "<html>")}, ""},
		"asking, refused connection":   {old, workfront{unplug: syscall.ECONNREFUSED}, ""},
		"asking, a page":               {old, workfront{session: "<html>sign in at the hotel</html>"}, ""},
		"asking, an empty answer":      {old, workfront{session: " "}, ""},
		"asking, an array":             {old, workfront{session: "[]"}, ""},
		"the store cannot be read":     {ended, workfront{}, "load"},
		"the store cannot be written":  {ended, workfront{}, "save"},
		"the store cannot be locked":   {ended, workfront{}, "lock"},
		"asking, store not to be read": {old, workfront{}, "load"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			shelf.put(t, *item(test.item))
			before := string(shelf.bytes())
			if test.fault != "" {
				shelf.fail(test.fault, errDisk)
			}
			s := session(shelf, &test.server, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
			id, err := idOf(s.Header(t.Context()))
			if err == nil || id != "" {
				t.Fatalf("%q, %v", id, err)
			}
			oneLine(t, err)
			if _, ok := errors.AsType[*auth.LoginRequiredError](err); ok || test.fault != "" && !errors.Is(err, errDisk) {
				t.Errorf("error %v", err)
			}
			if string(shelf.bytes()) != before {
				t.Errorf("stored %s", shelf.bytes())
			}
		})
	}
}

// The session that the server has just accepted is good, whether or not that can be noted.
func TestAcceptanceThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	shelf := newShelf()
	shelf.put(t, *item(func(*stored) {}))
	shelf.fail("save", errDisk)
	s := session(shelf, &workfront{accepts: true}, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
	if id, err := idOf(s.Header(t.Context())); err != nil || id != "old-session" {
		t.Errorf("%q, %v", id, err)
	}
}

func TestDamagedItemIsNamedAndKept(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"", "{", "null ", "[]", `"x"`, `{"session_id":5,"refresh_token":"` + canaryRefresh + `"}`, canaryRefresh, "\x00\xff"} {
		shelf := newShelf()
		shelf.payload = []byte(payload)
		_, err := session(shelf, &workfront{}, nil).Current(t.Context())
		_, damaged := errors.AsType[*auth.DamagedError](err)
		_, none := errors.AsType[*auth.LoginRequiredError](err)
		if !damaged && !(none && json.Valid([]byte(payload))) {
			t.Errorf("%q: %v", payload, err)
		}
		oneLine(t, err)
		if strings.Contains(err.Error(), "canary") || string(shelf.bytes()) != payload {
			t.Errorf("%q: %v, now %q", payload, err, shelf.bytes())
		}
	}
}

func TestStaticSessionIsNeverRenewed(t *testing.T) {
	t.Parallel()
	s := auth.Static{SessionID: "given"}
	if id, err := idOf(s.Header(context.Background())); id != "given" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	id, err := idOf(s.Renew(context.Background(), headerOf("given")))
	if _, ok := errors.AsType[*auth.LoginRequiredError](err); !ok || id != "" || strings.Contains(err.Error(), "given") {
		t.Errorf("%q, %v", id, err)
	}
}
