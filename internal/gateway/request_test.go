package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/gateway"
)

// Only what reads passes, unless changes may; what is about a login never does.
func TestWhatMayPass(t *testing.T) {
	t.Parallel()
	reading, writing := newRig(t, nil), newRig(t, nil, func(c *gateway.Config) { c.Writing = true })
	const proj = "/attask/api/v22.0/proj"
	json := []string{"Content-Type", "application/json"}
	urlencoded := []string{"Content-Type", form}
	for _, c := range []struct {
		method, target string
		header         []string
		body           string
		reads, writes  int // the statuses without and with changes
	}{
		{"GET", proj + "/search?name=x&$$LIMIT=2", nil, "", 200, 200},
		{"HEAD", proj + "/search", nil, "", 200, 200},
		{"GET", proj + "?method=get", nil, "", 200, 200},
		{"GET", proj + "?method=GET&method=Get", nil, "", 200, 200},
		{"POST", proj + "/search", urlencoded, "method=GET&name=x", 200, 200},
		{"POST", proj + "/search", []string{"Content-Type", form + ";charset=UTF-8"}, "name=x&method=get", 200, 200},

		{"GET", proj + "?method=delete", nil, "", 403, 200},
		{"GET", proj + "?method=get&method=delete", nil, "", 403, 200},
		{"GET", proj + "?METHOD=DELETE", nil, "", 403, 200},
		{"GET", proj + "?%6dethod=put", nil, "", 403, 200},
		{"GET", proj + "?+method=put", nil, "", 403, 200},
		{"GET", proj + "?method%00=put", nil, "", 403, 200},
		{"GET", proj + "?method=", nil, "", 403, 200},
		{"GET", proj + "?action=move", nil, "", 403, 200},
		{"GET", proj + "?Action=", nil, "", 403, 200},
		{"GET", proj + "?uri=/proj", nil, "", 403, 200},
		{"GET", "/rows/task.csv?method=delete", nil, "", 403, 403},
		{"POST", proj + "/search", urlencoded, "method=GET&method=put", 403, 200},
		{"POST", proj + "/search?method=put", urlencoded, "method=GET", 403, 200},
		{"POST", proj + "/search", urlencoded, "method=GET&action=x", 403, 200},
		{"POST", proj + "/search?method=GET", urlencoded, "name=x", 403, 200}, // it stands in the form
		{"POST", proj + "?method=GET", json, "{}", 403, 200},
		{"POST", proj, urlencoded, "name=x", 403, 200},
		{"POST", proj + "?name=x", nil, "", 403, 200},
		{"PUT", proj + "?method=GET", nil, "", 403, 200},
		{"PUT", proj, urlencoded, "name=x", 403, 200},
		{"PUT", proj, json, `{"name":"x"}`, 403, 200},
		{"DELETE", proj, nil, "", 403, 200},
		{"PATCH", proj, json, "{}", 405, 405}, {"OPTIONS", proj, nil, "", 405, 405}, {"TRACE", proj, nil, "", 405, 405}, {"get", proj, nil, "", 405, 405},
		{"PROPFIND", proj, nil, "", 405, 405},

		{"GET", proj + "?sessionID=x", nil, "", 400, 400},
		{"GET", proj + "?SESSIONid=x", nil, "", 400, 400},
		{"GET", proj + "?%73essionID", nil, "", 400, 400},
		{"GET", proj + "?\u017fessionID=x", nil, "", 400, 400},
		{"GET", proj + "?apiKey=x", nil, "", 400, 400},
		{"GET", proj + "?jsessionid=x", nil, "", 400, 400},
		{"GET", proj + "?username=ann", nil, "", 400, 400},
		{"GET", proj + "?password=x", nil, "", 400, 400},
		{"GET", "/rows/user.csv?apiKey=x", nil, "", 400, 400},
		{"POST", proj + "/search", urlencoded, "method=GET&apiKey=x", 400, 400},
		{"PUT", proj, urlencoded, "name=x&sessionID=y", 403, 400},
		{"PUT", proj, json, `{"SessionID":"y"}`, 403, 400},
		{"PUT", proj, json, `{"session\u0049D":"y"}`, 403, 400},
		{"PUT", "/attask/api/v22.0/user", urlencoded, "action=generateApiKey", 403, 403},
		{"PUT", "/attask/api/v22.0/user", json, `{"action":"getApiKey"}`, 403, 403},
		{"GET", "/attask/api/v22.0/user?action=getapikey", nil, "", 403, 403},

		{"GET", proj + "?a=%zz", nil, "", 400, 400},
		{"GET", proj, urlencoded, "method=delete", 400, 400},
		{"GET", proj, []string{"Transfer-Encoding", "chunked"}, "0\r\n\r\n", 400, 400},
		{"POST", proj + "/search", nil, "method=GET", 415, 415},
		{"POST", proj + "/search", []string{"Content-Type", form + ";charset=ibm037"}, "method=GET", 415, 415},
		{"POST", proj + "/search", []string{"Content-Type", form, "Content-Encoding", "gzip"}, "method=GET", 415, 415},
		{"PUT", proj, json, "{", 403, 400},
		{"PUT", proj, []string{"Content-Type", "text/plain"}, "{}", 403, 415},
		{"POST", proj, []string{"Content-Type", "multipart/form-data; boundary=x"}, "--x--", 403, 415},
	} {
		for g, want := range map[*rig]int{reading: c.reads, writing: c.writes} {
			before := len(g.requests())
			resp, body := g.ask(c.method, c.target, c.body, c.header...)
			if got := status(resp, body); got != want {
				t.Errorf("%s %s %q (writing: %v): %d, not %d: %s", c.method, c.target, c.body, g == writing, got, want, body)
			}
			if passed := len(g.requests()) - before; (passed > 0) != (want == 200) {
				t.Errorf("%s %s %q (writing: %v): %d requests have passed", c.method, c.target, c.body, g == writing, passed)
			}
		}
	}
	before := len(writing.requests())
	writing.half("PUT /" + writing.key + proj + " HTTP/1.1\r\nHost: " + writing.host + "\r\nContent-Type: " + form + "\r\nContent-Length: 9\r\n\r\nname=")
	if len(writing.requests()) > before {
		t.Error("a body that ends too early has passed")
	}
	if resp, body := writing.ask("PUT", proj, "a="+strings.Repeat("x", 16<<20), "Content-Type", form); status(resp, body) != 413 {
		t.Errorf("a body without end: %v", resp)
	}
}

// Parameters go on as they were read, in their order, and of the headers those that are about what is asked for.
func TestWhatGoesOn(t *testing.T) {
	t.Parallel()
	g := newRig(t, nil, func(c *gateway.Config) { c.Writing = true })
	g.ask("POST", "/attask/api/v22.0/proj/search?$$LIMIT=2&a=b;method=delete&a=%3D%26&&c", "method=GET&n=%2B+x",
		"Content-Type", form, "Accept", "application/json", "If-None-Match", `"x"`, "Range", "bytes=0-3", "Cookie", "attask=1", "sessionID", "x", "apiKey", "x",
		"X-HTTP-Method-Override", "DELETE", "X-Forwarded-For", "1.2.3.4", "Forwarded", "for=1", "Authorization", "Bearer x", "Upgrade", "websocket", "TE", "trailers",
		"Referer", "http://evil.example", "Accept-Language", "de", "User-Agent", "x", "Accept-Encoding", "br, gzip;q=0.5", "Expect", "100-continue")
	g.ask("GET", "/attask/document", "", "Range", "bytes=0-3", "If-Range", `"x"`, "Accept-Encoding", "gzip, deflate")
	g.ask("PUT", "/attask/api/v22.0/proj", `{"a":1}`, "Content-Type", "application/json")
	parameter := func(key, value, text string) gateway.Parameter {
		return gateway.Parameter{Key: key, Value: value, Text: text}
	}
	want := []*gateway.Request{{
		Method: "POST", Path: "/attask/api/v22.0/proj/search",
		Query: []gateway.Parameter{
			parameter("$$LIMIT", "2", "$$LIMIT=2"), parameter("a", "b;method=delete", "a=b;method=delete"), parameter("a", "=&", "a==&"), parameter("c", "", "c"),
		},
		Form:   []gateway.Parameter{parameter("method", "GET", "method=GET"), parameter("n", "+ x", "n=+ x")},
		Header: http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "If-None-Match": {`"x"`}},
	}, {
		Method: "GET", Path: "/attask/document",
		Header: http.Header{"Accept-Encoding": {"identity"}, "Range": {"bytes=0-3"}, "If-Range": {`"x"`}},
	}, {
		Method: "PUT", Path: "/attask/api/v22.0/proj", JSON: []byte(`{"a":1}`),
		Header: http.Header{"Accept-Encoding": {"identity"}, "Content-Type": {"application/json"}},
	}}
	if diff := cmp.Diff(want, g.requests()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := gateway.Escaped(want[0].Query); got != "%24%24LIMIT=2&a=b%3Bmethod%3Ddelete&a=%3D%26&c=" {
		t.Errorf("the query is %s", got)
	}
}

// An upload is taken apart, so that nothing hides in its form.
func TestUploads(t *testing.T) {
	t.Parallel()
	open := 0
	g := newRig(t, nil, func(c *gateway.Config) {
		c.Writing = true
		keep := c.Keep
		c.Keep = func(r io.Reader) (io.ReaderAt, int64, func(), error) {
			content, size, _, err := keep(r)
			if err == nil {
				open++
			}
			return content, size, func() { open-- }, err
		}
	})
	upload := func(parts ...string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(parts); i += 2 {
			if name, ok := strings.CutPrefix(parts[i], "@"); ok {
				part, _ := w.CreateFormFile(name, "a.bin")
				io.WriteString(part, parts[i+1])
			} else {
				w.WriteField(parts[i], parts[i+1])
			}
		}
		w.Close()
		return b.String(), w.FormDataContentType()
	}
	body, kind := upload("note", "n", "@uploadedFile", "\x00bytes")
	resp, text := g.ask("POST", "/attask/api/v22.0/upload", body, "Content-Type", kind)
	passed := g.requests()
	if status(resp, text) != 200 || len(passed) != 1 || len(passed[0].Files) != 1 || len(passed[0].Form) != 1 {
		t.Fatalf("%v %s: %+v", resp, text, passed)
	}
	f := passed[0].Files[0]
	got := make([]byte, f.Size)
	if _, err := f.Content.ReadAt(got, 0); err != nil || string(got) != "\x00bytes" || f.Key != "uploadedFile" || f.Name != "a.bin" {
		t.Errorf("%v: %+v %q", err, f, got)
	}
	for name, parts := range map[string][]string{
		"a session": {"sessionID", "x", "@uploadedFile", "y"}, "a key behind": {"@uploadedFile", "y", "apiKey", "x"}, "a key as a file": {"@apiKey", "x"},
	} {
		body, kind := upload(parts...)
		if resp, text := g.ask("POST", "/attask/api/v22.0/upload", body, "Content-Type", kind); status(resp, text) != 400 {
			t.Errorf("%s: %v %s", name, resp, text)
		}
	}
	if resp, text := g.ask("POST", "/attask/api/v22.0/upload", body[:len(body)-40], "Content-Type", kind); status(resp, text) != 400 {
		t.Errorf("one that is cut: %v %s", resp, text)
	}
	if len(g.requests()) != 1 || open != 0 {
		t.Errorf("%d requests have passed, and %d files are open", len(g.requests()), open)
	}
}

// Whatever is made of how a message is framed, one request comes to one, or to none.
func TestFraming(t *testing.T) {
	t.Parallel()
	g := newRig(t, nil)
	inner := "GET /" + g.key + "/attask/api/v22.0/smuggled HTTP/1.1\r\nHost: " + g.host + "\r\n\r\n"
	head := "POST /" + g.key + "/attask/api/v22.0/proj/search HTTP/1.1\r\nHost: " + g.host + "\r\nConnection: close\r\nContent-Type: " + form + "\r\n"
	for name, text := range map[string]string{
		"both lengths":            head + "Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
		"two lengths":             head + "Content-Length: 10\r\nContent-Length: 11\r\n\r\nmethod=GET" + inner,
		"a length and more":       head + "Content-Length: 10\r\n\r\nmethod=GET" + inner,
		"an unknown coding":       head + "Transfer-Encoding: xchunked\r\nContent-Length: 10\r\n\r\nmethod=GET" + inner,
		"a coding in two lines":   head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
		"a coding with a blank":   head + "Transfer-Encoding : chunked\r\nContent-Length: 10\r\n\r\nmethod=GET" + inner,
		"a line that is folded":   head + "X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 10\r\n\r\nmethod=GET" + inner,
		"two hosts":               strings.Replace(head, "Host:", "Host: evil.example\r\nHost:", 1) + "Content-Length: 10\r\n\r\nmethod=GET",
		"a negative length":       head + "Content-Length: -1\r\n\r\n" + inner,
		"an upgrade with a body":  head + "Upgrade: h2c\r\nContent-Length: 10\r\n\r\nmethod=GET" + inner,
		"HTTP/2 without a notice": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		before := len(g.requests())
		resp, body := g.send(text, "POST")
		passed := g.requests()[before:]
		if len(passed) > 1 || len(passed) == 1 && strings.Contains(fmt.Sprint(passed[0]), "smuggled") {
			t.Errorf("%s: %d have passed: %+v", name, len(passed), passed)
		}
		if (status(resp, body) == 200) != (len(passed) == 1) {
			t.Errorf("%s: %v %s, and %d have passed", name, resp, body, len(passed))
		}
	}
}
