package auth_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/auth"
)

func TestRedirectURIs(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // URI to what is wrong with it
		"http://127.0.0.1:8765/callback":         "",
		"http://127.0.0.1:8765":                  "",
		"http://127.0.0.1/callback":              "",
		"http://[::1]:8765/callback":             "",
		"http://localhost:8765/a/b?c=d":          "",
		"http://LOCALHOST:8765/callback":         "",
		"http://127.1.2.3:8765/callback":         "",
		"https://127.0.0.1:8765/callback":        "",
		"https://localhost/callback":             "",
		"https://example.com/callback":           "",
		"https://example.com:8443/a?b=c":         "",
		"https://10.0.0.1/callback":              "",
		"ftp://127.0.0.1:8765/callback":          "scheme",
		"https://:8765/callback":                 "host",
		"https://0.0.0.0:8765/callback":          "host",
		"https://example.com:0/callback":         "port",
		"https://example.com/callback#top":       "fragment",
		"https://me:canary@example.com/":         "user",
		"http://0.0.0.0:8765/callback":           "host",
		"http://[::]:8765/callback":              "host",
		"http://:8765/callback":                  "host",
		"http://192.168.1.1:8765/callback":       "host",
		"http://example.com:8765/callback":       "host",
		"http://localhost.example:8765/callback": "host",
		"http://127.0.0.1.example:8765/callback": "host",
		"http://[fe80::1%25lo]:8765/callback":    "host",
		"http://127.1:8765/callback":             "host",
		"http://127.0.0.1:0/callback":            "port",
		"http://127.0.0.1:65536/callback":        "port",
		"http://127.0.0.1:08765/callback":        "port",
		"http://127.0.0.1:x/callback":            "URL",
		"http://127.0.0.1:8765/callback#top":     "fragment",
		"http://127.0.0.1:8765/callback#":        "fragment",
		"http://me:canary@127.0.0.1:8765/":       "user",
		"127.0.0.1:8765/callback":                "URL",
		"/callback":                              "URL",
		"urn:ietf:wg:oauth:2.0:oob":              "URL",
		"":                                       "URL",
	}
	for uri, wrong := range tests {
		err := auth.CheckRedirectURIs([]string{"http://127.0.0.1:8765/callback", uri})
		bad, ok := errors.AsType[*auth.RedirectURIError](err)
		if (wrong == "") != (err == nil) || wrong != "" && (!ok || !strings.Contains(bad.Why, wrong)) {
			t.Errorf("%s: %v, want something about %q", uri, err, wrong)
		}
		if err != nil {
			oneLine(t, err)
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("a password is shown: %v", err)
			}
		}
	}
}

func TestATakenPortGivesWayToTheNext(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := "http://" + taken.Addr().String() + "/callback"
	a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.RedirectURIs = append([]string{busy}, l.RedirectURIs...) })
	if a.redirect.String() == busy {
		t.Error("the authorize URL names a port of another program")
	}
	a.wins()
	a.free()

	l := &auth.Login{
		App: auth.Application{Origin: origin}, Transport: &workfront{}, RedirectURIs: []string{busy, busy},
		Ready: func(auth.Waiting) { t.Error("the browser would be opened") },
	}
	_, err = l.Run(t.Context())
	all, ok := errors.AsType[*auth.PortsTakenError](err)
	if !ok || len(all.Ports) != 2 || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("all taken: %v", err)
	}
}

// A browser tries ::1 for localhost, or 127.0.0.1, or one after the other: both have to be ours.
func TestLocalhostIsBoundOnBothStacks(t *testing.T) {
	t.Parallel()
	for _, address := range stacks(t) {
		a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.RedirectURIs = []string{redirectAt(t, "localhost")} })
		query := url.Values{"code": {canaryCode}, "state": {a.state}}
		if resp, _ := a.visit("http://" + net.JoinHostPort(address, a.redirect.Port()) + "/callback?" + query.Encode()); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", address, resp.StatusCode)
		}
		if _, err := a.wait(); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// With the port of ::1 taken, its holder would get the code: such a localhost is no redirect.
func TestLocalhostHalfTakenIsTaken(t *testing.T) {
	t.Parallel()
	for _, address := range stacks(t) {
		taken, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, port, _ := net.SplitHostPort(taken.Addr().String())
		l := &auth.Login{
			App: auth.Application{Origin: origin}, Transport: &workfront{}, RedirectURIs: []string{"http://localhost:" + port + "/callback"},
			Ready: func(auth.Waiting) { t.Error("the browser would be opened") },
		}
		if _, err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("taken on %s: %v", address, err)
		}
	}
}

func TestIPv6Redirect(t *testing.T) {
	t.Parallel()
	if len(stacks(t)) < 2 {
		t.Skip("this machine has no ::1")
	}
	a := begin(t, newTenant(t, nil), func(l *auth.Login) { l.RedirectURIs = []string{redirectAt(t, "::1")} })
	if conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", a.redirect.Port())); err == nil {
		conn.Close()
		t.Error("127.0.0.1 is bound for a redirect to [::1]")
	}
	a.wins()
}

// stacks are the loopback addresses of this machine.
func stacks(t *testing.T) []string {
	addresses := []string{"127.0.0.1"}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
		l.Close()
		addresses = append(addresses, "::1")
	} else {
		t.Log("this machine has no ::1")
	}
	return addresses
}

// The ready line goes to the machine and port by which the person came, and to the address that their browser looks for.
func TestForwardCommand(t *testing.T) {
	t.Parallel()
	at := func(host string) auth.Waiting { return auth.Waiting{Host: host, Port: "8765"} }
	const came = "192.0.2.1 50000 192.0.2.2 "
	for _, c := range []struct {
		waiting          auth.Waiting
		user, connection string
		want             string
	}{
		{at("127.0.0.1"), "ann", came + "22", "ssh -N -L 8765:127.0.0.1:8765 ann@192.0.2.2"},
		{at("localhost"), "", came + "22", "ssh -N -L 8765:127.0.0.1:8765 192.0.2.2"},
		{at("127.0.0.1"), "ann", came + "2222", "ssh -N -p 2222 -L 8765:127.0.0.1:8765 ann@192.0.2.2"},
		{at("::1"), "ann", came + "22", "ssh -N -L [::1]:8765:[::1]:8765 ann@192.0.2.2"},
		{at("127.1.2.3"), "ann", came + "22", "ssh -N -L 127.1.2.3:8765:127.1.2.3:8765 ann@192.0.2.2"},
		{at("127.0.0.1"), "ann", "", ""},
		{auth.Waiting{Redirect: "https://example.com/callback"}, "ann", came + "22", ""},
	} {
		if got := c.waiting.ForwardCommand(c.user, c.connection); got != c.want {
			t.Errorf("%+v, %s: %q, want %q", c.waiting, c.connection, got, c.want)
		}
	}
}
