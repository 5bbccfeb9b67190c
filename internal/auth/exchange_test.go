package auth

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// A code is tried again only while it certainly did not reach the server, and only until it is two minutes old.
func TestCodeIsRetriedUntilItIsTooOld(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	tests := map[string]struct {
		down time.Duration // until the server is there
		then func(*http.Request) (*http.Response, error)
		ok   bool
		sent int
	}{
		"up at once":        {0, nil, true, 1},
		"up after a while":  {90 * time.Second, nil, true, 1},
		"up too late":       {codeLife + time.Second, nil, false, 0},
		"up, then in error": {time.Second, func(r *http.Request) (*http.Response, error) { return reply(500, "{}"), nil }, false, 1},
		"up, then refusing": {time.Second, func(r *http.Request) (*http.Response, error) { return reply(400, `{"error":"invalid_grant"}`), nil }, false, 1},
		"up, then reset":    {time.Second, func(r *http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET }, false, 1},
		"up, then cut off": {time.Second, func(r *http.Request) (*http.Response, error) {
			resp := reply(200, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"access`), brokenReader{}))
			return resp, nil
		}, false, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, sent, notes := time.Now(), 0, 0
				l := &Login{
					App: Application{Origin: "https://acme.my.workfront.com", ID: "app1"}, Now: time.Now,
					Notice: func(string) { notes++ },
				}
				e := newEndpoints(transport(func(r *http.Request) (*http.Response, error) {
					if time.Since(began) < test.down {
						return nil, refused
					}
					if _, err := io.ReadAll(r.Body); err != nil {
						return nil, err
					}
					sent++
					if test.then != nil {
						return test.then(r)
					}
					return reply(200, `{"access_token":"s1"}`), nil
				}), time.Now, l.Notice)
				g, err := l.exchange(t.Context(), e, url.Values{"code": {"c"}})
				if ok := err == nil; ok != test.ok || ok != (g.SessionID == "s1") {
					t.Errorf("%+v, %v", g, err)
				}
				if sent != test.sent {
					t.Errorf("the code was sent %d times, want %d", sent, test.sent)
				}
				if test.down > 0 && notes != 1 {
					t.Errorf("%d notes", notes)
				}
				if waited := time.Since(began); waited > codeLife {
					t.Errorf("it went on for %v", waited)
				}
			})
		})
	}
}

// Ctrl-C ends the wait between two attempts at once.
func TestInterruptBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupt := errors.New("interrupted")
		l := &Login{App: Application{Origin: "https://acme.my.workfront.com"}, Now: time.Now, Notice: func(string) {}}
		e := newEndpoints(transport(func(r *http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }), time.Now, l.Notice)
		ended := make(chan error, 1)
		go func() { _, err := l.exchange(ctx, e, url.Values{"code": {"c"}}); ended <- err }()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		began := time.Now()
		cancel(interrupt)
		if err := <-ended; !errors.Is(err, interrupt) || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// The standard library may repeat a request whose body it can get again; ours it cannot.
func TestTokenRequestCannotBeRepeated(t *testing.T) {
	t.Parallel()
	e := newEndpoints(transport(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil {
			t.Error("the request has a GetBody")
		}
		first, err := io.ReadAll(r.Body)
		if err != nil || int64(len(first)) != r.ContentLength {
			t.Errorf("%d of %d bytes, %v", len(first), r.ContentLength, err)
		}
		return reply(200, `{"access_token":"s1"}`), nil
	}), time.Now, func(string) {})
	if _, err := e.grant(t.Context(), Application{Origin: "https://h"}.tokens(), url.Values{"code": {"c"}}); err != nil {
		t.Error(err)
	}
}

func TestAnswerIsReadNoFurtherThanItMayBe(t *testing.T) {
	t.Parallel()
	read := 0
	e := newEndpoints(transport(func(r *http.Request) (*http.Response, error) {
		resp := reply(200, "")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) { read += len(p); return len(p), nil }))
		return resp, nil
	}), time.Now, func(string) {})
	_, err := e.grant(t.Context(), Application{Origin: "https://h"}.tokens(), url.Values{"code": {"c"}})
	if fault, ok := errors.AsType[*faultError](err); !ok || !strings.Contains(fault.Error(), "larger than 1 MiB") {
		t.Errorf("error %v", err)
	}
	if read > maxAnswer+1 {
		t.Errorf("%d bytes were read", read)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
