package gateway_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/gateway"
)

// A list is asked for by its path, with fields and filters as its parameters.
func TestLists(t *testing.T) {
	t.Parallel()
	var got gateway.List
	g := newRig(t, nil, func(c *gateway.Config) {
		c.List = func(l gateway.List) (gateway.Rows, error) {
			got = l
			return func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, "row "+session+"\r\n")
				return err
			}, nil
		}
	})
	for target, c := range map[string]struct {
		contentType string
		want        gateway.List
	}{
		"/rows/task.csv":                       {"text/csv; charset=utf-8", gateway.List{Object: "task", Format: "csv"}},
		"/rows/OpTask.json?fields=ID,name":     {"application/json", gateway.List{Object: "OpTask", Format: "json", Fields: []string{"ID,name"}}},
		"/rows/task.ndjson?fields=a&fields=b":  {"application/x-ndjson", gateway.List{Object: "task", Format: "ndjson", Fields: []string{"a", "b"}}},
		"/rows/task.csv?dates=iso&method=get":  {"text/csv; charset=utf-8", gateway.List{Object: "task", Format: "csv", Dates: "iso"}},
		"/rows/task.csv?status!=CUR&a<=5&b~ro": {"text/csv; charset=utf-8", gateway.List{Object: "task", Format: "csv", Filters: []string{"status!=CUR", "a<=5", "b~ro"}}},
		"/rows/task.csv?DE%3ACost+Center%3DCC%261&name==x&name_1_Sort=asc": {
			"text/csv; charset=utf-8", gateway.List{Object: "task", Format: "csv", Filters: []string{"DE:Cost Center=CC&1", "name==x"},
				Order: []gateway.Parameter{{Key: "name_1_Sort", Value: "asc", Text: "name_1_Sort=asc"}}}},
	} {
		got = gateway.List{}
		resp, body := g.ask("GET", target, "")
		if status(resp, body) != 200 || resp.Header.Get("Content-Type") != c.contentType || body != "row "+strings.Repeat("*", len(session))+"\r\n" {
			t.Errorf("%s: %v %q", target, resp, body)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", target, diff)
		}
	}
	got = gateway.List{}
	g.ask("POST", "/rows/task.csv", "method=GET&status=CUR", "Content-Type", form)
	if diff := cmp.Diff(gateway.List{Object: "task", Format: "csv", Filters: []string{"status=CUR"}}, got); diff != "" {
		t.Errorf("by POST: -want +got\n%s", diff)
	}
	if resp, body := g.ask("HEAD", "/rows/task.csv", ""); status(resp, body) != 200 || body != "" || resp.Header.Get("Content-Type") == "" {
		t.Errorf("HEAD: %v %q", resp, body)
	}
	for _, query := range []string{"$$FIRST=0", "$$LIMIT=5", "%24%24LIMIT=5", "map=true", "updates={}", "listOptions={}", "a_1_GroupBy=true", "b_AggFunc=sum", "force=true"} {
		if resp, body := g.ask("GET", "/rows/task.csv?"+query, ""); status(resp, body) != 400 {
			t.Errorf("%s: %v %s", query, resp, body)
		}
	}
}

// A list that fails before its first byte is an error; after it the connection breaks. One without rows is whole.
func TestListFails(t *testing.T) {
	t.Parallel()
	fault := &gateway.Error{Status: 422, Class: "java.lang.X", Message: "no such field"}
	for name, c := range map[string]struct {
		rows   []string
		err    error
		check  error
		status int
		body   string
	}{
		"wrong":           {check: fault, status: 422, body: `{"error":{"class":"java.lang.X","message":"no such field"}}` + "\n"},
		"at once":         {err: fault, status: 422, body: `{"error":{"class":"java.lang.X","message":"no such field"}}` + "\n"},
		"without words":   {err: errors.New("CANARY"), status: 502, body: `{"error":{"class":"wfauth","message":"the request failed; wfauth proxy --debug tells more"}}` + "\n"},
		"after a row":     {rows: []string{"a\r\n"}, err: fault, status: 200, body: "broken: "},
		"after many":      {rows: []string{"a\r\n", strings.Repeat("x", 100_000)}, err: fault, status: 200, body: "broken: "},
		"nothing":         {status: 200},
		"an empty write":  {rows: []string{""}, status: 200},
		"several, packed": {rows: []string{"a\r\n", "b\r\n"}, status: 200, body: "a\r\nb\r\n"},
	} {
		g := newRig(t, nil, func(g *gateway.Config) {
			g.List = func(gateway.List) (gateway.Rows, error) {
				return func(_ context.Context, w io.Writer) error {
					for _, row := range c.rows {
						if _, err := io.WriteString(w, row); err != nil {
							return err
						}
					}
					return c.err
				}, c.check
			}
		})
		for _, header := range [][]string{nil, {"Accept-Encoding", "gzip"}} {
			resp, body := g.ask("GET", "/rows/task.csv", "", header...)
			if status(resp, body) != c.status {
				t.Errorf("%s: %v %s", name, resp, body)
				continue
			}
			if resp.Header.Get("Content-Encoding") == "gzip" && !strings.HasPrefix(body, "broken: ") {
				body = unpacked(t, body)
			}
			if broken := strings.HasPrefix(body, "broken: "); body != c.body && !(broken && c.body == "broken: ") {
				t.Errorf("%s: %q", name, body)
			}
			if c.status != 200 && resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %v", name, resp.Header)
			}
		}
	}
}
