package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/gateway"
)

// Told to stop, a gateway ends what is under way: what has begun breaks, what has not is told so, and nobody new is let in.
func TestStop(t *testing.T) {
	t.Parallel()
	asked, held := make(chan struct{}, 2), make(chan struct{})
	g := newRig(t, nil, func(c *gateway.Config) {
		c.Send = func(ctx context.Context, q *gateway.Request) (*http.Response, error) {
			asked <- struct{}{}
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		c.List = func(gateway.List) (gateway.Rows, error) {
			return func(ctx context.Context, w io.Writer) error {
				io.WriteString(w, "a row\r\n")
				asked <- struct{}{}
				<-ctx.Done()
				<-held // as a token request would be
				return context.Cause(ctx)
			}, nil
		}
	})
	type answer struct {
		resp *http.Response
		body string
	}
	waiting, begun := make(chan answer, 1), make(chan answer, 1)
	go func() { resp, body := g.ask("GET", searchPath, ""); waiting <- answer{resp, body} }()
	go func() { resp, body := g.ask("GET", "/rows/task.csv", ""); begun <- answer{resp, body} }()
	<-asked
	<-asked
	g.stop()
	if a := <-waiting; status(a.resp, a.body) != 503 {
		t.Errorf("a request that waits: %v %s", a.resp, a.body)
	}
	select {
	case err := <-g.served:
		t.Errorf("the gateway has ended (%v) before its requests", err)
		g.served <- err
	case <-time.After(200 * time.Millisecond): // nothing can tell that it does not come
	}
	close(held)
	if a := <-begun; a.resp == nil || !strings.HasPrefix(a.body, "broken: ") {
		t.Errorf("a list that has begun: %v %s", a.resp, a.body)
	}
}

// Told to stop, a gateway waits neither for a caller that takes nothing of its answer nor for one that does not end its request.
func TestStopWithSilentCallers(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"takes nothing": "GET /KEY/rows/task.csv HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"says no more":  "POST /KEY" + searchPath + " HTTP/1.1\r\nHost: HOST\r\nContent-Type: " + form + "\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n",
	} {
		g := newRig(t, nil, func(c *gateway.Config) {
			c.List = func(gateway.List) (gateway.Rows, error) {
				return func(_ context.Context, w io.Writer) error {
					for row := make([]byte, 64<<10); ; {
						if _, err := w.Write(row); err != nil {
							return err
						}
					}
				}, nil
			}
		})
		conn, err := net.Dial("tcp", g.host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, strings.NewReplacer("KEY", g.key, "HOST", g.host).Replace(request))
		if _, err := conn.Read(make([]byte, 1)); err != nil { // of the rows, or of 100 Continue: it has begun
			t.Fatal(err)
		}
		g.stop()
		select {
		case err := <-g.served:
			g.served <- err
		case <-time.After(2 * time.Minute):
			t.Fatalf("a caller that %s is waited for", name)
		}
	}
}

// A caller who goes away is not waited for.
func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	asked, ended := make(chan struct{}), make(chan error, 1)
	g := newRig(t, nil, func(c *gateway.Config) {
		c.Send = func(ctx context.Context, _ *gateway.Request) (*http.Response, error) {
			close(asked)
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil, ctx.Err()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+g.host+"/"+g.key+searchPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-asked; cancel() }()
	if _, err := http.DefaultTransport.RoundTrip(req); err == nil {
		t.Error("it was answered")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended with %v", err)
	}
}
