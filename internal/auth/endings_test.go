package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/wfauth/wfauth/internal/auth"
)

var errDisk = errors.New("no space left on device")

// oneLine says that an error can be shown as it is.
func oneLine(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if text == "" || len(text) > 600 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.Contains(text, "<html") {
		t.Errorf("not one short line: %q", text)
	}
}

func TestLoginSendsWhatRFC6749And7636Want(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, nil)
	first, second := begin(t, tn, nil), begin(t, tn, func(l *auth.Login) { l.App.Secret, l.App.Flow = "", auth.FlowPKCE })
	for _, a := range []*attempt{first, second} {
		q := a.authorize.Query()
		if got := a.authorize.Scheme + "://" + a.authorize.Host + a.authorize.Path; got != tn.URL+"/integrations/oauth2/authorize" {
			t.Errorf("authorize URL %s", got)
		}
		for key, want := range map[string]string{"client_id": "app1", "response_type": "code", "code_challenge_method": "S256", "redirect_uri": a.redirect.String()} {
			if got := q[key]; len(got) != 1 || got[0] != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		if q.Has("scope") || q.Has("client_secret") || len(a.state) < 43 || len(q.Get("code_challenge")) != 43 {
			t.Errorf("query %v", q)
		}
	}
	if first.state == second.state || first.authorize.Query().Get("code_challenge") == second.authorize.Query().Get("code_challenge") {
		t.Error("two logins have the same state or challenge")
	}
	first.wins()
	second.wins()
	for i, a := range []*attempt{first, second} {
		form := tn.requests()[i]
		verifier := form.Get("code_verifier")
		if len(verifier) < 43 || s256(verifier) != a.authorize.Query().Get("code_challenge") {
			t.Errorf("the verifier %q is not that of the challenge", verifier)
		}
		want := url.Values{
			"grant_type": {"authorization_code"}, "code": {canaryCode}, "redirect_uri": {a.redirect.String()},
			"client_id": {"app1"}, "code_verifier": {verifier},
		}
		if i == 0 {
			want.Set("client_secret", canarySecret)
		}
		if form.Encode() != want.Encode() {
			t.Errorf("form %v, want %v", form, want)
		}
		item := a.store.item(t)
		if item.Origin != tn.URL || item.ClientID != "app1" || item.RefreshToken != canaryRefresh || item.RedirectURI != a.redirect.String() ||
			item.User != "Ann Example <ann@example.com>" || item.ClientSecret != want.Get("client_secret") {
			t.Errorf("stored %+v", item)
		}
	}
}

// While the code is exchanged a stranger and another code get their refusals at once, and the code is sent once.
func TestAnswersDuringTheExchange(t *testing.T) {
	t.Parallel()
	asked, hold := make(chan struct{}, 9), make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	tn := newTenant(t, nil)
	tn.token = func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-hold
		answer(w, `{"access_token":"`+canarySession+`"}`)
	}
	a := begin(t, tn, nil)
	visit := a.send(a.real())
	<-asked
	again := a.send(a.real()) // whether it still comes to a page is for the system to say
	defer again.Close()
	// What else comes during the exchange has to wait, and is refused then, if there is still someone to do so.
	var others []net.Conn
	for _, query := range []string{
		"code=x&state=wrong", "code=another&state=" + a.state, "error=access_denied&state=" + a.state,
		"code=" + canaryCode + "&state=" + a.state[1:], "code=" + canaryCode + "&x=1&state=" + a.state,
		"code=" + canaryCode + "&x=1&x=2&state=" + a.state,
	} {
		others = append(others, a.send(a.callback(query)))
	}
	release()
	if _, err := a.wait(); err != nil {
		t.Fatal(err)
	}
	if page := a.page(visit); !strings.Contains(page, "You are logged in") {
		t.Errorf("page:\n%s", page)
	}
	for _, other := range others {
		if answer, _ := io.ReadAll(other); len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("another was answered: %s", answer)
		}
	}
	again.Close()
	if n := len(tn.requests()); n != 1 {
		t.Errorf("the code was sent %d times", n)
	}
}

func TestTimeoutEndsALogin(t *testing.T) {
	t.Parallel()
	a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Timeout = 20 * time.Millisecond })
	_, err := a.wait()
	if _, ok := errors.AsType[*auth.NotCompletedError](err); !ok || !strings.Contains(err.Error(), "20ms") {
		t.Errorf("error %v", err)
	}
	a.free()
}

func TestInterruptEndsALogin(t *testing.T) {
	t.Parallel()
	interrupt := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	a := beginContext(t, ctx, newTenant(t, nil), nil)
	idle, err := net.Dial("tcp", a.redirect.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	cancel(interrupt)
	if _, err := a.wait(); !errors.Is(err, interrupt) {
		t.Errorf("error %v", err)
	}
	a.free()
	if a.store.bytes() != nil {
		t.Error("something was stored")
	}
}

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// free says that the port is given back.
func (a *attempt) free() {
	a.t.Helper()
	l, err := net.Listen("tcp", a.redirect.Host)
	if err != nil {
		a.t.Errorf("the port is still taken: %v", err)
		return
	}
	l.Close()
}
