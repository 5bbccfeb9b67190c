package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestParseRule(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]emulator.Rule{
		"429":                       {Kind: emulator.FaultTooMany},
		"429:every=5":               {Kind: emulator.FaultTooMany, Every: 5},
		"cut:p=0.1":                 {Kind: emulator.FaultCut, P: 0.1},
		"latency=200ms":             {Kind: emulator.FaultDelay, Latency: 200 * time.Millisecond},
		"latency=1m0s:path=/attask": {Kind: emulator.FaultDelay, Latency: time.Minute, Path: "/attask"},
		"maintenance:times=3":       {Kind: emulator.FaultMaintenance, Times: 3},
		"drop:every=2:p=1:times=1":  {Kind: emulator.FaultDrop, Every: 2, P: 1, Times: 1},
	} {
		got, err := emulator.ParseRule(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v, written %s", text, got, err, got)
		}
	}
	for _, text := range []string{
		"", "500", "delay", "html", "latency", "latency=", "latency=soon", "latency=-1s", "latency=2h", "429:", "429:every", "429:every=0", "429:every=-1",
		"429:every=1.5", "cut:p=0", "cut:p=1.1", "cut:p=NaN", "cut:p=x", "cut:chance=1", "cut:p=0.1:p=0.2", "drop:path=attask", "drop:times=", "429 ", "429,503",
	} {
		if r, err := emulator.ParseRule(text); err == nil || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("%q is taken for %+v, %v", text, r, err)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // of eight requests, whether each is answered by the tenant
		"429:every=3":                   "oo4oo4oo",
		"503:times=2":                   "55oooooo",
		"401:every=2:times=2":           "o1o1oooo",
		"drop:path=/nowhere":            "oooooooo",
		"maintenance:path=/attask/api/": "55555555",
		"drop:every=8":                  "ooooooo-",
		"cut:every=4":                   "ooo-ooo-",
		"latency=1ns":                   "oooooooo",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			tenant := emulator.New(emulator.Options{Projects: 5})
			server := httptest.NewServer(tenant)
			defer server.Close()
			session := tenant.NewSession("")
			ask := func() string {
				r, err := http.NewRequest("GET", server.URL+"/attask/api/v22.0/proj/count", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("sessionID", session)
				return outcome(t, server.Client(), r)
			}
			rule, err := emulator.ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			id := tenant.AddRule(rule)
			got := ""
			for range 8 {
				got += ask()
			}
			if got != want {
				t.Errorf("%s, not %s", got, want)
			}
			if !tenant.RemoveRule(id) || tenant.RemoveRule(id) {
				t.Error("a rule is not taken away once")
			}
			if got := ask(); got != "o" {
				t.Errorf("without the rule: %s", got)
			}
		})
	}
}

// outcome is o for an answer, - for none, and else the first digit that tells the status.
func outcome(t *testing.T, client *http.Client, r *http.Request) string {
	t.Helper()
	r.Close = true // one that is kept open would be tried again
	resp, err := client.Transport.RoundTrip(r)
	if err != nil {
		return "-"
	}
	defer resp.Body.Close()
	var body strings.Builder
	if _, err := copyTo(&body, resp.Body); err != nil {
		return "-"
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return "o"
	case http.StatusUnauthorized:
		return "1"
	case http.StatusTooManyRequests:
		return "4"
	case http.StatusServiceUnavailable:
		return "5"
	}
	return "?"
}

// By chance means the same requests at every run with one seed, and another rule's fault does not hide a latency.
func TestRulesByChance(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (got string) {
		tenant := emulator.New(emulator.Options{Projects: 5, Seed: seed})
		for _, text := range []string{"503:p=0.5", "latency=1ns"} {
			rule, err := emulator.ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			tenant.AddRule(rule)
		}
		session := tenant.NewSession("")
		for range 64 {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/attask/api/v22.0/proj/count", nil)
			r.Header.Set("sessionID", session)
			tenant.ServeHTTP(w, r)
			got += map[int]string{200: "o", 503: "5"}[w.Code]
		}
		return got
	}
	one := run(1)
	if n := strings.Count(one, "5"); n < 16 || n > 48 || len(one) != 64 {
		t.Errorf("half of them: %s", one)
	}
	if again, other := run(1), run(2); one != again || one == other {
		t.Errorf("one seed: %s and %s; another: %s", one, again, other)
	}
}
