package workfront

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func acme(t testing.TB) *Client {
	u, err := url.Parse("https://acme.my.workfront.com")
	if err != nil {
		t.Fatal(err)
	}
	return &Client{Origin: u, Version: "v22.0"}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	const root = "https://acme.my.workfront.com"
	for path, want := range map[string]string{
		"proj/search":                         root + "/attask/api/v22.0/proj/search",
		"/internal/document/download?ID=1":    root + "/internal/document/download?ID=1",
		"/attask/api/v19.0/user":              root + "/attask/api/v19.0/user",
		"proj/search?$$LIMIT=3&$$FIRST=0":     root + "/attask/api/v22.0/proj/search?%24%24LIMIT=3&%24%24FIRST=0",
		"proj/search?%24%24LIMIT=3":           root + "/attask/api/v22.0/proj/search?%24%24LIMIT=3",
		"proj/search?b=2&a=1&b=1":             root + "/attask/api/v22.0/proj/search?b=2&a=1&b=1",
		"proj/search?owner:name=Ann+B%26C":    root + "/attask/api/v22.0/proj/search?owner%3Aname=Ann+B%26C",
		"proj/search?name=a;b&DE:x y=\\":      root + "/attask/api/v22.0/proj/search?name=a%3Bb&DE%3Ax+y=%5C",
		"proj/a b/ü":                          root + "/attask/api/v22.0/proj/a%20b/%C3%BC",
		"proj/a%2Fb":                          root + "/attask/api/v22.0/proj/a%2Fb",
		"proj/a%2Fb c":                        root + "/attask/api/v22.0/proj/a%2Fb%20c",
		"HTTPS://ACME.my.workfront.com/x":     root + "/x",
		root + ":443/x?y=1":                   root + "/x?y=1",
		root:                                  root + "/",
		root + "?a=1":                         root + "/?a=1",
		"proj/search?url=https://x.example/a": root + "/attask/api/v22.0/proj/search?url=https%3A%2F%2Fx.example%2Fa",
		"docu/https://x.example":              root + "/attask/api/v22.0/docu/https://x.example",
		"attask/api/v17.0/proj/search?a=b":    root + "/attask/api/v17.0/proj/search?a=b",
		"attask":                              root + "/attask",
		"attaskx/search":                      root + "/attask/api/v22.0/attaskx/search",
		"api/v17.0/proj/search":               root + "/attask/api/v17.0/proj/search",
		"api-internal/proj/search":            root + "/attask/api-internal/proj/search",
		"/search":                             root + "/search",
		"/proj":                               root + "/proj",
		"/internal/document/download?ID=58d389be000000deb46805b72b41e3b4": root + "/internal/document/download?ID=58d389be000000deb46805b72b41e3b4",
		"/internal/search":                           root + "/internal/search",
		"/integrations/oauth2/api/v1/token":          root + "/integrations/oauth2/api/v1/token",
		"/maestro/api/v1/search":                     root + "/maestro/api/v1/search",
		"/comments/58d389be000000deb46805b72b41e3b4": root + "/comments/58d389be000000deb46805b72b41e3b4",
		"/attask/search":                             root + "/attask/search",
		"proj/search?username=ann":                   root + "/attask/api/v22.0/proj/search?username=ann",
	} {
		u, query, err := acme(t).resolve(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		u.RawQuery = joinQuery(query)
		if u.String() != want {
			t.Errorf("%s: %s, want %s", path, u, want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                                     "empty",
		"?a=b":                                 "empty",
		"//evil.example/x":                     "another host",
		"https://evil.example/x":               "https://evil.example",
		"https://acme.my.workfront.com.evil/x": "goes nowhere else",
		"https://acme.my.workfront.com:444/x":  "goes nowhere else",
		"http://acme.my.workfront.com/x":       "goes nowhere else",
		"https://acme.my.workfront.com@evil/x": "user name",
		"https://u:p@acme.my.workfront.com/x":  "user name",
		"https://[::1/x":                       "not a URL",
		"https:///x":                           "goes nowhere else",
		"proj/../../x":                         `".."`,
		"/attask/api/..":                       `".."`,
		"proj/%2e%2E/x":                        `".."`,
		"proj/..;a=b/x":                        `".."`,
		"proj/%2e%2e%2fx":                      `".."`,
		"proj/./x":                             `"."`,
		`proj\..\x`:                            "backslash",
		"proj/%5c":                             "backslash",
		"proj/search#x":                        "%23",
		"proj/search?name=#1":                  "%23",
		"proj/a\nb":                            "control character",
		"proj/search?a=\x00":                   "control character",
		"proj/a\u0085":                         "control character",
		"proj/%0d%0aX":                         "control character",
		"proj/100%":                            "%25",
		"proj/search?a=100%":                   "%25",
	} {
		u, _, err := acme(t).resolve(path)
		usage, ok := errors.AsType[*UsageError](err)
		if !ok || !strings.Contains(usage.Error(), want) || strings.ContainsAny(usage.Error(), "\n\r\x00") {
			t.Errorf("%q: %v, error %v; want one about %s", path, u, err, want)
		}
	}
}

// What would be right in another form is refused with that form, and without any secret.
func TestInstead(t *testing.T) {
	t.Parallel()
	const id = "58d389be000000deb46805b72b41e3b4"
	for path, want := range map[string]string{
		"/proj/search":                              "proj/search",
		"/Project/Search/":                          "Project/Search",
		"/task/count?status=NEW":                    "task/count?status=NEW",
		"/hour/report?x=a%26b+c":                    "hour/report?x=a%26b c",
		"/proj/metadata":                            "proj/metadata",
		"/proj/" + id:                               "proj/" + id,
		"/optask/" + strings.ToUpper(id):            "optask/" + strings.ToUpper(id),
		"/proj/" + id + "/convert":                  "proj/" + id + "/convert",
		"/api/v17.0/proj/search":                    "attask/api/v17.0/proj/search",
		"https://acme.my.workfront.com/proj/search": "proj/search",
		"proj/search?apiKey=CANARY&status=CUR":      "proj/search?status=CUR",
		"proj/search?a=1&SESSIONID=CANARY":          "proj/search?a=1",
		"/proj/search?apiKey=CANARY":                "/proj/search",
		"https://acme.my.workfront.com/attask/api/v19.0/proj/search?apikey=CANARY": "https://acme.my.workfront.com/attask/api/v19.0/proj/search",
		"login?username=ann&password=CANARY":                                       "login",
		"proj/search;jsessionid=CANARY?a=b":                                        "proj/search?a=b",
		"proj;JSESSIONID=CANARY/search":                                            "proj/search",
		"batch?uri=/proj/search%3FsessionID%3DCANARY&x=1":                          "",
		"https://ann:CANARY@acme.my.workfront.com/x?apiKey=CANARY":                 "",
	} {
		_, _, err := acme(t).resolve(path)
		e, ok := errors.AsType[*PathError](err)
		usage, isUsage := errors.AsType[*UsageError](err)
		if !ok || !isUsage || e.Instead != want || usage.Error() != e.Error() || strings.Contains(e.Error()+e.Instead, "CANARY") {
			t.Errorf("%s: %v; want %q in its place", path, err, want)
			continue
		}
		if _, _, err := acme(t).resolve(e.Instead); want != "" && want[0] != '/' && err != nil {
			t.Errorf("%s: %q in its place: %v", path, e.Instead, err)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{
		"proj/search?$$LIMIT=3", "//x", "/x%2f..%2fy", "https://acme.my.workfront.com:443/a?b=c%20d&&e", "a/..;x", "%", "é?é=\xff", "://", "?", "a://b/c",
		"https://acme.my.workfront.com\\@evil.example/", "/..%c0%af", "x?a=b=c&=&d", "HTTPS://acme.MY.workfront.com",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		c := acme(t)
		u, fields, err := c.resolve(path)
		if err != nil {
			if _, ok := errors.AsType[*UsageError](err); !ok {
				t.Fatalf("%q: error %v is not of usage", path, err)
			}
			return
		}
		u.RawQuery = joinQuery(fields)
		sent, err := url.Parse(u.String())
		if err != nil {
			t.Fatalf("%q: %s: %v", path, u, err)
		}
		if !sameOrigin(sent, c.Origin) || sent.User != nil || sent.Path != u.Path {
			t.Fatalf("%q is sent as %s", path, sent)
		}
		if cleaned := "/" + sent.Path + "/"; strings.Contains(cleaned, "/../") || strings.Contains(cleaned, "/./") {
			t.Fatalf("%q climbs: %s", path, sent)
		}
		// Encoded once: reading what is sent gives the same again.
		again, repeated, err := c.resolve(u.String())
		if err != nil {
			t.Fatalf("%q: %s does not resolve: %v", path, u, err)
		}
		again.RawQuery = joinQuery(repeated)
		if again.String() != u.String() {
			t.Fatalf("%q: %s, then %s", path, u, again)
		}
		values, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			t.Fatalf("%q: query %q: %v", path, u.RawQuery, err)
		}
		n := 0
		for _, v := range values {
			n += len(v)
		}
		if n != len(fields) {
			t.Fatalf("%q: %d fields become %d", path, len(fields), n)
		}
	})
}

// An origin is scheme, host and port, all of them and nothing else (RFC 6454).
func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for other, want := range map[string]bool{
		"https://acme.my.workfront.com":               true,
		"https://acme.my.workfront.com:443/x?y":       true,
		"HTTPS://ACME.my.workfront.com":               true,
		"http://acme.my.workfront.com":                false,
		"http://acme.my.workfront.com:443":            false,
		"https://acme.my.workfront.com:8443":          false,
		"https://evil-acme.my.workfront.com":          false,
		"https://evil.acme.my.workfront.com":          false,
		"https://my.workfront.com":                    false,
		"https://acme.my.workfront.com.evil.example":  false,
		"https://acme.my.workfront.comevil":           false,
		"https://acme.my.workfront.com@evil.example/": false,
	} {
		a, b := parse(t, "https://acme.my.workfront.com"), parse(t, other)
		if sameOrigin(a, b) != want || sameOrigin(b, a) != want {
			t.Errorf("%s: same is %v", other, !want)
		}
	}
}
