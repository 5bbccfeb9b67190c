package workfront

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRefusal(t *testing.T) {
	t.Parallel()
	type want struct {
		Class, Message string
	}
	for _, c := range []struct {
		status int
		body   string
		want   want
	}{
		{422, `{"error":{"class":"com.attask.common.ProjectStatusViolationException","message":"This project is complete","title":null,"msgKey":"exception.attask","attributes":[""],"code":0}}`,
			want{"com.attask.common.ProjectStatusViolationException", "This project is complete"}},
		{200, `{"error":{"class":"java.lang.UnsupportedOperationException","message":"name an action"}}`, want{"java.lang.UnsupportedOperationException", "name an action"}},
		{200, ` {"data":[1,{"error":null}],"error":"too many parts"}`, want{"", "too many parts"}},
		{400, `{"error":{"message":"invalid objCode: null"}}`, want{"", "invalid objCode: null"}},
		{400, `{"error":{"error":"No such thing.","class":"x.Y","attributes":{}}}`, want{"x.Y", "No such thing."}},
		{400, `{"error":{"title":"Sorry"}}`, want{"", "Sorry"}},
		{400, `{"error":{"msgKey":"exception.norecordfound"}}`, want{"", "exception.norecordfound"}},
		{400, `{"statusCode":400,"error":true,"type":"BAD","message":"the boolean form"}`, want{"BAD", "the boolean form"}},
		{403, `{"error_code":"403000","message":"Api Key is missing."}`, want{"", "Api Key is missing."}},
		{400, `{"message":"only this"}`, want{"", "only this"}},
		{200, `{"error":{}}`, want{"", "ok"}},
		{200, `{"error":[1]}`, want{"", "ok"}},
		{400, `{"err\u006fr":"esc\u0061ped"}`, want{"", "escaped"}},
		{400, `{"error":"first","error":"last"}`, want{"", "last"}},
		{400, "{\"error\":\"bad \xff byte\"}", want{"", "bad \uFFFD byte"}},
		{404, `{"error":{"message":" two\n lines\u001b[31m and\u202e more\t "}}`, want{"", "two lines[31m and more"}},
		{404, "<!DOCTYPE html>\n<HTML><head><Title>\n 404 &amp; gone</tITLE></head><body>long", want{"", "404 & gone"}},
		{404, "\ufeff <html>İ<title lang=en>Page</title>", want{"", "Page"}},
		{404, "<html><body>no title", want{"", "not found"}},
		{404, "<html><title", want{"", "not found"}},
		{404, "plain words\nin lines", want{"", "plain words in lines"}},
		{404, "", want{"", "not found"}},
		{404, " \n", want{"", "not found"}},
		{404, `[]`, want{"", "not found"}},
		{404, `{"error":{"message":17}}`, want{"", "not found"}},
		{499, "", want{"", "an unknown status"}},
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) { return reply(c.status, c.body), nil })
		r, err := client.Do(t.Context(), Request{Path: "proj/1"})
		refusal, ok := errors.AsType[*Refusal](err)
		if !ok || r == nil || refusal.Status != c.status || refusal.SessionGone {
			t.Errorf("%d %s: %#v", c.status, c.body, err)
			continue
		}
		if diff := cmp.Diff(c.want, want{refusal.Class, refusal.Message}); diff != "" {
			t.Errorf("%d %s: %s", c.status, c.body, diff)
		}
		if s := body(t, r); s != c.body {
			t.Errorf("%d %s: the body became %s", c.status, c.body, s)
		}
	}
}

func TestNotRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"proj/1", `{"data":{"error":"a field of this name"}}`, 200},
		{"proj/1", `{"data":1,"error":null}`, 200},
		{"proj/1", `{"data":1,"error":false}`, 200},
		{"proj/1", `{"count":42}`, 201},
		{"proj/1", `[{"error":"x"}]`, 200},
		{"proj/1", ``, 204},
		{"proj/1", `"text"`, 200},
		{"proj/1", `name,ID`, 200},
		{"proj/1", ``, 304},
		{"proj/1", `{"data":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, 200},
		{"/internal/document/download", `{"data":"a file", "error":null}`, 200},
		{"/internal/document/download", `{"a file": that is not JSON`, 200},
		{"/internal/document/download", `<html>a file`, 200},
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) { return reply(c.status, c.body), nil })
		r, err := client.Do(t.Context(), Request{Path: c.path})
		if err != nil {
			t.Errorf("%.80s: %v", c.body, err)
			continue
		}
		if s := body(t, r); s != c.body {
			t.Errorf("%.80s: the body became %.80s", c.body, s)
		}
	}
}

func TestServerFault(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"":                                  "acme.my.workfront.com answered 500 internal server error",
		"<html><title>Oh no</title><p>long": `acme.my.workfront.com answered 500 internal server error ("Oh no")`,
		`{"message":"x"}`:                   `acme.my.workfront.com answered 500 internal server error ("x")`,
		`{"error":{"message":"x"}}`:         `acme.my.workfront.com answered 500 internal server error ("x")`, // trying later can help
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) { return reply(500, answer), nil })
		r, err := client.Do(t.Context(), Request{Path: "proj"})
		if f, ok := errors.AsType[*Failure](err); !ok || f.Status != 500 || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if s := body(t, r); s != answer {
			t.Errorf("the body became %q", s)
		}
	}
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"class":"a","message":"b"}}`, `{"error":"x"}`, `{"error":{"error":"x"}}`, `{"error":true,"message":"x"}`, `{"data":[{}]}`,
		`<html><title>x</title>`, "<TITLE", "", "\xff", `{"error":"\ud800"}`, `{"error":{"message":"\u001b]0;x\u0007"}`, `{"error":nul`, `[[[[`, `{"error":{"message":"a"},"error":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		before := string(answer)
		v, err := judge(answer)
		if string(answer) != before {
			t.Fatal("the body was changed")
		}
		if err != nil && v.refused && !strings.Contains(before, "error") && !strings.Contains(before, `\u`) {
			t.Fatalf("%q is refused, but has no error", before)
		}
		for _, s := range []string{v.message, v.class} {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
				t.Fatalf("%q is shown as %q", before, s)
			}
		}
		// A blank makes nothing whole that was cut.
		if errors.Is(err, io.ErrUnexpectedEOF) {
			if _, again := judge([]byte(before + " ")); again == nil {
				t.Fatalf("%q is cut, but not with a blank behind it", before)
			}
		}
	})
}

func ExampleRefusal() {
	fmt.Println(&Refusal{Status: 422, Message: "Invalid Parameter: ownerID"})
	// Output: Workfront refused: Invalid Parameter: ownerID (status 422)
}
