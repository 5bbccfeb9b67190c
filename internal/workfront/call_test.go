package workfront

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// sent is a call as it would go out: method, URI and body.
func sent(q *call) string {
	s := q.method + " " + q.url.RequestURI()
	if q.body != nil {
		b, _ := io.ReadAll(q.body.open())
		s += " " + string(b)
	}
	return s
}

func TestPlan(t *testing.T) {
	t.Parallel()
	fields := []Field{{"name", "a b"}, {"DE:x", "1&2"}}
	for _, c := range []struct {
		r           Request
		want        string
		contentType string
		changes     bool
	}{
		{Request{Path: "proj/search"}, "GET /attask/api/v22.0/proj/search", "", false},
		{Request{Path: "proj/search?fields=['name','DE:a b']&x=1", Fields: []Field{{"fields", "ID,"}, {"fields", ","}}}, "GET /attask/api/v22.0/proj/search?fields=%5B%22name%22%2C%22DE%3Aa+b%22%5D&x=1&fields=ID", "", false},
		{Request{Path: "proj/search?x=1", Fields: fields}, "GET /attask/api/v22.0/proj/search?x=1&name=a+b&DE%3Ax=1%262", "", false},
		{Request{Path: "/p", Method: "head", Fields: fields[:1]}, "HEAD /p?name=a+b", "", false},
		{Request{Path: "/p", Method: "delete", Fields: fields[:1]}, "DELETE /p?name=a+b", "", true},
		{Request{Path: "/p?x=1", Method: "POST", Fields: fields}, "POST /p?x=1 name=a+b&DE%3Ax=1%262", "application/x-www-form-urlencoded", true},
		{Request{Path: "/p", Method: "put", Fields: fields[:1]}, "PUT /p name=a+b", "application/x-www-form-urlencoded", true},
		{Request{Path: "/p", Method: "put"}, "PUT /p", "", true},
		{Request{Path: "/p", Input: strings.NewReader("{}"), Fields: fields[:1]}, "POST /p?name=a+b {}", "application/json", true},
		{Request{Path: "/p", Input: strings.NewReader("<a>"), Method: "PUT", Header: http.Header{"Content-Type": {"text/xml"}}}, "PUT /p <a>", "text/xml", true},
		{Request{Path: "/p?method=DELETE"}, "GET /p?method=DELETE", "", true},
		{Request{Path: "/p?%6dethod=put"}, "GET /p?method=put", "", true},
		{Request{Path: "/p?method=GET&method=post"}, "GET /p?method=GET&method=post", "", true},
		{Request{Path: "/p", Fields: []Field{{"Action", "copy"}}}, "GET /p?Action=copy", "", true},
		{Request{Path: "batch?uri=/proj%3Fmethod=delete"}, "GET /attask/api/v22.0/batch?uri=%2Fproj%3Fmethod%3Ddelete", "", true},
		{Request{Path: "/p?method=get", Method: "POST"}, "POST /p?method=get", "", false},
		{Request{Path: "/p", Method: "POST", Fields: []Field{{"method", "GET"}}}, "POST /p method=GET", "application/x-www-form-urlencoded", false},
		{Request{Path: "/p?METHOD=get", Method: "POST"}, "POST /p?METHOD=get", "", true},
		{Request{Path: "/p?method=get", Method: "DELETE"}, "DELETE /p?method=get", "", true},
	} {
		q, err := acme(t).plan(c.r)
		if err != nil {
			t.Errorf("%+v: %v", c.r, err)
			continue
		}
		if got := sent(q); got != c.want {
			t.Errorf("%+v\n got %s\nwant %s", c.r, got, c.want)
		}
		if got := q.header.Get("Content-Type"); got != c.contentType {
			t.Errorf("%s: Content-Type %q, want %q", c.want, got, c.contentType)
		}
		if q.changes != c.changes {
			t.Errorf("%s: changes %v", c.want, q.changes)
		}
	}
}

func TestLongURI(t *testing.T) {
	t.Parallel()
	c := acme(t)
	u, _, err := c.resolve("proj/search")
	if err != nil {
		t.Fatal(err)
	}
	fit := maxURI - len(u.String()+"?name=")
	for _, long := range []int{fit + 1, 40_000} {
		filter := strings.Repeat("x", long)
		for _, r := range []Request{
			{Path: "proj/search", Fields: []Field{{"name", filter}}, Header: http.Header{"Content-Type": {"application/json"}}},
			{Path: "proj/search?name=" + filter},
		} {
			q, err := c.plan(r)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := sent(q), "POST /attask/api/v22.0/proj/search method=GET&name="+filter; got != want {
				t.Errorf("%d: %.80s", long, got)
			}
			if q.changes || q.header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Errorf("%d: changes %v, header %v", long, q.changes, q.header)
			}
		}
		if q, err := c.plan(Request{Path: "proj/search?method=get", Fields: []Field{{"name", filter}}}); err != nil || sent(q) != "POST /attask/api/v22.0/proj/search method=get&name="+filter {
			t.Errorf("%d: method= is given already: %v", long, err)
		}
		for _, r := range []Request{
			{Path: "proj/search", Method: "DELETE", Fields: []Field{{"name", filter}}},
			{Path: "proj/search", Fields: []Field{{"ID", filter}, {"method", "delete"}}},
			{Path: "proj/search", Fields: []Field{{"name", filter}}, Input: strings.NewReader("{}")},
			{Path: "proj/search/12345" + filter},
		} {
			_, err := c.plan(r)
			if _, ok := errors.AsType[*UsageError](err); !ok || !strings.Contains(err.Error(), "8892") || len(err.Error()) > 200 {
				t.Errorf("%s %.20s: %v", r.Method, r.Path, err)
			}
		}
	}
	if q, err := c.plan(Request{Path: "proj/search", Fields: []Field{{"name", strings.Repeat("x", fit)}}}); err != nil || q.method != "GET" || len(q.url.String()) != maxURI {
		t.Errorf("what just fits: %v", err)
	}
}

// Another credential is refused wherever it stands, and its value is not shown.
func TestOtherCredential(t *testing.T) {
	t.Parallel()
	const value = "CANARY-value"
	for _, r := range []Request{
		{Path: "proj/search", Fields: []Field{{"apiKey", value}}},
		{Path: "proj/search", Fields: []Field{{"sessionid", value}}},
		{Path: "proj/search?APIKEY=" + value},
		{Path: "proj", Method: "POST", Fields: []Field{{"name", "x"}, {"sessionID", value}}},
		{Path: "login", Method: "POST", Fields: []Field{{"username", "ann"}, {"password", value}}},
		{Path: "login?username=ann", Method: "POST", Fields: []Field{{"password", value}}},
		{Path: "batch", Method: "POST", Fields: []Field{{"uri", "/proj/search?a=b"}, {"uri", "/proj/search?apiKey=" + value}}},
		{Path: "upload", Fields: []Field{{"apiKey", value}}},
		{Path: "proj", Input: strings.NewReader("{}"), Fields: []Field{{"apiKey", value}}},
		{Path: "proj/search", Header: http.Header{"Apikey": {value}}},
		{Path: "proj/search", Header: http.Header{"Authorization": {"Bearer " + value}}},
	} {
		_, err := acme(t).plan(r)
		if _, ok := errors.AsType[*UsageError](err); !ok || !strings.Contains(err.Error(), "leave it out") || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s %v: %v", r.Path, r.Fields, err)
		}
	}
	for _, r := range []Request{
		{Path: "user/search?username=ann"},
		{Path: "user", Method: "PUT", Fields: []Field{{"password", value}}},
		{Path: "user/search", Fields: []Field{{"filters", `{"username":"ann","password":"x"}`}}},
		{Path: "batch", Method: "POST", Fields: []Field{{"uri", "/proj/search?name=apiKey"}}},
	} {
		if _, err := acme(t).plan(r); err != nil {
			t.Errorf("%s %v: %v", r.Path, r.Fields, err)
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]string{
		"SESSIONID": "x", "Authorization": "Bearer x", "apikey": "x", "Cookie": "attask=x", "x-GW-ims-org-id": "x",
		"Host": "x", "content-length": "1", "Transfer-Encoding": "chunked", "Connection": "close", "Idempotency-Key": "1", "X-Idempotency-Key": "1",
		"X-A": "b\r\nsessionID: x", "X-B": "a\nb", "X-C": "\x00", "": "x", "X A": "b", "X:A": "b", "Ü": "b",
	} {
		_, err := acme(t).plan(Request{Path: "proj", Header: http.Header{key: {value}}})
		if _, ok := errors.AsType[*UsageError](err); !ok || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%q: %q: error %v", key, value, err)
		}
	}
	q, err := acme(t).plan(Request{Path: "proj", Header: http.Header{"X-A": {"1", "2"}, "Accept": {"text/csv"}, "User-Agent": {"me"}}})
	if err != nil || len(q.header["X-A"]) != 2 || q.header.Get("Accept") != "text/csv" || q.header.Get("User-Agent") != "me" || q.header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("%v, %v", q, err)
	}
	for _, method := range []string{"G ET", "GET\r\n", "é"} {
		if _, err := acme(t).plan(Request{Path: "proj", Method: method}); err == nil {
			t.Errorf("method %q is sent", method)
		}
	}
}
