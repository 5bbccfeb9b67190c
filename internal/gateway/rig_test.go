package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

const session = "CANARY-f6533722f8a44a298065950f240d3deb"

// A rig is a gateway on a listener of its own, before whatever answers in Workfront's place.
type rig struct {
	t    *testing.T
	key  string
	host string

	stop   func()
	served chan error // gets why serving ended

	mu     sync.Mutex // guards what follows
	passed []*gateway.Request
	ended  []gateway.Exchange
}

var errStop = errors.New("the test is over")

// newRig makes a gateway; change may change how it is made.
func newRig(t *testing.T, answer func(*gateway.Request) (*http.Response, error), change ...func(*gateway.Config)) *rig {
	t.Helper()
	g := &rig{t: t, key: gateway.NewKey()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.host = listener.Addr().String()
	c := gateway.Config{
		Key: g.key,
		Send: func(_ context.Context, q *gateway.Request) (*http.Response, error) {
			g.mu.Lock()
			g.passed = append(g.passed, q)
			g.mu.Unlock()
			if answer == nil {
				return answered(http.StatusOK, `{"data":[]}`), nil
			}
			return answer(q)
		},
		List: func(l gateway.List) (gateway.Rows, error) {
			return func(_ context.Context, w io.Writer) error {
				_, err := fmt.Fprintf(w, "%+v\r\n", l)
				return err
			}, nil
		},
		Keep: func(r io.Reader) (io.ReaderAt, int64, func(), error) {
			text, err := io.ReadAll(r)
			return bytes.NewReader(text), int64(len(text)), func() {}, err
		},
		Secrets: func() []string { return []string{session} },
		Done: func(e gateway.Exchange) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.ended = append(g.ended, e)
		},
	}
	for _, f := range change {
		f(&c)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	g.stop = func() { stop(errStop) }
	g.served = make(chan error, 1)
	go func() { g.served <- gateway.Serve(ctx, listener, c) }()
	t.Cleanup(func() {
		g.stop()
		if err := <-g.served; err != errStop {
			t.Errorf("serving ended with %v", err)
		}
	})
	return g
}

// answered is an answer of Workfront's, with headers as pairs.
func answered(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Add(header[i], header[i+1])
	}
	return resp
}

func (g *rig) requests() []*gateway.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.passed)
}

// ask sends a request; header is pairs. A target that begins with a slash gets the key before it.
func (g *rig) ask(method, target, body string, header ...string) (*http.Response, string) {
	g.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = "/" + g.key + target
	}
	return g.raw(method, target, body, header...)
}

// raw is ask for a request target as it stands.
func (g *rig) raw(method, target, body string, header ...string) (*http.Response, string) {
	g.t.Helper()
	lines := []string{method + " " + strings.TrimPrefix(target, "raw:") + " HTTP/1.1"}
	if !slices.Contains(header, "Host") {
		lines = append(lines, "Host: "+g.host)
	}
	for i := 0; i < len(header); i += 2 {
		lines = append(lines, header[i]+": "+header[i+1])
	}
	if body != "" && !slices.Contains(header, "Transfer-Encoding") && !slices.Contains(header, "Content-Length") {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	return g.send(strings.Join(lines, "\r\n")+"\r\nConnection: close\r\n\r\n"+body, method)
}

// send writes bytes to a connection of its own, and reads the one answer.
func (g *rig) send(text, method string) (*http.Response, string) {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.host)
	if err != nil {
		g.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		g.t.Fatal(err)
	}
	answers, asked := bufio.NewReader(conn), &http.Request{Method: method}
	resp, err := http.ReadResponse(answers, asked)
	for err == nil && resp.StatusCode == http.StatusContinue { // the answer is what follows
		resp, err = http.ReadResponse(answers, asked)
	}
	if err != nil {
		return nil, err.Error()
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp, "broken: " + err.Error()
	}
	return resp, string(got)
}

// half writes bytes to a connection of its own, says that no more come, and waits for the other end.
func (g *rig) half(text string) {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.host)
	if err != nil {
		g.t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, text)
	conn.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, conn)
}

// status is what a request comes to; 0: the connection broke.
func status(resp *http.Response, _ string) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}

const form = "application/x-www-form-urlencoded"
