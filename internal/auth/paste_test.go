package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

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
		release() // from then on there is a moment for those who queued
		if _, err := a.wait(); err != nil || len(tn.requests()) != 1 {
			t.Errorf("%v after %d requests", err, len(tn.requests()))
		}
	})
}

// What surrounds a copied address comes off, and pieces of it are put together; a code that may be cut is never sent.
func TestPasteOfWhatTerminalsMakeOfIt(t *testing.T) {
	t.Parallel()
	half := func(text string) []string { return []string{text[:len(text)/2], text[len(text)/2:]} }
	stateFirst := func(a *attempt) string { return a.callback("state=" + a.state + "&domain=acme&code=" + canaryCode) }
	tests := map[string]struct {
		lines   func(*attempt) []string
		missing bool // --allow-missing-state
		notes   int
	}{
		"marks of a paste":          {func(a *attempt) []string { return []string{"\x1b[200~" + a.real() + "\x1b[201~"} }, false, 0},
		"quotes":                    {func(a *attempt) []string { return []string{`"` + a.real() + `"`} }, false, 0},
		"typographic quotes":        {func(a *attempt) []string { return []string{"“" + a.real() + "”"} }, false, 0},
		"angle brackets and blanks": {func(a *attempt) []string { return []string{" <" + a.real() + "> "} }, false, 0},
		"everything":                {func(a *attempt) []string { return []string{"\x1b[200~ '<" + a.real() + ">'\x1b[201~\r"} }, false, 0},
		"two lines":                 {func(a *attempt) []string { return half(a.real()) }, false, 0},
		"two lines and blanks":      {func(a *attempt) []string { h := half(a.real()); return []string{h[0] + "\r", "", "  " + h[1], ""} }, false, 0},
		"three lines":               {func(a *attempt) []string { h := half(a.real()); return append(half(h[0]), h[1]) }, false, 0},
		"marks around two lines": {func(a *attempt) []string {
			h := half(a.real())
			return []string{"\x1b[200~" + h[0], h[1] + "\x1b[201~"}
		}, false, 0},
		"cut within the code": {func(a *attempt) []string { u := stateFirst(a); return []string{u[:len(u)-4], u[len(u)-4:]} }, false, 0},
		"cut, no state wanted": {func(a *attempt) []string {
			u := a.callback("code=" + canaryCode)
			return []string{u[:len(u)-4], u[len(u)-4:]}
		}, true, 0},
		"at 4,095 bytes, then whole":    {func(a *attempt) []string { return []string{padded(stateFirst(a), 4095), a.real()} }, false, 1},
		"at 1,023 bytes, then whole":    {func(a *attempt) []string { return []string{padded(stateFirst(a), 1023), a.real()} }, false, 1},
		"half alone, then whole":        {func(a *attempt) []string { return []string{half(a.real())[0], a.real()} }, false, 1},
		"longer than a terminal's line": {func(a *attempt) []string { return []string{a.real() + "&x=" + strings.Repeat("x", 9000)} }, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pasted := make(chan string)
			tn := newTenant(t, nil)
			a := begin(t, tn, func(l *auth.Login) { l.Pasted, l.AllowMissingState = pasted, test.missing })
			for _, line := range test.lines(a) {
				pasted <- line
			}
			if info, err := a.wait(); err != nil || info.SessionID != canarySession {
				t.Fatalf("%v, %v; %s", info, err, a.notes.text())
			}
			if code := tn.requests()[0].Get("code"); code != canaryCode || len(tn.requests()) != 1 {
				t.Errorf("the code %q was sent, %d requests", code, len(tn.requests()))
			}
			if n := strings.Count(a.notes.text(), "not the answer"); n != test.notes || strings.Contains(a.notes.text(), "--allow-missing-state") {
				t.Errorf("notices: %s", a.notes.text())
			}
			a.silent("a notice", a.notes.text())
		})
	}
}

// padded is an address of some length that ends in a longer code.
func padded(address string, length int) string {
	return address + strings.Repeat("x", length-len(address))
}

// Half an address is said to be no whole one, once, and only who pastes the same again hears how to do without a state.
func TestPasteWithoutState(t *testing.T) {
	t.Parallel()
	pasted := make(chan string)
	a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.Pasted = pasted })
	told := func(n int, words string) {
		t.Helper()
		for strings.Count(a.notes.text(), "\n")+1 < n || a.notes.text() == "" {
			time.Sleep(5 * time.Millisecond)
		}
		if lines := strings.Split(a.notes.text(), "\n"); len(lines) != n || !strings.Contains(lines[n-1], words) {
			t.Errorf("notices, want %q: %s", words, a.notes.text())
		}
	}
	stateless := a.callback("code=" + canaryCode)
	pasted <- stateless
	told(1, "it is not whole")
	pasted <- stateless
	told(2, "--allow-missing-state")
	pasted <- a.callback("code=" + canaryCode + "&state=" + a.state[:9])
	told(3, "it was cut off")
	pasted <- a.real()
	if _, err := a.wait(); err != nil {
		t.Error(err)
	}
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
