package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

const subscriptions = "/attask/eventsubscription/api/v1/subscriptions"

// subscriptionAPI sends a request of the first user, who is an administrator.
func subscriptionAPI(tenant *emulator.Tenant, method, path, body string) answer {
	r := httptest.NewRequest(method, subscriptions+path, strings.NewReader(body))
	r.Header.Set("sessionID", tenant.NewSession(""))
	return do(tenant, r)
}

// subscribe makes a subscription and returns its ID.
func subscribe(t *testing.T, tenant *emulator.Tenant, body string) string {
	t.Helper()
	got := subscriptionAPI(tenant, "POST", "", body)
	var made struct{ ID, Version string }
	if err := json.Unmarshal([]byte(got.body), &made); err != nil || got.status != http.StatusCreated || !strings.HasSuffix(got.header.Get("Location"), subscriptions+"/"+made.ID) {
		t.Fatalf("%d %s %v", got.status, got.body, got.header)
	}
	return made.ID
}

// delivered is a message that came.
type delivered struct {
	token                     string
	EventType, SubscriptionID string
	EventTime                 struct{ EpochSecond, Nano int64 }
	NewState, OldState        object
}

// receiver takes deliveries; refuse says which of them, by their number, it refuses.
func receiver(t *testing.T, refuse func(n int) bool) (address string, messages <-chan delivered) {
	t.Helper()
	came := make(chan delivered, 100)
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := delivered{token: r.Header.Get("Authorization")}
		text, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(text, &d); err != nil {
			t.Errorf("%v in %s", err, text)
		}
		if n++; refuse != nil && refuse(n) { // deliveries of one subscription come one by one
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		came <- d
	}))
	t.Cleanup(server.Close)
	return server.URL, came
}

func next(t *testing.T, messages <-chan delivered) delivered {
	t.Helper()
	select {
	case d := <-messages:
		return d
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was delivered")
	}
	return delivered{}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	now := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, Now: now.Now})
	t.Cleanup(func() { tenant.Close() })
	project := data[object](t, api(tenant, "POST", "proj", "name=before"))["ID"].(string)
	ids := make(map[string]string)
	address, messages := receiver(t, nil)
	for _, kind := range []string{"CREATE", "UPDATE", "DELETE"} {
		ids[kind] = subscribe(t, tenant, fmt.Sprintf(`{"objCode":"TASK","eventType":%q,"url":%q,"authToken":"CANARY-token-1234"}`, kind, address))
	}
	check := func(kind string, old, fresh any) {
		t.Helper()
		d := next(t, messages)
		if d.EventType != kind || d.SubscriptionID != ids[kind] || d.token != "Bearer CANARY-token-1234" || d.EventTime.EpochSecond != now.Now().Unix() || d.OldState["name"] != old || d.NewState["name"] != fresh {
			t.Errorf("%+v", d)
		}
		if (old == nil) != (len(d.OldState) == 0) || (fresh == nil) != (len(d.NewState) == 0) {
			t.Errorf("%+v", d)
		}
		if fresh != nil && (d.NewState["projectID"] != project || d.NewState["entryDate"] != "2026-06-15T05:00:00.000-0700") {
			t.Errorf("%v", d.NewState)
		}
	}
	task := data[object](t, api(tenant, "POST", "task", "name=a&projectID="+project))["ID"].(string)
	check("CREATE", nil, "a")
	api(tenant, "PUT", "task/"+task, "name=b")
	check("UPDATE", "a", "b")
	api(tenant, "PUT", "task/"+task, "name=b&status=NOSUCH") // refused: nothing happened
	api(tenant, "PUT", "task/"+task+"/markDone", "")
	check("UPDATE", "b", "b")
	api(tenant, "DELETE", "proj/"+project, "")
	check("DELETE", "b", nil)

	// One is shown without its token, and with what was delivered.
	for range 100 {
		got := subscriptionAPI(tenant, "GET", "/"+ids["UPDATE"], "")
		if strings.Contains(got.body, "CANARY") || !strings.Contains(got.body, `"authToken":"****1234"`) {
			t.Fatalf("%s", got.body)
		}
		if strings.Contains(got.body, `"successes":2`) {
			break
		}
		time.Sleep(10 * time.Millisecond) // the receiver has it before it is booked
	}
	// Unsubscribed is unsubscribed.
	for _, id := range ids {
		if got := subscriptionAPI(tenant, "DELETE", "/"+id, ""); got.status != 200 || got.body != "" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := subscriptionAPI(tenant, "GET", "/"+id, ""); got.status != 404 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	api(tenant, "POST", "task", "name=c")
	select {
	case d := <-messages:
		t.Errorf("%+v", d)
	default:
	}
}

// What is not acknowledged comes again, with what came after it in between.
func TestEventsAreTriedAgain(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, EventRetry: time.Millisecond})
	t.Cleanup(func() { tenant.Close() })
	address, messages := receiver(t, func(n int) bool { return n <= 3 })
	subscribe(t, tenant, `{"objCode":"PROJ","eventType":"CREATE","url":"`+address+`"}`)
	data[object](t, api(tenant, "POST", "proj", "name=a"))
	if d := next(t, messages); d.NewState["name"] != "a" || d.token != "" {
		t.Errorf("%+v", d)
	}
	data[[]object](t, sendJSON(tenant, "POST", "proj", `[{"name":"b"},{"name":"c"}]`))
	if b, c := next(t, messages), next(t, messages); b.NewState["name"] != "b" || c.NewState["name"] != "c" {
		t.Errorf("%v, %v", b.NewState["name"], c.NewState["name"])
	}
}

// Nothing is delivered but to loopback addresses, even where another leads to this machine.
func TestEventsStayHere(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	t.Cleanup(func() { tenant.Close() })
	address, messages := receiver(t, nil)
	id := subscribe(t, tenant, `{"objCode":"PROJ","eventType":"CREATE","url":"`+strings.Replace(address, "127.0.0.1", "0.0.0.0", 1)+`"}`)
	data[object](t, api(tenant, "POST", "proj", "name=a"))
	for !strings.Contains(subscriptionAPI(tenant, "GET", "/"+id, "").body, `"failures":1`) {
		select {
		case d := <-messages:
			t.Fatalf("%+v", d)
		case <-time.After(time.Millisecond): // until the failure is booked
		}
	}
}

func TestEventFilters(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	t.Cleanup(func() { tenant.Close() })
	project := data[object](t, api(tenant, "POST", "proj", "name=a&priority=1"))["ID"].(string)
	for filters, fires := range map[string]bool{
		`[]`: true,
		`[{"fieldName":"name","fieldValue":"b"}]`:                                                                                     true,
		`[{"fieldName":"name","fieldValue":"a","state":"oldState","comparison":"eq"}]`:                                                true,
		`[{"fieldName":"name","fieldValue":"b","comparison":"ne"}]`:                                                                   false,
		`[{"fieldName":"priority","fieldValue":10,"comparison":"lt"}]`:                                                                true,
		`[{"fieldName":"priority","fieldValue":"3","comparison":"gte"}]`:                                                              true,
		`[{"fieldName":"priority","fieldValue":3,"comparison":"gt"}]`:                                                                 false,
		`[{"fieldName":"priority","fieldValue":3,"comparison":"lte"}]`:                                                                true,
		`[{"fieldName":"name","fieldValue":"b","comparison":"contains"}]`:                                                             true,
		`[{"fieldName":"name","fieldValue":"b","comparison":"notContains"}]`:                                                          false,
		`[{"fieldName":"name","fieldValue":"b","comparison":"containsOnly"}]`:                                                         true,
		`[{"fieldName":"priority","comparison":"changed"}]`:                                                                           true,
		`[{"fieldName":"description","comparison":"changed"}]`:                                                                        false,
		`[{"fieldName":"nosuch","fieldValue":"b"}]`:                                                                                   false,
		`[{"fieldName":"name","fieldValue":"b","comparison":"nosuch"}]`:                                                               false,
		`[{"fieldName":"name","fieldValue":"x"},{"fieldName":"name","fieldValue":"b"}]`:                                               false,
		`[{"fieldName":"name","fieldValue":"x"},{"fieldName":"name","fieldValue":"b"}]|OR`:                                            true,
		`[{"type":"group","connector":"OR","filters":[{"fieldName":"name","fieldValue":"x"},{"fieldName":"name","fieldValue":"b"}]}]`: true,
	} {
		address, messages := receiver(t, nil)
		list, connector, _ := strings.Cut(filters, "|")
		id := subscribe(t, tenant, `{"objCode":"PROJ","eventType":"UPDATE","objId":"`+project+`","url":"`+address+`","filters":`+list+`,"filterConnector":"`+connector+`"}`)
		last := subscribe(t, tenant, `{"objCode":"PROJ","eventType":"DELETE","url":"`+address+`"}`)
		api(tenant, "PUT", "proj/"+project, "name=b&priority=3")
		other := data[object](t, api(tenant, "POST", "proj", "name=other"))["ID"].(string)
		api(tenant, "PUT", "proj/"+other, "name=b&priority=3") // another object than the one that is meant
		if fires {
			if d := next(t, messages); d.SubscriptionID != id {
				t.Errorf("%s: %+v", filters, d)
			}
		}
		api(tenant, "DELETE", "proj/"+other, "")
		if d := next(t, messages); d.SubscriptionID != last {
			t.Errorf("%s: %+v", filters, d)
		}
		subscriptionAPI(tenant, "DELETE", "/"+id, "")
		subscriptionAPI(tenant, "DELETE", "/"+last, "")
		api(tenant, "PUT", "proj/"+project, "name=a&priority=1")
	}
}

func TestSubscriptionAPI(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	t.Cleanup(func() { tenant.Close() })
	r := httptest.NewRequest("GET", subscriptions, nil)
	if got := do(tenant, r); got.status != http.StatusUnauthorized {
		t.Errorf("no session: %d", got.status)
	}
	r.Header.Set("sessionID", tenant.NewSession(tenant.Users()[1].Username))
	if got := do(tenant, r); got.status != http.StatusForbidden {
		t.Errorf("not an administrator: %d", got.status)
	}
	const good = `{"objCode":"TASK","eventType":"CREATE","url":"https://example.com/x"}`
	for range 3 {
		subscribe(t, tenant, good)
	}
	got := subscriptionAPI(tenant, "GET", "?page=2&limit=2", "")
	var list struct {
		Subscriptions []struct{ ID, Version, AuthToken string }
		Meta          map[string]int
	}
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || len(list.Subscriptions) != 1 || list.Meta["page_count"] != 2 || list.Meta["total_count"] != 3 {
		t.Errorf("%v %s", err, got.body)
	}
	id := list.Subscriptions[0].ID
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "", `{"objCode":"TASK","eventType":"CREATE","url":"x"}`, 400, "url value"},
		{"POST", "", `{"objCode":"NOSUCH","eventType":"CREATE","url":"http://x/"}`, 400, "objCode value"},
		{"POST", "", `{"objCode":"task","eventType":"CREATE","url":"http://x/"}`, 400, "objCode value"},
		{"POST", "", `{"objCode":"TASK","eventType":"create","url":"http://x/"}`, 400, "eventType value"},
		{"POST", "", `x`, 400, "not a JSON object"},
		{"GET", "?limit=1001", "", 400, "limit value"},
		{"GET", "?page=0", "", 400, "page value"},
		{"GET", "?page=9223372036854775807", "", 200, `"subscriptions":[]`},
		{"GET", "/nosuch", "", 404, "nosuch"},
		{"DELETE", "/nosuch", "", 404, "nosuch"},
		{"DELETE", "", "", 405, "not supported"},
		{"PUT", "/" + id + "/version", `{"version":"v1"}`, 200, `"version":"v1"`},
		{"PUT", "/" + id + "/version", `{"version":"v9"}`, 400, "version value"},
		{"PUT", "/nosuch/version", `{"version":"v2"}`, 404, "nosuch"},
		{"PUT", "/version", `{"subscriptionIds":["` + id + `"]}`, 200, `"subscription_ids":["` + id + `"]`},
		{"PUT", "/version", `{"allCustomerSubscriptions":true,"version":"v2"}`, 200, id},
		{"GET", "/" + id, "", 200, `"version":"v2"`},
	} {
		if got := subscriptionAPI(tenant, test.method, test.path, test.body); got.status != test.status || !strings.Contains(got.body, test.want) {
			t.Errorf("%s %s %s: %d %s", test.method, test.path, test.body, got.status, got.body)
		}
	}
	bare := emulator.New(emulator.Options{Projects: 1, BareCreated: true})
	if got := subscriptionAPI(bare, "POST", "", good); got.status != 201 || got.body != "" || !strings.Contains(got.header.Get("Location"), subscriptions+"/") {
		t.Errorf("%d %q %v", got.status, got.body, got.header)
	}
}
