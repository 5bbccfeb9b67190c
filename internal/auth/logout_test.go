package auth_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// Logging out tells the server, refresh token first, and leaves the store to its owner; what did not work is said.
func TestEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		item           *stored
		revoke, logout int // statuses; 0: the connection breaks
		asked          string
		says           []string
	}{
		"both":                {item(func(*stored) {}), 200, 200, "revoke logout", nil},
		"no refresh token":    {item(func(i *stored) { i.RefreshToken = "" }), 500, 200, "logout", nil},
		"no such endpoint":    {item(func(*stored) {}), 404, 200, "revoke logout", []string{"revoke the refresh token", "404"}},
		"ended before":        {item(func(*stored) {}), 200, 401, "revoke logout", nil},
		"the logout fails":    {item(func(*stored) {}), 204, 503, "revoke logout", []string{"end the session", "503"}},
		"both fail":           {item(func(*stored) {}), 0, 0, "revoke logout", []string{"revoke the refresh token", "end the session", "reset"}},
		"a redirect":          {item(func(*stored) {}), 302, 302, "revoke logout", []string{"302"}},
		"nothing stored":      {nil, 500, 500, "", nil},
		"of another's tenant": {item(func(i *stored) { i.Origin = "https://other" }), 500, 500, "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			if test.item != nil {
				shelf.put(t, *test.item)
			}
			before := string(shelf.bytes())
			var asked []string
			server := served(func(r *http.Request) (*http.Response, error) {
				status, what := test.logout, "logout"
				body, _ := io.ReadAll(r.Body)
				switch r.Method + " " + r.URL.String() {
				case "POST " + origin + "/attask/api/v22.0/logout":
					if r.Header.Get("sessionID") != "old-session" || len(body) != 0 {
						t.Errorf("session %q, body %q", r.Header.Get("sessionID"), body)
					}
				case "POST " + origin + "/integrations/oauth2/api/v1/revoke":
					status, what = test.revoke, "revoke"
					var got map[string]string
					if err := json.Unmarshal(body, &got); err != nil || len(got) != 3 || got["client_id"] != "app1" ||
						got["refresh_token"] != "old-refresh" || got["redirect_uri"] != "http://127.0.0.1:8765/callback" {
						t.Errorf("body %s", body)
					}
				default:
					t.Errorf("%s %s", r.Method, r.URL)
				}
				asked = append(asked, what)
				if status == 0 {
					return nil, syscall.ECONNRESET
				}
				resp := response(status, `{"data":{"success":true}}`)
				resp.Header.Set("Location", "https://evil.example/")
				return resp, nil
			})
			err := ended(t, session(shelf, server, nil))
			if got := strings.Join(asked, " "); got != test.asked {
				t.Errorf("asked %q, want %q", got, test.asked)
			}
			if (err == nil) != (test.says == nil) {
				t.Errorf("error %v", err)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
			if err != nil {
				oneLine(t, err)
			}
			if string(shelf.bytes()) != before || shelf.locks != 0 {
				t.Errorf("the store was touched: %s", shelf.bytes())
			}
		})
	}
}

// ended ends what is stored, if anything is.
func ended(t *testing.T, s *auth.Session) error {
	t.Helper()
	end, err := s.Ending(t.Context())
	if err != nil || end == nil {
		return err
	}
	return end.End(t.Context())
}

// silence takes a request and never answers.
func silence(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestEndDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shelf := newShelf()
		shelf.put(t, *item(func(*stored) {}))
		began := time.Now()
		err := ended(t, session(shelf, served(silence), nil))
		if waited := time.Since(began); err == nil || waited > 10*time.Second {
			t.Errorf("%v after %v", err, waited)
		}
	})
}

// Whose session it is, is asked after a login for the words at its end; where nobody says, the login is none the worse.
func TestWhoseSession(t *testing.T) {
	t.Parallel()
	users := func(body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { answer(w, body) }
	}
	fails := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(403)
		answer(w, `{"error":{"message":"no"}}`)
	}
	tests := map[string]struct {
		users, session func(http.ResponseWriter, *http.Request)
		want           string
	}{
		"name and address":     {users(`{"data":[{"ID":"u1","name":"Ann Example","emailAddr":"ann@example.com"}]}`), fails, "Ann Example <ann@example.com>"},
		"name and user name":   {users(`{"data":[{"name":"Ann Example","username":"ann"}]}`), fails, "Ann Example <ann>"},
		"name":                 {users(`{"data":[{"name":"Ann Example"}]}`), fails, "Ann Example"},
		"for a terminal":       {users(`{"data":[{"name":"Ann\r\n\u001b[31mExample\u0007"}]}`), fails, "Ann [31mExample"},
		"only the session's":   {fails, users(`{"data":{"userID":"u1"}}`), "u1"},
		"no one":               {users(`{"data":[]}`), users(`{"data":{}}`), ""},
		"several":              {users(`{"data":[{"name":"A"},{"name":"B"}]}`), fails, ""},
		"pages":                {users(`<html>`), users(`<html>`), ""},
		"another shape":        {users(`{"data":{"name":"A"}}`), users(`{"data":[]}`), ""},
		"refused":              {fails, fails, ""},
		"broken in the middle": {users(`{"data":[{"name":"A`), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newTenant(t, nil)
			server.api = func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("sessionID") != canarySession || strings.Contains(r.URL.String(), canarySession) {
					t.Errorf("session %q for %s", r.Header.Get("sessionID"), r.URL)
				}
				if strings.HasSuffix(r.URL.Path, "/session") {
					test.session(w, r)
					return
				}
				test.users(w, r)
			}
			a := begin(t, server, nil)
			a.wins()
			if got := a.store.item(t).User; got != test.want || a.info.User != test.want {
				t.Errorf("user %q, want %q", got, test.want)
			}
		})
	}
}

// A server that gives a session and then says no more holds the login up for three seconds at most.
func TestWhoseSessionOfASilentServer(t *testing.T) {
	t.Parallel()
	var within time.Duration
	var once sync.Once
	real := http.Transport{DisableKeepAlives: true}
	tn := newTenant(t, nil)
	a := begin(t, tn, func(l *auth.Login) {
		l.Transport = served(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/token") || r.URL.Path == "/" {
				return real.RoundTrip(r)
			}
			end, ok := r.Context().Deadline()
			once.Do(func() { within = time.Until(end) })
			if !ok {
				t.Error("a question without a deadline")
			}
			return nil, &url.Error{Op: "Get", Err: syscall.ETIMEDOUT}
		})
	})
	a.wins()
	if within == 0 || within > 3*time.Second { // on a busy machine it may be over already
		t.Errorf("a deadline in %v", within)
	}
}
