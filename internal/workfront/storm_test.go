package workfront

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestStormOfOthers has a tenant whose other programs leave no room for four minutes, and then for longer than anybody waits.
func TestStormOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lasts, patience time.Duration
		rows            int
		want            string
	}{
		"four minutes":              {4 * time.Minute, 0, 400, ""},
		"four minutes, in a hurry":  {4 * time.Minute, time.Minute, 3, "acme.my.workfront.com answered 429 too many requests (\"Too many concurrent API requests\"), still after 1m0s of waiting (--patience)"},
		"an hour":                   {time.Hour, 0, 3, "acme.my.workfront.com answered 429 too many requests (\"Too many concurrent API requests\"), still after 5m0s of waiting (--patience)"},
		"an hour, with no patience": {time.Hour, -1, 3, "acme.my.workfront.com answered 429 too many requests (\"Too many concurrent API requests\")"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &still{n: 400}
				var mu sync.Mutex
				var notes []string
				var storm time.Time
				inVain := 0
				client := memory(t, func(r *http.Request) (*http.Response, error) {
					first, _ := window(r)
					mu.Lock()
					if first > 0 && storm.IsZero() {
						storm = time.Now()
					}
					busy := !storm.IsZero() && time.Since(storm) < c.lasts
					if busy {
						inVain++
					}
					mu.Unlock()
					if busy {
						return reply(429, `{"error":{"message":"Too many concurrent API requests"}}`), nil
					}
					return s.RoundTrip(r)
				})
				client.Patience, client.Note = c.patience, func(note string) { notes = append(notes, note) }
				rows, err := rowsOf(t.Context(), client, Request{Path: "task/search"}, Walk{PageSize: 3, Ahead: 4})
				if len(rows) != c.rows {
					t.Errorf("%d rows", len(rows))
				}
				if _, ok := errors.AsType[*Failure](err); ok != (c.want != "") || err != nil && err.Error() != c.want {
					t.Errorf("%v", err)
				}
				if (len(notes) == 1) != (c.patience >= 0) || len(notes) > 0 && !strings.Contains(notes[0], "waiting") {
					t.Errorf("noted %q", notes)
				}
				if inVain > 100 {
					t.Errorf("%d requests in vain", inVain)
				}
			})
		})
	}
}
