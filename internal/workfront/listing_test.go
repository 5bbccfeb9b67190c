package workfront

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		{"proj/search?fields=name,%20ID", "", "fields=name,ID&ID_Sort=asc", 1},
		{"proj/search", "fields=*,owner:name", "fields=*,owner:name&ID_Sort=asc", 1},
		{"proj/search", "fields=owner:ID,owner:*", "fields=owner:ID,owner:*,ID&ID_Sort=asc", 1},
		{"proj/search", `fields=["name"]`, `fields=["name","ID"]&ID_Sort=asc`, 1},
		{"proj/search", `fields= [ "name", "ID" ] `, `fields=["name","ID"]&ID_Sort=asc`, 1},
		{"proj/search", `fields=[ "a]" ] `, `fields=["a]","ID"]&ID_Sort=asc`, 1},
		{"proj/search", `fields=['name','DE:A, B']`, `fields=["name","DE:A, B","ID"]&ID_Sort=asc`, 1},
		{"proj/search", "fields=name,", "fields=name,ID&ID_Sort=asc", 1},
		{"proj/search", "fields=", "ID_Sort=asc", 1},
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
