package gateway_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

// What passes is what it looks like; whatever could be read in two ways is refused.
func TestPaths(t *testing.T) {
	t.Parallel()
	g := newRig(t, nil)
	for target, want := range map[string]int{
		"/attask/api/v22.0/proj/search":         200,
		"/attask/api/v22.0/proj/search/":        200,
		"/attask/api/proj/search":               200,
		"/attask/api-internal/proj":             200,
		"/attask/%61pi/v22.0/proj":              200,
		"/attask/api/v22.0/proj/a..b":           200,
		"/attask/eventsubscription/api/v1/subs": 200,
		"/rows/task.csv":                        200,
		"/rows/TASK.ndjson":                     200,
		"/%72ows/task.json":                     200,

		"/": 404, "/nothing": 404, "/attaskx/api": 404, "/Attask/api": 404, "/internal/document/download": 404,
		"/integrations/oauth2/api/v1/token": 404, "/rows": 404, "/rows/": 404, "/rows/task": 404, "/rows/task.xlsx": 404, "/rows/.csv": 404,
		"/rows/task.csv/x": 404, "/rows/task.csv.gz": 404, "/favicon.ico": 404,

		"/attask/../integrations/oauth2/api/v1/token": 400, "/attask/api/../../x": 400, "/./attask": 400, "/attask/.": 400, "/attask/..": 400,
		"/attask/%2e%2e/x": 400, "/attask/.%2E/x": 400, "/%2e/attask": 400, "/attask/%252e%252e/x": 400, "/attask/%25": 400,
		"/attask/..;/x": 400, "/attask/api;jsessionid=1/v22.0": 400, "/attask/%3bx": 400, "/attask/..%2fx": 400, "/attask/..%5cx": 400, "/attask/..\\x": 400,
		"/attask%2fapi": 400, "//attask/api": 400, "/attask//api": 400, "/attask/api//": 400, "/attask/...": 400, "/attask/%00": 400, "/attask/a%0d%0ab": 400,
		"/attask/%3fmethod=delete": 400, "/attask/%23": 400, "/attask/api/log%20in": 400, "/attask/api/login%20": 400, "/attask/\u212a": 400, "/attask/\uff0e\uff0e/x": 400,
		"/rows/..%2fattask.csv": 400, "/rows/../attask": 400,

		"/attask/api/v22.0/login": 403, "/attask/api/v22.0/logout": 403, "/attask/api/v22.0/batch": 403, "/attask/api/login": 403, "/attask/login.cmd": 403,
		"/attask/api/v22.0/LogIn": 403, "/attask/api/v22.0/%6cogin": 403, "/attask/api/v22.0/batch/": 403, "/attask/logout/x": 403,
		"/attask/api/v22.0/user/getApiKey": 403, "/attask/api/v22.0/user/generateapikey": 403,
	} {
		if resp, body := g.ask(http.MethodGet, target, ""); status(resp, body) != want && !(want == 400 && strings.Contains(target, "\\")) {
			t.Errorf("%s: %d, not %d: %s", target, status(resp, body), want, body)
		}
	}
	for _, target := range []string{"http://" + g.host + "/" + g.key + "/attask/api", "http://" + g.host + "/" + g.key + "/rows/task.csv"} {
		if resp, body := g.raw(http.MethodGet, target, ""); status(resp, body) != 400 {
			t.Errorf("%s: %s", target, body)
		}
	}
	if resp, body := g.raw(http.MethodGet, "http://evil.example/"+g.key+"/attask/api", ""); status(resp, body) != 403 {
		t.Errorf("another host as an absolute URI: %s", body)
	}
	for _, q := range g.requests() {
		if !strings.HasPrefix(q.Path, "/attask/") {
			t.Errorf("%s has passed", q.Path)
		}
	}
}

// However a server may read a path that passes, it does not leave /attask/, and is about no session.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"/attask/api/v22.0/proj/search", "/attask/%2e%2e/x", "/attask/..;/x", "/attask/api/log\u0131n", "/attask/%252e", "/rows/task.csv", "/attask/api/login.cmd", "//attask",
		"/attask/a%5c..%5cb", "/attask/api/%6Cogout", "/attask/.%00./x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.ParseRequestURI(text)
		if err != nil || u.Host != "" {
			return
		}
		passes, err := gateway.Judge(text, u.EscapedPath())
		if err != nil || passes == "" {
			return
		}
		for _, reading := range readings(passes) {
			if !strings.HasPrefix(reading+"/", "/attask/") {
				t.Errorf("%q can be read as %q", text, reading)
			}
			for segment := range strings.SplitSeq(strings.ToLower(reading), "/") {
				name, _, _ := strings.Cut(strings.TrimSpace(segment), ".")
				switch name {
				case "login", "logout", "batch":
					t.Errorf("%q can be read as %q", text, reading)
				}
			}
		}
	})
}

// readings are what a path may be to a server: decoded up to three times, with backslashes as slashes, without what follows a
// semicolon or a NUL, and cleaned.
func readings(text string) (all []string) {
	for range 3 {
		plain := strings.ReplaceAll(text, "\\", "/")
		var segments []string
		for segment := range strings.SplitSeq(plain, "/") {
			segment, _, _ = strings.Cut(segment, ";")
			segment, _, _ = strings.Cut(segment, "\x00")
			segments = append(segments, strings.Trim(segment, " \t\r\n"))
		}
		bare := strings.Join(segments, "/")
		all = append(all, text, plain, path.Clean(plain), bare, path.Clean(bare))
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return all
		}
		text = decoded
	}
	return all
}
