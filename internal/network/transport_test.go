package network

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A proxy that takes the connection and says nothing is given up long before the standard library would.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		r := httptest.NewRequest(http.MethodGet, "https://acme.my.workfront.com/", nil)
		began := time.Now()
		_, err := Connecting{Base: silent}.RoundTrip(r)
		if waited := time.Since(began); !errors.Is(err, errNoConnection) || waited != connectWithin {
			t.Errorf("%v after %v", err, waited)
		}
	})
}

// An answer can be read to its end however late it comes, and the server learns who asks.
func TestConnectedInTime(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) }))
	defer server.Close()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := Connecting{Base: base, UserAgent: "wfauth/test"}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.HasPrefix(string(body), "wfauth/") {
		t.Errorf("%q, %v", body, err)
	}
}
