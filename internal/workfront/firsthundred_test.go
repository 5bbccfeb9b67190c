package workfront

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// rowsBody is an answer of n rows, with what may stand around and in them.
func rowsBody(n int, asMap bool) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"ID":"%032x","a":[1,{"data":[2]}],"name":"x\u00fc"}`, i)
		if asMap {
			rows[i] = fmt.Sprintf(`"%032x":%s`, i, rows[i])
		}
	}
	text := "[" + strings.Join(rows, ",") + "]"
	if asMap {
		text = "{" + text[1:len(text)-1] + "}"
	}
	return ` {"more":{"data":[]}, "data" : ` + text + `}`
}

func TestFirstHundred(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    Request
		body string
		want bool
	}{
		{Request{Path: "proj/search"}, rowsBody(100, false), true},
		{Request{Path: "proj/search"}, rowsBody(99, false), false},
		{Request{Path: "proj/search"}, rowsBody(101, false), false},
		{Request{Path: "proj/search"}, rowsBody(250, false), false},
		{Request{Path: "/attask/api/v22.0/PROJ/SEARCH?a=b"}, rowsBody(100, false), true},
		{Request{Path: "proj/search?map=true"}, rowsBody(100, true), true},
		{Request{Path: "proj/search?map=true"}, rowsBody(101, true), false},
		{Request{Path: "proj/search?$$FIRST=100"}, rowsBody(100, false), true},
		{Request{Path: "proj/search?%24%24LIMIT=100"}, rowsBody(100, false), false},
		{Request{Path: "proj/search", Fields: []Field{{"$$LIMIT", "100"}}}, rowsBody(100, false), false},
		{Request{Path: "proj/report"}, rowsBody(100, true), false},
		{Request{Path: "proj/myWork"}, rowsBody(100, false), false},
		{Request{Path: "proj/search"}, `{"data":100}`, false},
		{Request{Path: "proj/search"}, `{"data":1,` + strings.TrimSuffix(strings.Repeat(`"a":1,`, 100), ",") + `}`, false},
		{Request{Path: "proj/search"}, `[]`, false},
		{Request{Path: "proj/search"}, ``, false},
		{Request{Path: "proj/search"}, `{"count":100}`, false},
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) { return reply(200, c.body), nil })
		resp, err := client.Do(t.Context(), c.r)
		if err != nil {
			t.Fatal(err)
		}
		if got := FirstHundred(c.r, resp); got != c.want {
			t.Errorf("%s %v: %v with %.60s", c.r.Path, c.r.Fields, got, c.body)
		}
		if got := body(t, resp); got != c.body {
			t.Errorf("%s: the answer was used up, %d bytes are left of %d", c.r.Path, len(got), len(c.body))
		}
	}
	// What streams is not held for it.
	if FirstHundred(Request{Path: "proj/search"}, &Response{Body: io.NopCloser(bytes.NewReader([]byte(rowsBody(100, false))))}) {
		t.Error("a stream was counted")
	}
}

func TestOverLimit(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"The requested limit 2001 is greater than the maximum allowed limit of 2000": true,
		"APIModel V17_0 does not support field limit (Project)":                      false,
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) {
			return reply(422, `{"error":{"message":"`+message+`"}}`), nil
		})
		resp, err := client.Do(t.Context(), Request{Path: "proj/search"})
		refusal, ok := err.(*Refusal)
		if !ok || refusal.OverLimit() != want {
			t.Errorf("%s: %v", message, err)
		}
		resp.Body.Close()
	}
}
