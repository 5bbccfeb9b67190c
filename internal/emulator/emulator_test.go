package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// answer is what a request came back with.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends one request to the tenant, without a network.
func do(tenant *emulator.Tenant, r *http.Request) answer {
	w := httptest.NewRecorder()
	tenant.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// api sends a request below /attask/api/v22.0/ with a fresh session. The body is a form.
func api(tenant *emulator.Tenant, method, path, form string) answer {
	r := httptest.NewRequest(method, "/attask/api/v22.0/"+path, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("sessionID", tenant.NewSession(""))
	return do(tenant, r)
}

// data reads the data member of a successful answer.
func data[T any](t *testing.T, a answer) T {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
		t.Errorf("Content-Type %q", got)
	}
	var envelope struct {
		Data  *T `json:"data"`
		Error any
	}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if envelope.Data == nil {
		t.Fatalf("no data in %s", a.body)
	}
	return *envelope.Data
}

// object is any Workfront object.
type object = map[string]any

// rows gets the list that a GET of path answers.
func rows(t *testing.T, tenant *emulator.Tenant, path string) []object {
	t.Helper()
	return data[[]object](t, api(tenant, "GET", path, ""))
}

// count gets the number that /count answers.
func count(t *testing.T, tenant *emulator.Tenant, path string) int {
	t.Helper()
	return data[struct{ Count int }](t, api(tenant, "GET", path, "")).Count
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// web, spa and m2m are the tenant's applications.
func web(tenant *emulator.Tenant) emulator.Client { return tenant.Clients()[0] }
func spa(tenant *emulator.Tenant) emulator.Client { return tenant.Clients()[1] }
func m2m(tenant *emulator.Tenant) emulator.Client { return tenant.Clients()[2] }

const (
	tokenPath  = "/integrations/oauth2/api/v1/token"
	revokePath = "/integrations/oauth2/api/v1/revoke"
	jwtPath    = "/integrations/oauth2/api/v1/jwt/exchange"
)

// postForm sends a form to one of the OAuth2 endpoints.
func postForm(tenant *emulator.Tenant, path string, form url.Values) answer {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(tenant, r)
}

// tokens is a token answer.
type tokens struct {
	TokenType    string `json:"token_type"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    *int   `json:"expires_in"`
	WID          string `json:"wid"`
}

// granted reads a token answer that must be a success.
func granted(t *testing.T, a answer) tokens {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	var got tokens
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// refused checks that a token answer is Workfront's refusal of that type.
func refused(t *testing.T, a answer, status int, kind string) {
	t.Helper()
	var got struct {
		StatusCode int    `json:"statusCode"`
		Error      bool   `json:"error"`
		Type       string `json:"type"`
		Message    string `json:"message"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if a.status != status || got.StatusCode != status || !got.Error || got.Type != kind || got.Message == "" {
		t.Errorf("got %d %s, want %d %s", a.status, a.body, status, kind)
	}
}

// alive says whether the API accepts a session.
func alive(tenant *emulator.Tenant, sessionID string) bool {
	r := httptest.NewRequest("GET", "/attask/api/v22.0/session", nil)
	r.Header.Set("sessionID", sessionID)
	return do(tenant, r).status == http.StatusOK
}

func TestEqualSeedsGiveEqualTenants(t *testing.T) {
	t.Parallel()
	read := func(seed uint64) string {
		tenant := emulator.New(emulator.Options{Seed: seed, Projects: 5})
		all := api(tenant, "GET", "task/search?ID_Sort=asc&$$LIMIT=2000&fields=*,project:*", "").body
		identities, err := json.Marshal([]any{tenant.Clients(), tenant.Users()})
		if err != nil {
			t.Fatal(err)
		}
		unsorted := api(tenant, "GET", "task/search?$$LIMIT=2000", "").body
		return all + string(identities) + unsorted
	}
	if first, second := read(1), read(1); first != second {
		t.Error("the same seed gave two tenants")
	}
	if read(1) == read(2) {
		t.Error("two seeds gave the same tenant")
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	for _, path := range []string{"/nothing", "/attask/", "/attask/other/proj/search", "/integrations/oauth2/other"} {
		got := do(tenant, httptest.NewRequest("GET", path, nil))
		if got.status != http.StatusNotFound || !strings.Contains(got.body, `"error":{`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestHomeSaysWhatItIs(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	got := do(tenant, httptest.NewRequest("GET", "http://127.0.0.1:4711/", nil))
	if got.status != http.StatusOK || !strings.Contains(got.body, "http://127.0.0.1:4711/attask/api/v22.0/") {
		t.Errorf("%d %s", got.status, got.body)
	}
	tenant.SetOrigin("https://acme.my.workfront.com")
	if got := do(tenant, httptest.NewRequest("GET", "/", nil)); !strings.Contains(got.body, "https://acme.my.workfront.com/attask") {
		t.Errorf("the origin that was set is not shown: %s", got.body)
	}
}

// TestConcurrentUse lets everything happen at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 5, Rotate: true, Faults: emulator.Faults{Rate: 0.1, Kinds: []emulator.Fault{emulator.FaultTooMany}}})
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 5 {
				session := tenant.NewSession("")
				for _, path := range []string{"proj/search?$$LIMIT=5", "task/search?name_Sort=asc&fields=*", "hour/count", "metadata", "task/report?status_GroupBy=true"} {
					r, err := http.NewRequest("GET", server.URL+"/attask/api/v22.0/"+path, nil)
					if err != nil {
						t.Error(err)
						return
					}
					r.Header.Set("sessionID", session)
					response, err := server.Client().Do(r)
					if err != nil {
						t.Error(err)
						return
					}
					io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
				api(tenant, "POST", "task", "name=new")
				tenant.RegisterRedirect("http://127.0.0.1:1/callback")
				tenant.SetOrigin(server.URL)
				tenant.Counts()
				if i == 0 {
					tenant.ExpireSessions()
					tenant.RevokeAll()
					tenant.FailNext("/attask/", emulator.FaultHTML, 1)
				}
			}
		})
	}
	group.Wait()
}
