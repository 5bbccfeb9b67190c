package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// Whatever asks for a session has made room for it, and where there is none, nothing is sent: neither the refresh token,
// nor an assertion, nor the code of a login.
func TestNothingIsSentThatCouldNotBeKept(t *testing.T) {
	t.Parallel()
	errFull := errors.New("no space left on device")
	mint := func(context.Context) (url.Values, error) { return url.Values{"jwt_token": {"signed"}}, nil }
	for name, ask := range map[string]func(t *testing.T, shelf *shelf, server *httptest.Server) error{
		"refresh": func(t *testing.T, shelf *shelf, server *httptest.Server) error {
			shelf.put(t, *item(func(i *stored) {
				i.Origin, i.ObtainedAt, i.ExpiresAt = server.URL, time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
			}))
			_, err := session(shelf, http.DefaultTransport, func(o *auth.SessionOptions) { o.App.Origin = server.URL }).Header(t.Context())
			return err
		},
		"mint": func(t *testing.T, shelf *shelf, server *httptest.Server) error {
			_, err := session(shelf, http.DefaultTransport, func(o *auth.SessionOptions) {
				o.App.Origin, o.App.Secret, o.Mint = server.URL, canarySecret, mint
			}).Header(t.Context())
			return err
		},
		"login by an assertion": func(t *testing.T, shelf *shelf, server *httptest.Server) error {
			l := &auth.Login{App: auth.Application{Origin: server.URL, ID: "app1", Flow: auth.FlowJWT}, Store: shelf, Transport: http.DefaultTransport}
			_, err := l.RunMinted(t.Context(), mint)
			return err
		},
		"login": func(t *testing.T, shelf *shelf, server *httptest.Server) error {
			a := begin(t, &tenant{Server: server}, func(l *auth.Login) { l.Store = shelf })
			if resp, _ := a.visit(a.real()); (resp.StatusCode == http.StatusOK) != shelf.reserved() && shelf.bytes() == nil {
				t.Errorf("the page has status %d", resp.StatusCode)
			}
			_, err := a.wait()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			sent := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/token") || strings.HasSuffix(r.URL.Path, "/exchange") {
					if sent++; !shelf.reserved() {
						t.Error("a session is asked for, and no room was made for it")
					}
				}
				_, _ = w.Write([]byte(`{"access_token":"new-session","refresh_token":"new-refresh","expires_in":3600}`))
			}))
			defer server.Close()

			shelf.fail("reserve", errFull)
			if err := ask(t, shelf, server); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "nothing was sent") {
				t.Errorf("error %v", err)
			}
			if sent != 0 {
				t.Errorf("%d requests were sent", sent)
			}
			shelf.fail("reserve", nil)
			if err := ask(t, shelf, server); err != nil || sent != 1 {
				t.Errorf("with room again: %v, %d requests", err, sent)
			}
			if got := shelf.item(t).SessionID; got != "new-session" {
				t.Errorf("stored %q", got)
			}
		})
	}
}
