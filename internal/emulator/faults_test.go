package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// fetch gets an API path over a connection, and what went wrong with it.
func fetch(t *testing.T, server *httptest.Server, session, path string) (status int, body string, header http.Header, err error) {
	t.Helper()
	r, err := http.NewRequest("GET", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("sessionID", session)
	// A connection of its own: a client repeats a GET by itself where a kept one is found dead.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), response.Header, err
}

func TestFailNext(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 3})
	server := serve(t, tenant)
	session := tenant.NewSession("")
	const path = "/attask/api/v22.0/proj/search"
	for kind, want := range map[emulator.Fault]struct {
		status int
		body   string
	}{
		emulator.FaultTooMany:      {429, `{"error":{"message":"Too many concurrent API requests for the given customer."}}`},
		emulator.FaultUnavailable:  {503, "<HTML>"},
		emulator.FaultBadGateway:   {502, "<HTML>"},
		emulator.FaultHTML:         {200, "<HTML>"},
		emulator.FaultUnauthorized: {401, "You are not currently logged in."},
		emulator.FaultLoggedOut:    {200, `{"error":{"class":"com.attask.common.AuthenticationException"`},
	} {
		tenant.FailNext("/attask/", kind, 2)
		for range 2 {
			status, body, header, err := fetch(t, server, session, path)
			if err != nil || status != want.status || !strings.Contains(body, want.body) {
				t.Errorf("%s: %d %s %v", kind, status, body, err)
			}
			if got := header.Get("Retry-After"); kind == emulator.FaultTooMany && got != "" || kind == emulator.FaultUnavailable && got != "1" {
				t.Errorf("%s: Retry-After %q", kind, got)
			}
		}
		if status, body, _, err := fetch(t, server, session, path); err != nil || status != 200 || !strings.Contains(body, `"data"`) {
			t.Errorf("after %s: %d %s %v", kind, status, body, err)
		}
	}
	// Other paths are left alone.
	tenant.FailNext("/integrations/", emulator.FaultUnavailable, 1)
	if status, _, _, _ := fetch(t, server, session, path); status != 200 {
		t.Errorf("a path that was not meant: %d", status)
	}
	if status, _, _, _ := fetch(t, server, session, tokenPath); status != 503 {
		t.Errorf("a path that was meant: %d", status)
	}
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 3})
	server := serve(t, tenant)
	const path = "/attask/api/v22.0/logout"

	// Dropped before it was taken up, and lost after.
	for kind, lives := range map[emulator.Fault]bool{emulator.FaultDrop: true, emulator.FaultLose: false} {
		session := tenant.NewSession("")
		tenant.FailNext("/attask/", kind, 1)
		if _, _, _, err := fetch(t, server, session, path); err == nil {
			t.Errorf("%s: an answer came", kind)
		}
		if alive(tenant, session) != lives {
			t.Errorf("%s: the session lives: %t", kind, !lives)
		}
	}
	tenant.FailNext("/attask/", emulator.FaultCut, 1)
	status, body, _, err := fetch(t, server, tenant.NewSession(""), "/attask/api/v22.0/proj/search")
	if status != 200 || body == "" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %d, %d bytes, %v", status, len(body), err)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Faults: emulator.Faults{Delay: time.Millisecond}})
	tenant.FailNext("/attask/", emulator.FaultDelay, 1)
	if got := api(tenant, "GET", "proj/search", ""); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestFaultsByChance(t *testing.T) {
	t.Parallel()
	statuses := func(seed uint64) (all []int) {
		tenant := emulator.New(emulator.Options{Seed: seed, Projects: 1, Faults: emulator.Faults{
			Rate: 0.5, Kinds: []emulator.Fault{emulator.FaultTooMany, emulator.FaultUnavailable},
		}})
		for range 200 {
			all = append(all, api(tenant, "GET", "proj/count", "").status)
		}
		// The sign-in never fails by chance.
		if got := do(tenant, httptest.NewRequest("GET", "/", nil)); got.status != http.StatusOK {
			t.Errorf("home: %d", got.status)
		}
		return all
	}
	tally := make(map[int]int)
	first, second := statuses(1), statuses(1)
	for i, status := range first {
		tally[status]++
		if second[i] != status {
			t.Fatal("a seed gave two courses of events")
		}
	}
	if len(tally) != 3 || tally[200] < 70 || tally[200] > 130 {
		t.Errorf("statuses %v", tally)
	}
}
