package workfront

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestHiddenID removes the ID that only the walk asked for, and no other byte.
func TestHiddenID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"ID":"a"}`:                                   `{}`,
		`{ "ID" : "a" }`:                               `{  }`,
		`{"ID":"a","n":1.50}`:                          `{"n":1.50}`,
		`{"n":1.50,"ID":"a"}`:                          `{"n":1.50}`,
		`{"a\"ID\":":"\\","b\\":"\\\"","ID":"a"}`:      `{"a\"ID\":":"\\","b\\":"\\\""}`,
		`{"n":[{"ID":"z"},"]"],"x":-1.5e3 ,"ID":"a"}`:  `{"n":[{"ID":"z"},"]"],"x":-1.5e3 }`,
		`{"n":"ID","ID":"a","o":{"ID":"b"}}`:           `{"n":"ID","o":{"ID":"b"}}`,
		`{"n": 1 , "ID" : "a" , "m":2}`:                `{"n": 1  , "m":2}`,
		`{"\u0049D":"\u0061","x":"` + "\xff" + `"}`:    `{"x":"` + "\xff" + `"}`,
		"{\"ID\":\"a\",\n\t\"DE:ID\":[],\"DE:ID\":{}}": "{\n\t\"DE:ID\":[],\"DE:ID\":{}}",
	} {
		c := memory(t, func(*http.Request) (*http.Response, error) { return reply(200, `{"data":[`+in+`]}`), nil })
		rows, err := rowsOf(t.Context(), c, Request{Path: "proj/search?fields=name"}, Walk{})
		if err != nil || len(rows) != 1 || rows[0] != want {
			t.Errorf("%s became %q, %v; want %s", in, rows, err, want)
		}
		rows, err = rowsOf(t.Context(), c, Request{Path: "proj/search?fields=ID"}, Walk{})
		if err != nil || len(rows) != 1 || rows[0] != in {
			t.Errorf("%s became %q, %v; its ID was asked for", in, rows, err)
		}
	}
}

// TestBadPages lets ten pages of two new rows be good and wants the error of the next, after all rows of the good ones.
func TestBadPages(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)
	for body, want := range map[string]string{
		`{"data":{"ID":"a"}}`:                                    "one object and not a list",
		`{"data":{"a":{"ID":"a"},"b":{"ID":"b"}}}`:               "one object and not a list",
		`{"data":"text"}`:                                        "no array data",
		`{"data":null}`:                                          "no array data",
		`{"count":1}`:                                            "no array data",
		`[{"ID":"a"}]`:                                           "no array data",
		`{"data":[],"data":[]}`:                                  "data twice",
		`{"data":[1]}`:                                           "row 1 of the answer is not an object",
		`{"data":[{"ID":"ffffffff"},{"name":"x"}]}`:              "row 2 of the answer has no ID",
		`{"data":[{"ID":7}]}`:                                    "row 1 of the answer has no ID",
		`{"data":[{"ID":"b"},{"ID":"a"}]}`:                       `does not sort by the bytes of ID ("b" comes before "a")`,
		`{"data":[{"ID":"a"},{"ID":"a"}]}`:                       `does not sort by the bytes of ID`,
		`{"data":[{"ID":"a"},{"ID":"B"}]}`:                       `does not sort by the bytes of ID`,
		`{"data":[{"ID":"1"},{"ID":"2"},{"ID":"3"},{"ID":"4"}]}`: "4 rows where 3 were asked for",
		`{"data":[{"ID":"a"}]} x`:                                "not JSON",
		`{"data":[{"ID":"a"},]}`:                                 "not JSON",
		`{"data":[{"ID":"a"}`:                                    "cut after",
		`{"data":[{"ID":"a","deep":` + deep + `}]}`:              "not JSON",
		`<html><title>Maintenance</title>`:                       `HTML page ("Maintenance")`,
		`nonsense`:                                               "not JSON",
		``:                                                       "not JSON",
		`{"error":{"message":"enough"}}`:                         "Workfront refused: enough (status 200)",
		`{"data":[{"ID":"a"}],"error":"enough"}`:                 "Workfront refused: enough (status 200)",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &still{n: 1000}
			c := memory(t, func(r *http.Request) (*http.Response, error) {
				if first, _ := window(r); first >= 20 {
					return reply(200, body), nil
				}
				return s.RoundTrip(r)
			})
			rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%.80s: %v, want %s", body, err, want)
			}
			if len(rows) != 21 {
				t.Errorf("%.80s: %d rows before it", body, len(rows))
			}
			if refusal, ok := errors.AsType[*Refusal](err); ok && string(refusal.Body) != body {
				t.Errorf("the refusal's body is %q", refusal.Body)
			}
		})
	}
}

// TestPageFromElsewhere takes neither the rows of another origin for the tenant's, nor those of an earlier page for the next.
func TestPageFromElsewhere(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]*http.Response{
		"it cannot be read in pages: acme.my.workfront.com answered 304": reply(304, ""),
		"it cannot be read in pages: elsewhere.example answered 200":     reply(302, "", "Location", "https://elsewhere.example/attask/api/v22.0/task/search"),
	} {
		s := &still{n: 10}
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if first, _ := window(r); first > 0 {
				return answer, nil
			}
			if r.URL.Host == "elsewhere.example" {
				return reply(200, `{"data":[{"ID":"z"}]}`), nil
			}
			return s.RoundTrip(r)
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3})
		if err == nil || err.Error() != want || len(rows) != 3 {
			t.Errorf("%d rows, %v; want %s", len(rows), err, want)
		}
	}
}

// TestOddPages are not nice, and are the server's to answer for.
func TestOddPages(t *testing.T) {
	t.Parallel()
	for _, row := range []string{
		`{"ID":"a","name":"x","name":"y"}`,
		`{"ID":"a","name":"x","ID":"b"}`,
		"{\"ID\":\"a\",\"name\":\"\xff\"}",
		`{"ID":"a","n":1.50,"m":123456789012345678901234567890,"e":1E5}`,
		"{ \"ID\" :\n\"a\" }",
	} {
		c := memory(t, func(*http.Request) (*http.Response, error) {
			return reply(200, " {\"more\":[1,{}], \"error\" : null, \"data\" : [ "+row+" ] } \n"), nil
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{})
		if err != nil || len(rows) != 1 || rows[0] != row {
			t.Errorf("%q became %q, %v", row, rows, err)
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`{"data":[]}`, `{"data":[{"ID":"a"},{"ID":"b","n":1}]}`, `{"data":{"ID":"a"}}`, `{"data":[{"ID":"\u0061","ID":"b"}]}`,
		`{"data":[{"x":[[[]]],"\u0049D" : "a"}], "error":null}`, `{"data":[1]}`, `{"data":[{"ID":"` + "\xff" + `"}]}`, `<html>`, ``, `{"data":[{"ID":"a"}`,
		`{"error":"x","data":[]}`, ` { "data" : [ { "ID" : "a" , "b" : 1 } ] } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := page{body: slices.Clone(body)}
		if p.parse() != nil {
			return
		}
		for _, r := range p.rows {
			if !strings.Contains(string(body), string(r.value)) {
				t.Fatalf("row %q is not what was sent", r.value)
			}
			one := page{body: []byte(`{"data":[` + string(r.value) + `]}`)}
			if err := one.parse(); err != nil || len(one.rows) != 1 || string(one.rows[0].id) != string(r.id) {
				t.Fatalf("row %q alone: %v", r.value, err)
			}
			if first := bytes.Index(r.value, []byte(`"ID"`)); first == r.from && bytes.Count(r.value, []byte("ID")) == 1 && !bytes.ContainsRune(r.value, '\\') {
				bare := page{body: []byte(`{"data":[` + string(r.withoutID()) + `]}`)}
				if err := bare.parse(); err == nil || !strings.Contains(err.Error(), "no ID") {
					t.Fatalf("without its ID: %v", err)
				}
			}
		}
	})
}

// TestLargePage wants neither a page beyond the bound nor memory for what an answer only claims to have.
func TestLargePage(t *testing.T) {
	t.Parallel()
	for _, claim := range []int64{-1, 100, 1 << 40} {
		var p page
		if err := p.fill(strings.NewReader(strings.Repeat("x", 9999)), claim, 10_000); err != nil || len(p.body) != 9999 {
			t.Errorf("claimed %d: %d bytes, %v", claim, len(p.body), err)
		}
		if err := p.fill(strings.NewReader(strings.Repeat("x", 1<<20)), claim, 10_000); err != errTooLarge || cap(p.body) > 1<<16 {
			t.Errorf("claimed %d: %d bytes, room for %d, %v", claim, len(p.body), cap(p.body), err)
		}
	}
}
