package workfront

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const eventToken = "CANARY-event-token"

// deliver posts what is posted to a URL of events.
func deliver(d *Deliveries, method, authorization, body string) int {
	r := httptest.NewRequest(method, "/any/path", strings.NewReader(body))
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code
}

// Only what bears the token is taken, each event once, and what could not be kept is asked for again.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	var taken []string
	var failing error
	d := &Deliveries{Token: eventToken, Take: func(event []byte) error {
		if failing == nil {
			taken = append(taken, string(event))
		}
		return failing
	}}
	event := func(id, nano, name string) string {
		return fmt.Sprintf(`{"eventType":"UPDATE", "subscriptionId":%q,"eventTime":{"nano":%s,"epochSecond":1},"newState":{"name":%q},"oldState":{}}`, id, nano, name)
	}
	for _, c := range []struct {
		method, authorization, body string
		status, taken               int
	}{
		{"POST", "", event("s", "1", "a"), 401, 0},
		{"POST", "Bearer wrong", event("s", "1", "a"), 401, 0},
		{"POST", "Bearer " + eventToken + "x", event("s", "1", "a"), 401, 0},
		{"POST", "Basic " + eventToken, event("s", "1", "a"), 401, 0},
		{"GET", "Bearer " + eventToken, "", 405, 0},
		{"POST", "Bearer " + eventToken, "no JSON", 400, 0},
		{"POST", "Bearer " + eventToken, `["x"]`, 400, 0},
		{"POST", "Bearer " + eventToken, `{"x":` + strings.Repeat("[", 5<<20), 413, 0},
		{"POST", "Bearer " + eventToken, event("s", "1", "a"), 200, 1},
		{"POST", eventToken, event("s", "1", "a"), 200, 1},                     // the bare token; a double
		{"POST", "bearer  " + eventToken, event("s", "1", "a") + "\n", 200, 1}, // a double, written otherwise
		{"POST", eventToken, strings.ReplaceAll(event("s", "1", "a"), ",", ", "), 200, 1},
		{"POST", eventToken, event("s", "2", "a"), 200, 2},
		{"POST", eventToken, event("t", "1", "a"), 200, 3},
		{"POST", eventToken, event("s", "1", "b"), 200, 4},
		{"POST", eventToken, `{"odd":1}`, 200, 5},
	} {
		if status := deliver(d, c.method, c.authorization, c.body); status != c.status || len(taken) != c.taken {
			t.Errorf("%s %.30q %.90s: status %d, %d taken; want %d, %d", c.method, c.authorization, c.body, status, len(taken), c.status, c.taken)
		}
	}
	if strings.ContainsAny(strings.Join(taken, ""), "\n") {
		t.Error("an event is more than one line")
	}
	failing = errors.New("the disk is full")
	if status := deliver(d, "POST", eventToken, event("s", "9", "z")); status != 503 {
		t.Errorf("what was not kept: status %d", status)
	}
	failing = nil
	if status := deliver(d, "POST", eventToken, event("s", "9", "z")); status != 200 || len(taken) != 6 {
		t.Errorf("it came again: status %d, %d taken", status, len(taken))
	}
	if status := deliver(&Deliveries{Take: d.Take}, "POST", "Bearer ", event("s", "3", "z")); status != 401 {
		t.Errorf("no token: status %d", status)
	}
}

// Memory of doubles has an end, and strangers that hold connections keep nobody out.
func TestDeliveriesUnderAttack(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	taken := 0
	d := &Deliveries{Token: eventToken, Take: func([]byte) error { mu.Lock(); defer mu.Unlock(); taken++; return nil }}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(listener) }()
	t.Cleanup(func() { listener.Close(); <-served })
	for range 300 { // each says little, and that slowly
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n")
	}
	client := &http.Client{Timeout: 2 * time.Minute}
	r, _ := http.NewRequest(http.MethodPost, "http://"+listener.Addr().String(), strings.NewReader(`{"a":1}`))
	r.Header.Set("Authorization", "Bearer "+eventToken)
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 || taken != 1 {
		t.Errorf("status %d, %d taken", answer.StatusCode, taken)
	}
}

// However an answer calls its list, and whatever it says of pages, all subscriptions are read.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrap    string
		past    int // status of a page that is not there
		ignores bool
	}{
		"subscriptions":     {`{"subscriptions":%s,"meta":{"page_count":3,"total_count":2100}}`, 200, false},
		"no total":          {`{"page":1,"items":%s}`, 200, false},
		"a refusal behind":  {`{"data":%s}`, 404, false},
		"an array":          {`%s`, 200, false},
		"pages are ignored": {`{"subscriptions":%s,"total_count":2100}`, 200, true},
		"data in data":      {`{"data":{"page":1,"list":%s}}`, 400, false},
	} {
		const n = 2100
		client := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			var page, limit int
			_, _ = fmt.Sscan(r.FormValue("page"), &page)
			_, _ = fmt.Sscan(r.FormValue("limit"), &limit)
			if c.ignores {
				page, limit = 1, n
			}
			var rows []string
			for i := (page - 1) * limit; i < min(page*limit, n); i++ {
				rows = append(rows, fmt.Sprintf(`{"id":"%036d","objCode":"TASK","eventType":"UPDATE","url":"https://x/","authToken":"****1234","objId":null}`, i))
			}
			if rows == nil && c.past != 200 {
				http.Error(w, `{"error":{"message":"no such page"}}`, c.past)
				return
			}
			fmt.Fprintf(w, c.wrap, "["+strings.Join(rows, ",")+"]")
		})
		all, err := client.Subscriptions(t.Context())
		if err != nil || len(all) != n {
			t.Errorf("%s: %d subscriptions, %v", name, len(all), err)
		}
	}
}

// A new subscription is told by its answer or by its address.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status         int
		body, location string
		id             string
	}{
		"answer":    {201, `{"id":"4711","version":"v2"}`, "", "4711"},
		"address":   {201, "", "https://x.example/attask/eventsubscription/api/v1/subscriptions/4712", "4712"},
		"neither":   {201, "", "", ""},
		"no 201":    {200, `{"id":"4711"}`, "", ""},
		"a refusal": {400, `{"error":{"message":"bad url"}}`, "", ""},
	} {
		client := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(body), `"authToken":"`+eventToken+`"`) || r.Method != "POST" {
				http.Error(w, "", http.StatusTeapot)
				return
			}
			if c.location != "" {
				w.Header().Set("Location", c.location)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		id, err := client.Subscribe(t.Context(), Subscription{ObjCode: "TASK", EventType: "UPDATE", URL: "https://x/", AuthToken: eventToken})
		if id != c.id || (err == nil) != (c.id != "") || err != nil && strings.Contains(err.Error(), eventToken) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}
