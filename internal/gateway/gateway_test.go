package gateway_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

// Whoever calls is looked at before anything else: a page's requests are refused with the right key as without any, and in the same way.
func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	g := newRig(t, nil)
	_, port, _ := net.SplitHostPort(g.host)
	for _, c := range []struct {
		name   string
		header []string
		status int
	}{
		{"a program", nil, 200},
		{"localhost", []string{"Host", "LocalHost:" + port}, 200},
		{"the address bar", []string{"Sec-Fetch-Site", "none"}, 200},
		{"itself", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://" + g.host}, 200},
		{"a name bound to this address", []string{"Host", "evil.example:" + port}, 403},
		{"the same without a port", []string{"Host", "127.0.0.1"}, 403},
		{"another port", []string{"Host", "127.0.0.1:1"}, 403},
		{"a name with a dot behind", []string{"Host", "localhost.:" + port}, 403},
		{"no host", []string{"Host", ""}, 403},
		{"a page elsewhere", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a page on another port", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"two claims", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Site", "cross-site"}, 403},
		{"no claim", []string{"Sec-Fetch-Site", ""}, 403},
		{"a page's script", []string{"Origin", "http://evil.example"}, 403},
		{"a sandboxed page", []string{"Origin", "null"}, 403},
		{"a page over TLS", []string{"Origin", "https://" + g.host}, 403},
		{"a page by the other name", []string{"Origin", "http://localhost:" + port}, 403},
	} {
		before := len(g.requests())
		for key, want := range map[string]int{g.key: c.status, "wrong": max(c.status, 401)} {
			resp, body := g.raw("GET", "/"+key+"/attask/api/v22.0/proj/search", "", c.header...)
			if got := status(resp, body); got != want {
				t.Errorf("%s, key %.5s: status %d, not %d", c.name, key, got, want)
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s: the answer has %s", c.name, name)
				}
			}
		}
		if passed := len(g.requests()) - before; passed != map[int]int{200: 1}[c.status] {
			t.Errorf("%s: %d requests have passed", c.name, passed)
		}
	}
}

// The key is a part of the path, or a password. Everything else gets one answer, whatever was asked for.
func TestKey(t *testing.T) {
	t.Parallel()
	g := newRig(t, nil)
	const path = "/attask/api/v22.0/proj/search"
	basic := func(key string) []string {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth("anyone", key)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	for name, c := range map[string]struct {
		path   string
		header []string
	}{
		"in the path": {"/" + g.key + path, nil}, "as a password": {path, basic(g.key)}, "both": {"/" + g.key + path, basic(g.key)},
		"in the path, another as a password": {"/" + g.key + path, basic("wrong")},
	} {
		if resp, body := g.raw("GET", c.path, "", c.header...); status(resp, body) != 200 {
			t.Errorf("%s: %s", name, body)
		}
	}
	for _, q := range g.requests() {
		if q.Path != path || strings.Contains(fmt.Sprint(q), g.key) || len(q.Header["Authorization"]) > 0 {
			t.Errorf("what passes is %+v", q)
		}
	}
	var same string
	for name, c := range map[string]struct {
		method, path string
		header       []string
	}{
		"none": {"GET", path, nil}, "the root": {"GET", "/", nil}, "a wrong one": {"GET", "/" + gateway.NewKey() + path, nil},
		"one too long": {"GET", "/" + g.key + "0" + path, nil}, "its beginning": {"GET", "/" + g.key[:63] + path, nil},
		"escaped": {"GET", "/%" + fmt.Sprintf("%X", g.key[0]) + g.key[1:] + path, nil}, "upper case": {"GET", "/" + strings.ToUpper(g.key) + path, nil},
		"behind a slash": {"GET", "//" + g.key + path, nil}, "behind dots": {"GET", "/../" + g.key + path, nil}, "later": {"GET", "/attask/" + g.key, nil},
		"in the query": {"GET", path + "?key=" + g.key, nil}, "wrong as password": {"GET", path, basic("wrong")},
		"as bearer": {"GET", path, []string{"Authorization", "Bearer " + g.key}},
		"nothing":   {"GET", "/nothing", nil}, "POST": {"POST", path, nil}, "a verb": {"BREW", path, nil},
		"OPTIONS": {"OPTIONS", "*", nil}, "TRACE": {"TRACE", path, nil}, "CONNECT": {"CONNECT", g.host, nil}, "dots": {"GET", "/a/../b", nil},
	} {
		resp, body := g.raw(c.method, c.path, "", c.header...)
		if status(resp, body) != 401 || resp.Header.Get("WWW-Authenticate") != `Basic realm="wfauth"` {
			t.Errorf("%s: %v %s", name, resp, body)
			continue
		}
		resp.Header.Del("Date")
		if got := fmt.Sprint(resp.Header, body); same == "" {
			same = got
		} else if got != same {
			t.Errorf("%s is answered by %s and not by %s", name, got, same)
		}
	}
	if n := len(g.requests()); n != 4 {
		t.Errorf("%d requests have passed, not 4", n)
	}
}

// What an answer of the gateway's own says is JSON in Workfront's form, and what a log is told has neither key nor parameters.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	g := newRig(t, func(*gateway.Request) (*http.Response, error) {
		return nil, &gateway.Error{Status: 502, Message: "the renewal failed" + session}
	})
	resp, body := g.ask("GET", "/attask/api/v22.0/proj/search?a=CANARY-parameter", "")
	var got struct {
		Error struct{ Class, Message string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Error.Message != "the renewal failed"+strings.Repeat("*", len(session)) || got.Error.Class != "wfauth" || resp.StatusCode != 502 {
		t.Errorf("%v: %v %s", err, resp, body)
	}
	g.raw("GET", "/"+g.key[:63]+"/attask/", "")
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.ended) != 2 || g.ended[0].Path != "/attask/api/v22.0/proj/search" || g.ended[0].Status != 502 || g.ended[0].Why != got.Error.Message || g.ended[1].Status != 401 || g.ended[1].Path != "" {
		t.Errorf("the log is told %+v", g.ended)
	}
}
