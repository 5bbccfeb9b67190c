package workfront

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTransportRepeatsNothing covers what net/http would do by itself: an idle connection that the server closes under a request
// makes it send a GET again, which "method=delete" and a POST must not be.
func TestTransportRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, r := range []Request{
		{Path: "proj/1?method=delete"},
		{Path: "proj/1", Fields: []Field{{"action", "x"}}},
		{Path: "proj", Method: "POST", Fields: []Field{{"name", "x"}}},
		{Path: "proj", Method: "POST"},
		{Path: "proj/1", Method: "DELETE"},
		{Path: "proj/1", Method: "HEAD", Fields: []Field{{"method", "put"}}},
		{Path: "proj/1?method=put", Method: "GET", Input: strings.NewReader("{}")},
	} {
		var count, length atomic.Int64
		c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/warm" {
				return
			}
			count.Add(1)
			length.Store(r.ContentLength)
			panic(http.ErrAbortHandler)
		})
		warm, err := c.Do(t.Context(), Request{Path: "/warm"})
		if err != nil {
			t.Fatal(err)
		}
		body(t, warm)
		if _, err := c.Do(t.Context(), r); err == nil || count.Load() != 1 {
			t.Errorf("%s %s: sent %d times, %v", r.Method, r.Path, count.Load(), err)
		}
		if r.Method == "" && length.Load() != 0 {
			t.Errorf("%s: has a body of %d bytes", r.Path, length.Load())
		}
	}
}

// What has a body can give it to the transport again, which does so only before it has written anything.
func TestBodyForTheTransport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method  string
		body    *payload
		changes bool
		again   bool
	}{
		{"POST", textPayload("x"), true, true},
		{"PUT", inputPayload(strings.NewReader("x")), true, true},
		{"POST", inputPayload(io.MultiReader(strings.NewReader("x"))), true, false},
		{"GET", textPayload("x"), true, false},
	} {
		r := &http.Request{Method: c.method}
		c.body.attach(r, c.changes)
		if again := r.GetBody != nil; again != c.again {
			t.Errorf("%s: again %v", c.method, again)
			continue
		}
		if c.again {
			io.ReadAll(r.Body)
			if r.Body, _ = r.GetBody(); r.Body == nil {
				t.Fatal("no body")
			}
		}
		if b, err := io.ReadAll(r.Body); string(b) != "x" || err != nil {
			t.Errorf("%s: %q, %v", c.method, b, err)
		}
	}
}

func TestUnsentIsSentAgain(t *testing.T) {
	t.Parallel()
	// A POST to a port where nobody listens yet reaches nobody, and is sent once somebody does.
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"data":1}`) }))
	defer s.Close()
	dials := 0
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials++; dials < 3 {
			return nil, errors.New("the network is being looked for")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	c := memory(t, nil)
	c.Origin, c.Transport = parse(t, s.URL), transport
	r, err := c.Do(t.Context(), Request{Path: "proj", Method: "POST"})
	if err != nil || body(t, r) != `{"data":1}` || dials != 3 {
		t.Errorf("%v after %d dials", err, dials)
	}
}
