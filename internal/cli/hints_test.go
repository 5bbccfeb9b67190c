package cli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"

	"github.com/wfauth/wfauth/internal/config"
)

// Where acme.my.workfront.com is not found, the hint names the tenant's newer name, in a command that works as typed.
func TestOtherName(t *testing.T) {
	t.Parallel()
	lost := &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}
	dial := &url.Error{Op: "Get", URL: "x", Err: &net.OpError{Op: "dial", Err: lost}}
	host := func(text string) config.Host {
		h, err := config.ParseHost(text)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	settings := func(text, name string, change func(*config.Settings)) *config.Settings {
		s := &config.Settings{Profile: config.Profile{Name: name, Host: host(text), ClientID: "3b1d"}}
		if change != nil {
			change(s)
		}
		return s
	}
	for _, c := range []struct {
		name string
		s    *config.Settings
		err  error
		want string
	}{
		{"a first login", settings("acme", "acme", nil), dial, "wfauth login https://acme.my.workfront.adobe.com --client-id 3b1d"},
		{"in a lane", settings("acme.preview", "acme-preview", nil), dial, "wfauth login https://acme.preview.workfront.adobe.com --client-id 3b1d"},
		{"a profile", settings("acme", "acme", func(s *config.Settings) { s.Exists = true }), fmt.Errorf("acme: %w", dial), "wfauth login https://acme.my.workfront.adobe.com --profile acme-adobe --client-id 3b1d"},
		{"a session", settings("acme", "", func(s *config.Settings) { s.SessionID = "x" }), dial, "export WFAUTH_HOST=acme.my.workfront.adobe.com"},
		{"an environment", settings("acme", "", func(s *config.Settings) { s.EnvOnly = true }), dial, "export WFAUTH_HOST=acme.my.workfront.adobe.com"},
		{"the newer name already", settings("acme.my.workfront.adobe.com", "acme", nil), dial, ""},
		{"another host", settings("wf.example.org", "x", nil), dial, ""},
		{"no settings", nil, dial, ""},
		{"the proxy's name", settings("acme", "acme", nil), &net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: lost}}, ""},
		{"no name server", settings("acme", "acme", nil), &net.DNSError{IsTimeout: true}, ""},
		{"another fault", settings("acme", "acme", nil), errors.New("x"), ""},
	} {
		a := &app{loaded: c.s}
		if status, hint := a.classify(c.err); status != exitFailed || hint != c.want {
			t.Errorf("%s: %d, %q; want %q", c.name, status, hint, c.want)
		}
	}
}
