package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/network/porttest"
)

// tenant answers token requests as told and remembers what came.
type tenant struct {
	*httptest.Server
	token func(w http.ResponseWriter, r *http.Request) // nil: a session
	api   func(w http.ResponseWriter, r *http.Request) // nil: Ann's

	mu    sync.Mutex
	forms []url.Values // of the token requests, in order
}

const (
	canarySession = "canary5e5510n00000000000000000000"
	canaryRefresh = "canary-refresh-token"
	canarySecret  = "canary+client/secret="
	canaryCode    = "canary-code"
)

func newTenant(t *testing.T, token func(http.ResponseWriter, *http.Request)) *tenant {
	tn := &tenant{token: token}
	mux := http.NewServeMux()
	mux.HandleFunc("/integrations/oauth2/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		tn.mu.Lock()
		tn.forms = append(tn.forms, r.PostForm)
		tn.mu.Unlock()
		if tn.token != nil {
			tn.token(w, r)
			return
		}
		answer(w, `{"token_type":"sessionID","access_token":"`+canarySession+`","refresh_token":"`+canaryRefresh+`","expires_in":3600,"wid":"u1"}`)
	})
	mux.HandleFunc("/attask/api/v22.0/", func(w http.ResponseWriter, r *http.Request) {
		if tn.api != nil {
			tn.api(w, r)
			return
		}
		answer(w, `{"data":[{"ID":"u1","name":"Ann Example","emailAddr":"ann@example.com"}]}`)
	})
	tn.Server = httptest.NewServer(mux)
	t.Cleanup(tn.Close)
	return tn
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = io.WriteString(w, body)
}

func (tn *tenant) requests() []url.Values {
	tn.mu.Lock()
	defer tn.mu.Unlock()
	return append([]url.Values(nil), tn.forms...)
}

// notes collects the lines for a person.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notes) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.lines, "\n")
}

// attempt is a login that is going on.
type attempt struct {
	t         *testing.T
	waiting   auth.Waiting
	browser   *http.Client // nil: any
	authorize *url.URL
	redirect  *url.URL // with the port that was bound
	state     string
	notes     *notes
	store     *shelf
	ended     chan struct{}
	info      auth.Info
	err       error
}

// begin starts a login and returns when the listener is there. The test has to end it; change may be nil.
func begin(t *testing.T, tn *tenant, change func(*auth.Login)) *attempt {
	return beginContext(t, t.Context(), tn, change)
}

func beginContext(t *testing.T, ctx context.Context, tn *tenant, change func(*auth.Login)) *attempt {
	t.Helper()
	a := &attempt{t: t, notes: &notes{}, store: newShelf(), ended: make(chan struct{})}
	ready := make(chan auth.Waiting, 1)
	l := &auth.Login{
		App:          auth.Application{Origin: tn.URL, Flow: auth.FlowCode, ID: "app1", Secret: canarySecret},
		Profile:      "acme",
		RedirectURIs: []string{redirectAt(t, "127.0.0.1")},
		APIVersion:   "v22.0",
		Store:        a.store,
		Transport:    auth.WithoutReuse(&http.Transport{}),
		Timeout:      time.Hour, // the test's own end comes first
		Ready:        func(w auth.Waiting) { ready <- w },
		Notice:       a.notes.add,
	}
	if change != nil {
		change(l)
	}
	go func() {
		defer close(a.ended)
		a.info, a.err = l.Run(ctx)
	}()
	select {
	case a.waiting = <-ready:
		var err error
		if a.authorize, err = url.Parse(a.waiting.AuthorizeURL); err != nil {
			t.Fatal(err)
		}
		a.state = a.authorize.Query().Get("state")
		if a.redirect, err = url.Parse(a.authorize.Query().Get("redirect_uri")); err != nil {
			t.Fatal(err)
		}
	case <-a.ended:
		t.Fatalf("the login ended before it began: %v", a.err)
	}
	return a
}

func redirectAt(t *testing.T, host string) string {
	t.Helper()
	return "http://" + net.JoinHostPort(host, porttest.Free(t)) + "/callback"
}

func (a *attempt) callback(query string) string { return a.redirect.String() + "?" + query }

func (a *attempt) real() string {
	return a.callback(url.Values{"code": {canaryCode}, "state": {a.state}, "domain": {"acme"}, "lane": {"my"}}.Encode())
}

// visit is a browser's navigation to an address.
func (a *attempt) visit(address string) (*http.Response, string) {
	a.t.Helper()
	client := a.browser
	if client == nil {
		client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	req.Header.Set("Sec-Fetch-Dest", "document")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatalf("the browser got no page: %v", err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatalf("the page was cut off: %v", err)
	}
	return resp, string(page)
}

// send is a visit whose page is read later, by page.
func (a *attempt) send(address string) net.Conn {
	a.t.Helper()
	conn, err := net.Dial("tcp", a.redirect.Host)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", strings.TrimPrefix(address, "http://"+a.redirect.Host), a.redirect.Host)
	return conn
}

func (a *attempt) page(conn net.Conn) string {
	a.t.Helper()
	answer, err := io.ReadAll(conn)
	if err != nil {
		a.t.Errorf("the page was cut off: %v", err)
	}
	_, page, _ := strings.Cut(string(answer), "\r\n\r\n")
	return page
}

func (a *attempt) wait() (auth.Info, error) {
	<-a.ended
	return a.info, a.err
}

// wins has the real callback end the login, with the page that says so and the session stored.
func (a *attempt) wins() {
	a.t.Helper()
	resp, page := a.visit(a.real())
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, "You are logged in") {
		a.t.Errorf("the real callback got status %d:\n%s", resp.StatusCode, page)
	}
	info, err := a.wait()
	if err != nil {
		a.t.Fatalf("login: %v", err)
	}
	if info.SessionID != canarySession || a.store.item(a.t).SessionID != canarySession {
		a.t.Errorf("session %q was returned, %q stored", info.SessionID, a.store.item(a.t).SessionID)
	}
	for what, text := range map[string]string{"the page": page, "a notice": a.notes.text()} {
		a.silent(what, text)
	}
}

// silent says that nothing secret stands in a text.
func (a *attempt) silent(what, text string) {
	a.t.Helper()
	for _, secret := range []string{a.state, canaryCode, canarySession, canaryRefresh, canarySecret, url.QueryEscape(canarySecret)} {
		if secret != "" && strings.Contains(text, secret) {
			a.t.Errorf("%s holds the secret %q:\n%s", what, secret, text)
		}
	}
}

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v in %.200s", err, body)
	}
}
