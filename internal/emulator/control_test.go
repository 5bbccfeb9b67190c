package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

func copyTo(w io.Writer, r io.Reader) (int64, error) { return io.Copy(w, r) }

// atControl asks below /__emulator as a program on this machine does.
func atControl(t *testing.T, tenant *emulator.Tenant, method, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:4711", "127.0.0.1:50000"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	tenant.ServeHTTP(w, r)
	return w
}

// Faults are set, counted and taken away while the tenant runs, and never strike here.
func TestFaultsAtRunTime(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 5})
	set := atControl(t, tenant, "POST", "/__emulator/faults", `{"fault":"drop:path=/"}`)
	if set.Code != 201 || strings.TrimSpace(set.Body.String()) != `{"id":1,"fault":"drop:path=/","seen":0,"hits":0}` {
		t.Errorf("%d %s", set.Code, set.Body)
	}
	atControl(t, tenant, "POST", "/__emulator/faults", `{"fault":"429:every=2"}`)
	var list []struct {
		ID    int
		Fault string
	}
	got := atControl(t, tenant, "GET", "/__emulator/faults", "")
	if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil || len(list) != 2 || list[1].Fault != "429:every=2" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"DELETE", "/__emulator/faults/1", "", 204}, {"DELETE", "/__emulator/faults/1", "", 404}, {"DELETE", "/__emulator/faults/x", "", 404},
		{"DELETE", "/__emulator/faults", "", 204}, {"DELETE", "/__emulator/faults", "", 204},
		{"POST", "/__emulator/faults", `{"fault":"500"}`, 400}, {"POST", "/__emulator/faults", `500`, 400}, {"GET", "/__emulator/nothing", "", 404},
	} {
		if w := atControl(t, tenant, c.method, c.path, c.body); w.Code != c.status {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, w.Code, w.Body)
		}
	}
	if got := atControl(t, tenant, "GET", "/__emulator/faults", ""); strings.TrimSpace(got.Body.String()) != "[]" {
		t.Errorf("left: %s", got.Body)
	}
}

// Neither another machine, nor a page of another origin, nor a name that was bound to this address has any business here.
func TestStrangersToControl(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 5})
	for name, change := range map[string]func(*http.Request){
		"another machine":          func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" },
		"rebinding":                func(r *http.Request) { r.Host = "evil.example:4711" },
		"rebinding without a port": func(r *http.Request) { r.Host = "evil.example" },
		"a public address":         func(r *http.Request) { r.Host = "192.0.2.1:4711" },
		"a page":                   func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		"a page on another port":   func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:4712") },
		"a page without an origin": func(r *http.Request) { r.Header.Set("Origin", "null") },
		"an image":                 func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"an image on another port": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			w := atControl(t, tenant, method, "/__emulator/faults", `{"fault":"drop"}`, change)
			if w.Code != 403 || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s, %s: %d %s", name, method, w.Code, w.Body)
			}
			for _, path := range []string{"/__emulator", "/__emulator/sessions", "/__emulator/sessions/x", "/__emulator/refresh-tokens", "/__emulator/refresh-tokens/x"} {
				if w := atControl(t, tenant, method, path, "", change); w.Code != 403 {
					t.Errorf("%s, %s of %s: %d", name, method, path, w.Code)
				}
			}
		}
	}
	for name, change := range map[string]func(*http.Request){
		"localhost": func(r *http.Request) { r.Host = "localhost:4711" },
		"IPv6":      func(r *http.Request) { r.Host, r.RemoteAddr = "[::1]:4711", "[::1]:50000" },
		"its page": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Origin", "http://127.0.0.1:4711")
		},
		"a person": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") },
	} {
		if w := atControl(t, tenant, "GET", "/__emulator", "", change); w.Code != 200 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// The page shows what is going on and no secret; its forms work only with its own token.
func TestControlPage(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 5})
	session, other := tenant.NewSession(""), tenant.NewSession("")
	ask := func(path string) int {
		w := atControl(t, tenant, "GET", path, "", func(r *http.Request) { r.Header.Set("sessionID", session) })
		return w.Code
	}
	ask("/attask/api/v22.0/proj/count?apiKey=CANARY")
	ask("/attask/api/v22.0/<script>alert(1)</script>")
	page := atControl(t, tenant, "GET", "/__emulator", "").Body.String()
	for _, want := range []string{"2 requests", "2 live sessions", "GET /attask/api/v22.0/proj/count", session[:6] + "…", "%3Cscript%3E"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, secret := range []string{session, other, session[:7], "CANARY", "<script"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page says %q", secret)
		}
	}
	token, submit := forms(t, tenant, page)
	for _, wrong := range []string{"", "CANARY"} {
		if w := submit("token", wrong, "end-all", "yes"); w.Code != 403 {
			t.Errorf("token %q: %d", wrong, w.Code)
		}
	}
	if w := submit("token", token, "add", "yes", "fault", `429:every=0"><b>`); w.Code != 400 || strings.Contains(w.Body.String(), "<b>") || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("a wrong fault: %d %s", w.Code, w.Body)
	}
	if w := submit("token", token, "add", "yes", "fault", " 429 "); w.Code != 303 || w.Header().Get("Location") != "/__emulator" {
		t.Errorf("a fault: %d %s", w.Code, w.Body)
	}
	if code := ask("/attask/api/v22.0/proj/count"); code != 429 {
		t.Errorf("with the fault: %d", code)
	}
	submit("token", token, "remove", "1")
	if code := ask("/attask/api/v22.0/proj/count"); code != 200 {
		t.Errorf("without it: %d", code)
	}
	for _, key := range regexp.MustCompile(`name="end" value="([^"]+)"`).FindAllStringSubmatch(page, -1)[:1] {
		submit("token", token, "end", key[1])
	}
	page = atControl(t, tenant, "GET", "/__emulator", "").Body.String()
	if !strings.Contains(page, "1 live session.") {
		t.Error("the session was not ended")
	}
	submit("token", token, "end-all", "yes")
	if code := ask("/attask/api/v22.0/proj/count"); code != 401 {
		t.Errorf("after the end of all sessions: %d", code)
	}
}

// forms gives the token that a page's forms bear, and what sends one with these fields.
func forms(t *testing.T, tenant *emulator.Tenant, page string) (token string, submit func(fields ...string) *httptest.ResponseRecorder) {
	t.Helper()
	return regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(page)[1], func(fields ...string) *httptest.ResponseRecorder {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return atControl(t, tenant, "POST", "/__emulator", form.Encode(), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
	}
}
