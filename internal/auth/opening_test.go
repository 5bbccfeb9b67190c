package auth_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wfauth/wfauth/internal/auth"
)

// whose answers for every connection as a test sets it.
type whose struct{ own, told atomic.Bool }

func (w *whose) says(own, told bool) { w.own.Store(own); w.told.Store(told) }

func (w *whose) owner(_, _ netip.AddrPort) (own, told bool) { return w.own.Load(), w.told.Load() }

func opening(t *testing.T, w *whose, change func(*auth.Login)) *attempt {
	return begin(t, newTenant(t, nil), func(l *auth.Login) {
		l.Opens, l.Owner = true, w.owner
		if change != nil {
			change(l)
		}
	})
}

// follow asks for an address as a launched browser does, without going on from there.
func (a *attempt) follow(address string) *http.Response {
	a.t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Get(address)
	if err != nil {
		a.t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// The launcher's address holds nothing of the authorize URL, and leads there once.
func TestOpening(t *testing.T) {
	t.Parallel()
	for name, redirect := range map[string]func(*testing.T) []string{
		"127.0.0.1":       func(t *testing.T) []string { return []string{redirectAt(t, "127.0.0.1")} },
		"localhost":       func(t *testing.T) []string { return []string{redirectAt(t, "localhost")} },
		"TLS":             func(t *testing.T) []string { return secureRedirects(t) },
		"another machine": func(*testing.T) []string { return []string{"https://example.com/callback"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, pasted := &whose{}, make(chan string)
			w.says(true, true)
			a := opening(t, w, func(l *auth.Login) { l.RedirectURIs, l.Pasted = redirect(t), pasted })
			u, err := url.Parse(a.waiting.OpenURL)
			if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.RawQuery != "" || len(u.Path) != len("/open/")+43 {
				t.Fatalf("%s, %v", a.waiting.OpenURL, err)
			}
			a.silent("the launcher's address", a.waiting.OpenURL)
			if strings.Contains(a.waiting.OpenURL, a.authorize.Query().Get("code_challenge")) {
				t.Errorf("the challenge stands in %s", a.waiting.OpenURL)
			}
			resp := a.follow(a.waiting.OpenURL)
			if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != a.waiting.AuthorizeURL ||
				resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s, %v", resp.Status, resp.Header)
			}
			// This user's own programs may ask again: nobody else has read the state.
			again := a.follow(a.waiting.OpenURL)
			if again.StatusCode != http.StatusGone || again.Header.Get("Location") != "" || !strings.Contains(a.notes.text(), "used already") {
				t.Errorf("again: %s, %v; %s", again.Status, again.Header, a.notes.text())
			}
			pasted <- a.real()
			if _, err := a.wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Who has no key gets no redirect, and does not use it up.
func TestOpeningIsNotGuessed(t *testing.T) {
	t.Parallel()
	w := &whose{}
	w.says(true, true)
	a := opening(t, w, nil)
	path := strings.TrimPrefix(a.waiting.OpenURL, "http://"+a.redirect.Host)
	for name, request := range map[string]string{
		"no key":       "GET /open/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
		"half a key":   "GET " + path[:20] + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
		"and more":     "GET " + path + "x HTTP/1.1\r\nHost: {host}\r\n\r\n",
		"another host": "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"HEAD":         "HEAD " + path + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
		"prefetch":     "GET " + path + " HTTP/1.1\r\nHost: {host}\r\nSec-Purpose: prefetch\r\n\r\n",
		"image":        "GET " + path + " HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n\r\n",
	} {
		if status, header, _ := a.knock(request); status < 400 || header.Get("Location") != "" {
			t.Errorf("%s: status %d, %v", name, status, header)
		}
	}
	w.says(false, true) // another user, who has read the launcher's arguments
	if resp := a.follow(a.waiting.OpenURL); resp.StatusCode != http.StatusForbidden || resp.Header.Get("Location") != "" {
		t.Errorf("another user: %s", resp.Status)
	}
	w.says(true, true)
	if resp := a.follow(a.waiting.OpenURL); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the browser: %s", resp.Status)
	}
	a.wins()
}

// Where the system does not tell who asked twice, somebody may have read the state: the login ends, and says why.
func TestOpenedTwiceByNobodyKnowsWhom(t *testing.T) {
	t.Parallel()
	for name, asks := range map[string][2]bool{"both untold": {false, false}, "first untold": {false, true}, "second untold": {true, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &whose{}
			a := opening(t, w, nil)
			w.says(asks[0], asks[0])
			if resp := a.follow(a.waiting.OpenURL); resp.StatusCode != http.StatusSeeOther {
				t.Errorf("%s", resp.Status)
			}
			w.says(asks[1], asks[1])
			if resp := a.follow(a.waiting.OpenURL); resp.StatusCode != http.StatusGone || resp.Header.Get("Location") != "" {
				t.Errorf("again: %s", resp.Status)
			}
			_, err := a.wait()
			ended, ok := errors.AsType[*auth.NotCompletedError](err)
			if !ok || !strings.Contains(ended.Why, "opened twice") || ended.Flag != "--no-browser" || a.store.bytes() != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// Another user's request is a stranger's, whatever it knows; where the system does not tell, the state decides.
func TestAnotherUsersAnswer(t *testing.T) {
	t.Parallel()
	w := &whose{}
	a := opening(t, w, nil)
	w.says(false, true)
	for _, query := range []string{"error=access_denied&state=" + a.state, "code=theirs&state=" + a.state} {
		if resp, page := a.visit(a.callback(query)); resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "another user") || !strings.Contains(page, "The login goes on.") {
			t.Errorf("%s: %s", resp.Status, page)
		}
	}
	w.says(false, false)
	a.wins()
}

// A login that takes an answer without a state takes it of this user only, and no error.
func TestMissingStateOfAnotherUser(t *testing.T) {
	t.Parallel()
	w := &whose{}
	w.says(false, true)
	a := opening(t, w, func(l *auth.Login) { l.AllowMissingState = true })
	if resp, _ := a.visit(a.callback("code=theirs")); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another user's: %s", resp.Status)
	}
	w.says(true, true)
	for _, query := range []string{"error=access_denied", "error=access_denied&code=" + canaryCode, ""} {
		if resp, _ := a.visit(a.callback(query)); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", query, resp.Status)
		}
	}
	if resp, page := a.visit(a.callback("code=" + canaryCode)); resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", resp.Status, page)
	}
	if _, err := a.wait(); err != nil {
		t.Error(err)
	}
	if strings.Contains(a.notes.text(), "--allow-missing-state") {
		t.Errorf("it advises what was given: %s", a.notes.text())
	}
}

// How to do without a state is said once, and only where there was a code.
func TestAdviceIsGivenOnce(t *testing.T) {
	t.Parallel()
	a := begin(t, newTenant(t, nil), nil)
	a.visit(a.callback("error=access_denied"))
	a.visit(a.callback("code="))
	a.visit(a.callback(""))
	if strings.Contains(a.notes.text(), "--allow-missing-state") {
		t.Errorf("it advises a stranger: %s", a.notes.text())
	}
	for range 3 {
		a.visit(a.callback("code=stolen"))
	}
	if n := strings.Count(a.notes.text(), "--allow-missing-state"); n != 1 {
		t.Errorf("said %d times: %s", n, a.notes.text())
	}
	a.wins()
}

// secureRedirects are redirects that the listener speaks TLS at.
func secureRedirects(t *testing.T) []string {
	return []string{strings.Replace(redirectAt(t, "127.0.0.1"), "http:", "https:", 1)}
}

// An https redirect on this machine is served with TLS, by a certificate made for it or one that is given.
func TestSecureRedirect(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	given := server.TLS.Certificates[0]
	server.Close()
	for name, certificate := range map[string]*tls.Certificate{"its own": nil, "given": &given} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tn := newTenant(t, nil)
			a := begin(t, tn, func(l *auth.Login) { l.RedirectURIs, l.Certificate = secureRedirects(t), certificate })
			if a.redirect.Scheme != "https" || a.waiting.OwnTLS != (certificate == nil) {
				t.Errorf("%+v", a.waiting)
			}
			resp, err := http.Get("http://" + a.redirect.Host + "/callback?" + url.Values{"code": {canaryCode}, "state": {a.state}}.Encode())
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode < 400 {
					t.Errorf("without TLS: %s", resp.Status)
				}
			}
			a.browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}}
			if resp, err := a.browser.Get(a.real()); err == nil {
				resp.Body.Close()
				t.Error("TLS 1.1 is spoken")
			}
			a.browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
			a.wins()
			if form := tn.requests()[0]; form.Get("redirect_uri") != a.redirect.String() || a.store.item(t).RedirectURI != a.redirect.String() {
				t.Errorf("sent %q, stored %q", form.Get("redirect_uri"), a.store.item(t).RedirectURI)
			}
		})
	}
}

// A redirect on another machine is not listened to: the address is pasted, and where no more can come the login ends.
func TestRemoteRedirect(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://example.com/wfauth"
	pasted := make(chan string)
	remote := func(l *auth.Login) { l.RedirectURIs, l.Pasted = []string{elsewhere}, pasted }
	tn := newTenant(t, nil)
	a := begin(t, tn, remote)
	if a.waiting.Port != "" || a.redirect.String() != elsewhere {
		t.Errorf("%+v", a.waiting)
	}
	pasted <- strings.Replace(a.real(), "https:", "http:", 1)
	pasted <- a.real()
	if _, err := a.wait(); err != nil || tn.requests()[0].Get("redirect_uri") != elsewhere || strings.Count(a.notes.text(), "not the answer") != 1 {
		t.Errorf("%v, %s", err, a.notes.text())
	}
	a = begin(t, newTenant(t, nil), func(l *auth.Login) { remote(l); pasted = make(chan string, 2); l.Pasted = pasted })
	pasted <- a.callback("code=" + canaryCode)
	close(pasted)
	_, err := a.wait()
	if ended, ok := errors.AsType[*auth.NotCompletedError](err); !ok || !strings.Contains(ended.Why, "input ended") {
		t.Errorf("%v", err)
	}
}

// Without PKCE nothing of it is sent; a refresh does not care.
func TestNoPKCE(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, nil)
	a := begin(t, tn, func(l *auth.Login) { l.NoPKCE = true })
	for key := range a.authorize.Query() {
		if strings.HasPrefix(key, "code_challenge") {
			t.Errorf("%s is sent", key)
		}
	}
	a.wins()
	if form := tn.requests()[0]; form.Has("code_verifier") || form.Get("client_secret") != canarySecret {
		t.Errorf("%v", form)
	}
}
