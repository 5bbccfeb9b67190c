package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/workfront"
)

// A session that ends while the gateway runs is renewed once for all who call, and one that cannot be renewed is the gateway's fault and
// not the caller's: a 401 would have Excel ask for a password.
func TestProxyRenews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{Rotate: true}, nil)
	w.login()
	s := w.serve()
	before := w.tenant.Counts()
	all := func(want int) (texts []string) {
		var mu sync.Mutex
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				status, text := s.ask("GET", "/attask/api/v22.0/proj/count", "")
				if status != want {
					t.Errorf("status %d, not %d: %s", status, want, text)
				}
				mu.Lock()
				defer mu.Unlock()
				texts = append(texts, text)
			})
		}
		callers.Wait()
		return texts
	}
	w.tenant.ExpireSessions()
	all(200)
	if n := w.tenant.Counts().Refresh - before.Refresh; n != 1 {
		t.Errorf("%d token requests for twenty callers, not 1", n)
	}
	w.tenant.RevokeAll()
	w.tenant.ExpireSessions()
	for _, text := range all(502) {
		var refusal struct{ Error struct{ Message string } }
		if err := json.Unmarshal([]byte(text), &refusal); err != nil || !strings.Contains(refusal.Error.Message, "refused to refresh") || !strings.Contains(refusal.Error.Message, "hint: wfauth login") {
			t.Errorf("%v: %s", err, text)
		}
	}
	if status, text := s.ask("GET", "/rows/proj.csv", ""); status != 502 {
		t.Errorf("a list: %d %s", status, text)
	}
	w.login() // elsewhere; the gateway finds it
	all(200)
	for _, fault := range []emulator.Fault{emulator.FaultUnauthorized, emulator.FaultLoggedOut} {
		w.tenant.FailNext("/attask/", fault, 2) // also of the session that was got anew
		if status, text := s.ask("GET", "/attask/api/v22.0/proj/count", ""); status != 502 || !strings.Contains(text, "hint: wfauth login") {
			t.Errorf("a new session that is refused (%s): %d %s", fault, status, text)
		}
	}
}

// What others are to blame for comes back as it is, once patience is over, and what a caller is to blame for at once.
func TestProxyRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	s := w.serve("--patience", "0s")
	for name, c := range map[string]struct {
		path, fault string
		status      int
		says        string
	}{
		"too many":           {"/attask/api/v22.0/proj/count", "429", 429, "Too many concurrent"},
		"too many, a list":   {"/rows/proj.csv", "429", 429, "Too many concurrent"},
		"a field":            {"/attask/api/v22.0/proj/search?fields=nonsense", "", 422, "does not support field nonsense"},
		"a field, a list":    {"/rows/proj.csv?fields=nonsense", "", 422, "does not support field nonsense"},
		"an object, a list":  {"/rows/projekt.csv", "", 404, "nearest: proj"},
		"a filter":           {"/rows/proj.csv?status=%3C5", "", 400, "no operator"},
		"a form of dates":    {"/rows/proj.csv?dates=us", "", 400, "iso is the only form"},
		"a name of a field":  {"/rows/proj.csv?fields=a%20b", "", 400, "letters and digits"},
		"an object":          {"/attask/api/v22.0/nonsense/search", "", 404, "Unknown object type"},
		"an HTML page":       {"/attask/api/v22.0/proj/count", "html", 502, "HTML page"},
		"a URI without end":  {"/attask/api/v22.0/proj/" + strings.Repeat("x", 9000), "", 400, "9"},
		"what has no search": {"/rows/avatar.csv", "", 404, "search"},
	} {
		if c.fault != "" {
			w.tenant.FailNext("/attask/", emulator.Fault(c.fault), 1)
		}
		if status, text := s.ask("GET", c.path, ""); status != c.status || !strings.Contains(text, c.says) || !strings.HasPrefix(text, `{"error":`) {
			t.Errorf("%s: %d %.300s", name, status, text)
		}
	}
	w.must("proj", "describe", "fields") // from now on they are known here
	before := w.tenant.Counts().API
	for _, path := range []string{"/rows/proj.csv?fields=nam", "/rows/proj.csv?nam=x"} {
		if status, text := s.ask("GET", path, ""); status != 400 || !strings.Contains(text, "nearest: name") || w.tenant.Counts().API != before {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	long := "/attask/api/v22.0/proj/search?name=" + strings.Repeat("x", 9000) + "&name_Mod=eq"
	if status, text := s.ask("GET", long, ""); status != 200 || text != `{"data":[]}` {
		t.Errorf("a search that is too long for Workfront's URIs: %d %.300s", status, text)
	}
}

// What a proxy on the way to Workfront says is the gateway's trouble: its callers have no password for that.
func TestProxyBehindAProxy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	s := w.serve()
	for status, header := range map[int]string{http.StatusProxyAuthRequired: "Proxy-Authenticate", http.StatusForbidden: "X-Squid-Error"} {
		w.gates.before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, "Basic")
			w.WriteHeader(status)
		}))
		for _, path := range []string{"/attask/api/v22.0/proj/count", "/rows/proj.csv"} {
			if got, text := s.ask("GET", path, ""); got != 502 || !strings.Contains(text, "a proxy on the way refused") {
				t.Errorf("%d, %s: %d %s", status, path, got, text)
			}
		}
	}
}

// A session that cannot be had is told at the start, and nothing is served.
func TestProxyWithoutSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{ExpiresIn: new(1)}, nil)
	w.login()
	w.tenant.RevokeAll()
	if p := w.run("proxy"); p.status != 4 || p.stdout.String() != "" || !strings.Contains(p.stderr.String(), "\n  hint: wfauth login") {
		t.Errorf("exit status %d, %s%s", p.status, p.stdout.String(), p.stderr.String())
	}
}

// credentialsFunc are credentials that a function gives.
type credentialsFunc func(stale http.Header) (http.Header, error)

func (f credentialsFunc) Header(context.Context) (http.Header, error)                 { return f(nil) }
func (f credentialsFunc) Renew(_ context.Context, h http.Header) (http.Header, error) { return f(h) }

var _ workfront.Credentials = credentialsFunc(nil)

// What is to be kept from callers are the values of all headers that a session ever had, by whatever name.
func TestLastingCredentials(t *testing.T) {
	t.Parallel()
	next := http.Header{"Authorization": {"Bearer CANARY/token=="}, "X-Gw-Ims-Org-Id": {"CANARY@AdobeOrg"}}
	l := &lastingCredentials{life: t.Context(), turn: make(chan struct{}, 1), from: credentialsFunc(func(http.Header) (http.Header, error) { return next, nil })}
	if h, err := l.Header(t.Context()); err != nil || h.Get("Authorization") != "Bearer CANARY/token==" {
		t.Errorf("%v %v", h, err)
	}
	before := l.secrets()
	next = http.Header{"Sessionid": {"CANARY-session"}, "Short": {"v1"}}
	if _, err := l.Renew(t.Context(), nil); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"Bearer CANARY/token==", "CANARY/token==", "CANARY%2Ftoken%3D%3D", `CANARY\/token==`, `CANARY/token\u003d\u003d`, "CANARY@AdobeOrg", "CANARY%40AdobeOrg", "CANARY-session"} {
		if !slices.Contains(l.secrets(), want) {
			t.Errorf("%q is no secret; there are %q", want, l.secrets())
		}
	}
	if slices.Contains(l.secrets(), "v1") || slices.Contains(l.secrets(), "") || slices.Contains(before, "CANARY-session") {
		t.Errorf("the secrets are %q, and were %q", l.secrets(), before)
	}
	n := len(l.secrets())
	for range 3 {
		_, _ = l.Header(t.Context())
	}
	if len(l.secrets()) != n {
		t.Errorf("the secrets grow: %q", l.secrets())
	}
}

// Those who wait while a session cannot be got share that: forty callers do not ask forty times for what was refused. Who comes later
// asks anew, for somebody may have logged in meanwhile, and who goes away does not wait.
func TestLastingCredentialsShareAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		asked, failing := 0, true
		l := &lastingCredentials{life: t.Context(), turn: make(chan struct{}, 1), from: credentialsFunc(func(http.Header) (http.Header, error) {
			asked++
			if time.Sleep(time.Second); failing {
				return nil, refused
			}
			return http.Header{}, nil
		})}
		var callers sync.WaitGroup
		for i := range 40 {
			callers.Go(func() {
				get := l.Header
				if i%2 == 0 {
					get = func(ctx context.Context) (http.Header, error) { return l.Renew(ctx, http.Header{}) }
				}
				if _, err := get(t.Context()); err != refused {
					t.Errorf("%v", err)
				}
			})
		}
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := l.Header(gone); err != context.Canceled {
			t.Errorf("one who has gone away waits: %v", err)
		}
		callers.Wait()
		if asked != 1 {
			t.Errorf("it was asked for %d times", asked)
		}
		failing = false
		if _, err := l.Header(t.Context()); err != nil || asked != 2 {
			t.Errorf("later: %v, asked for %d times", err, asked)
		}
	})
}
