package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/auth"
)

// A person at another machine pastes the address that the browser ended at. State is checked here too, and what is not
// the answer is told so while the wait goes on.
func TestPasteAndBrowserRace(t *testing.T) {
	t.Parallel()
	wrong := map[string]func(*attempt) string{
		"words":             func(*attempt) string { return "I logged in" },
		"a code alone":      func(*attempt) string { return canaryCode },
		"no state":          func(a *attempt) string { return a.callback("code=" + canaryCode) },
		"wrong state":       func(a *attempt) string { return a.callback("code=" + canaryCode + "&state=wrong") },
		"another path":      func(a *attempt) string { return strings.Replace(a.real(), "/callback", "/", 1) },
		"another port":      func(a *attempt) string { return strings.Replace(a.real(), a.redirect.Port(), "1", 1) },
		"another host":      func(a *attempt) string { return strings.Replace(a.real(), "127.0.0.1", "evil.example", 1) },
		"another scheme":    func(a *attempt) string { return strings.Replace(a.real(), "http:", "https:", 1) },
		"the authorize URL": func(a *attempt) string { return a.authorize.String() },
		"twice on one line": func(a *attempt) string { return a.real() + a.real() },
		"cut off":           func(a *attempt) string { return strings.Replace(a.real(), a.state, a.state[:20], 1) },
		"control bytes":     func(a *attempt) string { return "\x1b[2J" + a.real() },
		"the bare redirect": func(a *attempt) string { return a.redirect.String() },
	}
	for name, line := range wrong {
		t.Run("wrong, then right: "+name, func(t *testing.T) {
			t.Parallel()
			pasted := make(chan string)
			a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Pasted = pasted })
			pasted <- line(a)
			pasted <- "" // an empty line is nobody's mistake
			pasted <- "  " + a.real() + "\r"
			if info, err := a.wait(); err != nil || info.SessionID != canarySession {
				t.Fatalf("%v, %v", info, err)
			}
			if n := strings.Count(a.notes.text(), "what was pasted is not the answer"); n != 1 {
				t.Errorf("%d notes: %s", n, a.notes.text())
			}
			a.silent("a notice", a.notes.text())
			if strings.ContainsRune(a.notes.text(), '\x1b') {
				t.Errorf("a notice with control characters: %q", a.notes.text())
			}
		})
	}
	t.Run("wrong, then the browser", func(t *testing.T) {
		t.Parallel()
		pasted := make(chan string)
		a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Pasted = pasted })
		pasted <- "nonsense"
		a.wins()
	})
	t.Run("the terminal ends, then the browser", func(t *testing.T) {
		t.Parallel()
		pasted := make(chan string)
		close(pasted)
		a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Pasted = pasted })
		a.wins()
	})
	t.Run("denied", func(t *testing.T) {
		t.Parallel()
		pasted := make(chan string)
		a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Pasted = pasted })
		pasted <- a.callback("error=access_denied&state=" + a.state)
		_, err := a.wait()
		if _, ok := errors.AsType[*auth.NotCompletedError](err); !ok {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the browser while the paste is exchanged", func(t *testing.T) {
		t.Parallel()
		asked, hold := make(chan struct{}), make(chan struct{})
		release := sync.OnceFunc(func() { close(hold) })
		defer release()
		tn := newTenant(t, func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			<-hold
			answer(w, `{"access_token":"`+canarySession+`"}`)
		})
		pasted := make(chan string)
		a := begin(t, tn, func(l *auth.Login) { l.Pasted = pasted })
		pasted <- a.real()
		<-asked
		visit := a.send(a.real()) // whether it still comes to a page is for the system to say
		defer visit.Close()
		release()
		if _, err := a.wait(); err != nil || len(tn.requests()) != 1 {
			t.Errorf("%v after %d requests", err, len(tn.requests()))
		}
	})
}

// A tenant that never sends the state back can be used by those who say so; a wrong one is refused all the same.
func TestAllowMissingState(t *testing.T) {
	t.Parallel()
	allow := func(l *auth.Login) { l.AllowMissingState = true }
	a := begin(t, newTenant(t, nil), allow)
	for _, query := range []string{"code=stolen&state=wrong", "code=stolen&state=", "code=stolen&code=x", "error=x&state=wrong"} {
		if resp, _ := a.visit(a.callback(query)); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", query, resp.StatusCode)
		}
	}
	if resp, page := a.visit(a.callback("code=" + canaryCode)); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d: %s", resp.StatusCode, page)
	}
	if _, err := a.wait(); err != nil {
		t.Error(err)
	}
	begin(t, newTenant(t, nil), allow).wins()

	strict := begin(t, newTenant(t, nil), nil)
	strict.visit(strict.callback("code=stolen"))
	strict.wins()
	if !strings.Contains(strict.notes.text(), "--allow-missing-state") {
		t.Errorf("nobody was told how to allow it: %s", strict.notes.text())
	}
}
