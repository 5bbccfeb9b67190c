package emulator_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestLongAddressesAreStoppedByTheNetwork(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	path := func(n int) string {
		const begin = "proj/search?name="
		return begin + strings.Repeat("x", n-len("/attask/api/v22.0/")-len(begin))
	}
	if got := api(tenant, "GET", path(8892), ""); got.status != http.StatusOK {
		t.Errorf("8,892 bytes: %d", got.status)
	}
	got := api(tenant, "GET", path(8893), "")
	if got.status != http.StatusRequestURITooLong || got.header.Get("Content-Type") != "text/html" || !strings.Contains(got.body, "<HTML>") {
		t.Errorf("8,893 bytes: %d %s", got.status, got.body)
	}
	if got := api(tenant, "POST", "proj/search", "name="+strings.Repeat("x", 40000)); got.status != http.StatusOK {
		t.Errorf("in a form: %d", got.status)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		always     bool
		accept     string
		compressed bool
	}{
		{false, "", false}, {false, "br, gzip;q=0.5", true}, {false, "gzip;q=0", false}, {false, "identity", false}, {true, "", true},
	} {
		tenant := emulator.New(emulator.Options{Projects: 1, AlwaysGzip: test.always})
		r := httptest.NewRequest("GET", "/attask/api/v22.0/proj/search", nil)
		r.Header.Set("sessionID", tenant.NewSession(""))
		if test.accept != "" {
			r.Header.Set("Accept-Encoding", test.accept)
		}
		got := do(tenant, r)
		if compressed := got.header.Get("Content-Encoding") == "gzip"; compressed != test.compressed {
			t.Errorf("%+v: Content-Encoding %q", test, got.header.Get("Content-Encoding"))
			continue
		}
		if !test.compressed {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil || !json.Valid(text) {
			t.Errorf("%+v: %v %s", test, err, text)
		}
	}
}

// The tenant serves so many requests at once and refuses the rest, as Workfront does per customer.
func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Concurrent: 1})
	// A body that does not come holds the only place.
	reading, stop := make(chan struct{}), make(chan struct{})
	held := httptest.NewRequest("POST", "/attask/api/v22.0/proj/search", &heldBody{reading: reading, stop: stop})
	held.Header.Set("sessionID", tenant.NewSession(""))
	done := make(chan answer)
	go func() { done <- do(tenant, held) }()
	<-reading
	got := api(tenant, "GET", "proj/search", "")
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "" {
		t.Errorf("a second request: %d", got.status)
	}
	close(stop)
	if got := <-done; got.status != http.StatusOK {
		t.Errorf("the first request: %d %s", got.status, got.body)
	}
	if got := api(tenant, "GET", "proj/search", ""); got.status != http.StatusOK {
		t.Errorf("afterwards: %d", got.status)
	}
}

// heldBody says when it is being read and ends when it is told to.
type heldBody struct {
	reading chan<- struct{}
	stop    <-chan struct{}
}

func (b *heldBody) Read([]byte) (int, error) {
	close(b.reading)
	<-b.stop
	return 0, io.EOF
}
