package workfront

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ version, day, want string }{
		{"v22.0", "2026-11-22", ""},
		{"v18.0", "2026-11-22", ""},
		{"v17.0", "2026-09-30", ""},
		{"v17.0", "2026-10-01", "API v17.0 is out of support since 2026-10-01 and may be removed; supported are v18.0, v19.0, v20.0, v21.0, v22.0"},
		{"v16.0", "2026-11-22", "API v16.0 is out of support since 2026-05-01"},
		{"v15.0", "2026-11-22", "API v15.0 is out of support since 2025-12-18"},
		{"v15.0", "2025-12-17", ""},
		{"v14.0", "2026-11-22", "removed: API v14.0 was removed on 2025-09-30; supported are v18.0, v19.0, v20.0, v21.0, v22.0"},
		{"v2.0", "2026-11-22", "removed: API v2.0 was removed"},
		{"v23.0", "2026-11-22", ""},
		{"unsupported", "2026-11-22", ""},
		{"v22.0", "2029-05-07", ""},
		{"v22.0", "2029-05-08", "API v22.0 is out of support since 2029-05-08 and may be removed; supported are v22.0"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		got, err := CheckVersion(c.version, day)
		if removed, ok := errors.AsType[*RemovedVersionError](err); ok {
			got = "removed: " + removed.Error()
		}
		if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s on %s: %q, want %q", c.version, c.day, got, c.want)
		}
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"proj/search":                   "; API v22.0 has no such object or action any more; supported are ",
		"/attask/api/v14.0/proj/search": "; API v14.0 was removed on 2025-09-30; supported are ",
		"/attask/api/v16.0/proj/search": "; API v16.0 is out of support since 2026-05-01 and may be removed; supported are ",
	} {
		c := memory(t, func(*http.Request) (*http.Response, error) { return reply(410, `{"error":{"message":"gone"}}`), nil })
		r, err := c.Do(t.Context(), Request{Path: path})
		if err == nil || !strings.Contains(err.Error(), "Workfront refused: gone"+want) {
			t.Errorf("%s: %v", path, err)
		}
		r.Body.Close()
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{`{"data":{"count":147}}`: 147, `{"count":42}`: 42, `{"data":{"count":0}}`: 0, `{"data":{}}`: -1, `{"data":[]}`: -1} {
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if got := r.URL.Path + "?" + r.URL.RawQuery; got != "/attask/api/v22.0/task/count?status=NEW&name=a" {
				t.Errorf("asked for %s", got)
			}
			return reply(200, body), nil
		})
		n, err := c.Count(t.Context(), Request{Path: "task/search?status=NEW&name_Sort=asc", Fields: []Field{{"name", "a"}, {"fields", "name"}}})
		if err != nil {
			n = -1
		}
		if n != want {
			t.Errorf("%s: %d, %v", body, n, err)
		}
	}
	if _, err := memory(t, nil).Count(t.Context(), Request{Path: "task/myTasks"}); err == nil {
		t.Error("a named query was counted")
	}
}
