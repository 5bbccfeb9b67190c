package workfront

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// still is a list that does not change, of n rows; it keeps the queries it was asked.
type still struct {
	n int

	mu      sync.Mutex // guards what follows
	queries []url.Values
}

func (s *still) RoundTrip(r *http.Request) (*http.Response, error) {
	r.ParseForm()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, r.Form)
	first, size := window(r)
	var rows []string
	for i := first; i < min(first+size, s.n); i++ {
		rows = append(rows, fmt.Sprintf(`{"ID":"%08x"}`, i))
	}
	return reply(200, `{"data":[`+strings.Join(rows, ",")+`]}`), nil
}

// asked gives offset and size of each request.
func (s *still) asked() (windows []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queries {
		windows = append(windows, q.Get("$$FIRST")+"+"+q.Get("$$LIMIT"))
	}
	slices.Sort(windows) // requests ahead may overtake one another
	return windows
}

func window(r *http.Request) (first, size int) {
	first, _ = strconv.Atoi(r.FormValue("$$FIRST"))
	size, _ = strconv.Atoi(r.FormValue("$$LIMIT"))
	return first, size
}

// rowsOf reads all pages into lines.
func rowsOf(ctx context.Context, c *Client, r Request, w Walk) (rows []string, err error) {
	for page, err := range c.Pages(ctx, r, w) {
		if err != nil {
			return rows, err
		}
		for _, row := range page {
			rows = append(rows, string(row))
		}
	}
	return rows, nil
}

// TestRequestsOfAWalk counts the requests for lists that stand still: none is wasted before the end, and pages overlap by one row.
func TestRequestsOfAWalk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows int
		w    Walk
		want string
	}{
		{0, Walk{PageSize: 3}, "0+3"},
		{2, Walk{PageSize: 3, Ahead: 8}, "0+3"},
		{3, Walk{PageSize: 3}, "0+3 2+3"},
		{4, Walk{PageSize: 3}, "0+3 2+3"},
		{5, Walk{PageSize: 3}, "0+3 2+3 4+3"},
		{5, Walk{}, "0+2000"},
		{2, Walk{PageSize: 1}, "0+2 1+2"},
		{9, Walk{PageSize: 3, Limit: 2, Ahead: 8}, "0+2"},
		{9, Walk{PageSize: 3, Limit: 3, Ahead: 8}, "0+3"},
		{9, Walk{PageSize: 3, Limit: 4, Ahead: 8}, "0+3 2+2"},
		{9, Walk{PageSize: 3, Limit: 7, Ahead: 8}, "0+3 2+3 4+3"},
		{9, Walk{PageSize: 3, Limit: 8}, "0+3 2+3 4+3 6+2"},
		{9, Walk{Limit: 100}, "0+100"},
	} {
		s := &still{n: c.rows}
		rows, err := rowsOf(t.Context(), memory(t, s.RoundTrip), Request{Path: "task/search"}, c.w)
		if err != nil {
			t.Errorf("%d rows, %+v: %v", c.rows, c.w, err)
		}
		want := c.rows
		if c.w.Limit > 0 {
			want = min(want, c.w.Limit)
		}
		if len(rows) != want {
			t.Errorf("%d rows, %+v: %d rows came", c.rows, c.w, len(rows))
		}
		if got := strings.Join(s.asked(), " "); got != c.want {
			t.Errorf("%d rows, %+v: asked for %s, want %s", c.rows, c.w, got, c.want)
		}
	}
}

// TestAhead has a slow server and wants as many requests in flight as were allowed, after the first.
func TestAhead(t *testing.T) {
	t.Parallel()
	for ahead, rounds := range map[int]int{1: 65, 2: 33, 4: 17, 8: 9, 9: 9} {
		synctest.Test(t, func(t *testing.T) {
			s := &still{n: 2*64 + 1}
			c := memory(t, func(r *http.Request) (*http.Response, error) {
				if err := sleep(r.Context(), time.Second); err != nil {
					return nil, err
				}
				return s.RoundTrip(r)
			})
			start := time.Now()
			if _, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: ahead}); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Duration(rounds)*time.Second {
				t.Errorf("%d ahead: %v, want %d s", ahead, took, rounds)
			}
		})
	}
}

// TestTooManyAtOnce has a server that takes two at a time, and wants the walk to find that out.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &still{n: 400}
		var mu sync.Mutex
		inFlight, refused, served := 0, 0, 0
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			inFlight++
			tooMany := inFlight > 2
			if tooMany {
				refused++
			} else {
				served++
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				inFlight--
			}()
			time.Sleep(100 * time.Millisecond)
			if tooMany {
				return reply(429, `{"error":{"message":"Too many concurrent API requests"}}`), nil
			}
			return s.RoundTrip(r)
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 8})
		if err != nil || len(rows) != 400 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if refused > served/4 {
			t.Errorf("%d requests refused, %d served: the number in flight did not come down", refused, served)
		}
	})
}

func TestListing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path  string
		field string // key=value
		want  string // what is asked for besides, in order
		order int
	}{
		{"proj/search", "", "ID_Sort=asc", 1},
		{"proj/search?name=a", "status=CUR", "name=a&status=CUR&ID_Sort=asc", 1},
		{"proj/search?ID_Sort=asc", "", "ID_Sort=asc", 1},
		{"proj/search?ID_Sort=desc", "", "ID_Sort=desc", -1},
		{"proj/search?ID_Sort=cidesc", "", "ID_Sort=cidesc", -1},
		{"proj/search?ID_Sort=asc&name_Sort=asc", "", "ID_Sort=asc&name_Sort=asc", 1},
		{"proj/search?name_Sort=asc", "", "name_Sort=asc&ID_Sort=asc", 0},
		{"proj/search?name_Sort=asc&ID_Sort=desc", "", "name_Sort=asc&ID_Sort=desc", 0},
		{"proj/search?name_2_Sort=asc&status_1_Sort=asc", "", "name_2_Sort=asc&status_1_Sort=asc&ID_3_Sort=asc", 0},
		{"proj/search?name_2_Sort=asc&ID_1_Sort=asc", "", "name_2_Sort=asc&ID_1_Sort=asc", 1},
		{"proj/search", "fields=name", "fields=name,ID&ID_Sort=asc", 1},
		{"proj/search?fields=name,%20ID", "", "fields=name, ID&ID_Sort=asc", 1},
		{"proj/search", "fields=*,owner:name", "fields=*,owner:name&ID_Sort=asc", 1},
		{"proj/search", "fields=owner:ID,owner:*", "fields=owner:ID,owner:*,ID&ID_Sort=asc", 1},
		{"proj/search", `fields=["name"]`, `fields=["name","ID"]&ID_Sort=asc`, 1},
		{"proj/search", `fields= [ "name", "ID" ] `, `fields= [ "name", "ID" ] &ID_Sort=asc`, 1},
		{"proj/search", `fields=[ "a]" ] `, `fields=[ "a]","ID"]&ID_Sort=asc`, 1},
		{"proj/search", "fields=", "fields=&ID_Sort=asc", 1},
	} {
		r := Request{Path: c.path}
		if key, value, ok := strings.Cut(c.field, "="); ok {
			r.Fields = []Field{{key, value}}
		}
		before := slices.Clone(r.Fields)
		l, err := memory(t, nil).list(r)
		if err != nil {
			t.Errorf("%s %s: %v", c.path, c.field, err)
			continue
		}
		var got []string
		for _, f := range l.request.Fields {
			got = append(got, f.Key+"="+f.Value)
		}
		if s := strings.Join(got, "&"); s != c.want || l.order != c.order || l.hidden != (strings.Count(c.want, "ID") > 1+strings.Count(c.path+c.field, "ID")) {
			t.Errorf("%s %s: %s, order %d, hidden %v; want %s, order %d", c.path, c.field, s, l.order, l.hidden, c.want, c.order)
		}
		if diff := cmp.Diff(before, r.Fields); diff != "" {
			t.Errorf("%s: the caller's fields were changed: %s", c.path, diff)
		}
	}
}

func TestNoWalk(t *testing.T) {
	t.Parallel()
	for _, r := range []Request{
		{Path: "proj/search?$$FIRST=10"},
		{Path: "proj/search?%24%24LIMIT=10"},
		{Path: "proj/search", Fields: []Field{{"$$LIMIT", "1"}}},
		{Path: "proj/search?map=true"},
		{Path: "proj/report?name_GroupBy=true"},
		{Path: "proj/count"},
		{Path: "proj/search", Method: "POST"},
		{Path: "proj/search?method=delete"},
		{Path: "proj/search?action=x"},
		{Path: "proj/search", Input: strings.NewReader("{}")},
		{Path: "../search"},
	} {
		c := memory(t, func(*http.Request) (*http.Response, error) {
			t.Errorf("%s: a request was sent", r.Path)
			return nil, io.EOF
		})
		rows, err := rowsOf(t.Context(), c, r, Walk{})
		if _, ok := errors.AsType[*UsageError](err); !ok || rows != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// TestHiddenID removes the ID that only the walk asked for, and no other byte.
func TestHiddenID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"ID":"a"}`:                                   `{}`,
		`{ "ID" : "a" }`:                               `{  }`,
		`{"ID":"a","n":1.50}`:                          `{"n":1.50}`,
		`{"n":1.50,"ID":"a"}`:                          `{"n":1.50}`,
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

// TestFirstIgnored has a server that begins every page with the first row.
func TestFirstIgnored(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"task/search", "task/search?name_Sort=asc"} {
		s := &still{n: 1000}
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			r.URL.RawQuery = "$$FIRST=0&$$LIMIT=" + r.URL.Query().Get("$$LIMIT")
			return s.RoundTrip(r)
		})
		rows, err := rowsOf(t.Context(), c, Request{Path: path}, Walk{PageSize: 10, Ahead: 2})
		if err == nil || !strings.Contains(err.Error(), "ignores $$FIRST") || len(rows) != 10 || len(s.queries) > 6 {
			t.Errorf("%d rows, %d requests, %v", len(rows), len(s.queries), err)
		}
	}
}

// TestNoProgress has a server that has nothing at any offset but the first.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	s := &still{n: 10}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first > 0 {
			return reply(200, `{"data":[]}`), nil
		}
		return s.RoundTrip(r)
	})
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 10})
	if err == nil || !strings.Contains(err.Error(), "100 pages in a row brought no new row") || len(rows) != 10 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// TestLostPlace moves all rows in a sort of the user's, so that nothing tells where the walk was.
func TestLostPlace(t *testing.T) {
	t.Parallel()
	s := &still{n: 20_000}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first >= 15_000 {
			return reply(200, `{"data":[]}`), nil
		} else if len(s.queries) > 10 {
			return reply(200, fmt.Sprintf(`{"data":[{"ID":"moved-%d"}]}`, first)), nil
		}
		return s.RoundTrip(r)
	})
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search?name_Sort=asc"}, Walk{PageSize: 1000})
	if err == nil || !strings.Contains(err.Error(), "the place in the list was lost") || len(rows) == 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestLongFilterInPages(t *testing.T) {
	t.Parallel()
	filter := strings.Repeat("x", 40_000)
	s := &still{n: 5}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if r.Method != "POST" || r.URL.RawQuery != "" {
			t.Errorf("%s with %d bytes of query", r.Method, len(r.URL.RawQuery))
		}
		return s.RoundTrip(r)
	})
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search", Fields: []Field{{"name", filter}}}, Walk{PageSize: 3})
	if err != nil || len(rows) != 5 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	for _, q := range s.queries {
		if q.Get("method") != "GET" || q.Get("name") != filter || q.Get("ID_Sort") != "asc" {
			t.Errorf("asked for %.200v", q)
		}
	}
}

// TestWalkIsInterrupted ends the context while pages are on their way: the rest ends at once, with the context's cause.
func TestWalkIsInterrupted(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, interrupt := context.WithCancelCause(t.Context())
	s := &still{n: 100}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first > 4 {
			interrupt(cause)
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return s.RoundTrip(r)
	})
	_, err := rowsOf(ctx, c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
	if !errors.Is(err, cause) {
		t.Error(err)
	}
}

// TestWalkIsLeft stops reading after one page.
func TestWalkIsLeft(t *testing.T) {
	t.Parallel()
	s := &still{n: 100}
	for range memory(t, s.RoundTrip).Pages(t.Context(), Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 3}) {
		break
	}
	if n := len(s.asked()); n > 4 {
		t.Errorf("%d requests", n)
	}
}

// TestSessionEndsInAWalk renews it once, however many pages find out.
func TestSessionEndsInAWalk(t *testing.T) {
	t.Parallel()
	s := &still{n: 40}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		if first, _ := window(r); first > 4 && r.Header.Get("sessionID") == canary {
			return reply(401, `{"error":{"message":"You are not currently logged in."}}`), nil
		}
		return s.RoundTrip(r)
	})
	c.Credentials = &sessions{ids: []string{canary, "canary-session-0002"}}
	rows, err := rowsOf(t.Context(), c, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
	if err != nil || len(rows) != 40 {
		t.Errorf("%d rows, %v", len(rows), err)
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
