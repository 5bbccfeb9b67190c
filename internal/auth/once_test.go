package auth_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

var errInterrupt = errors.New("interrupted")

// A server that took the request and then failed, in whatever way, may have used the code: it is not sent again, and
// the login says that it failed.
func TestCodeIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	tests := map[string]func(net.Conn){
		"closes":           func(c net.Conn) {},
		"resets":           func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
		"half a status":    func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 20") },
		"headers, no body": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n") },
		"half the body": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"access_token\":")
		},
		"half a chunk": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{")
		},
		"echoes garbage": func(c net.Conn) { _, _ = io.WriteString(c, canaryCode+" "+canarySecret+"\r\n\r\n") },
		"500":            func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") },
		"503, retry at once": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
		},
		"307 to itself": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 307 Again\r\nLocation: /integrations/oauth2/api/v1/token\r\nContent-Length: 0\r\n\r\n")
		},
		"421": func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 421 Misdirected\r\nContent-Length: 0\r\n\r\n") },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var sent atomic.Int32
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil && r.Method == http.MethodHead {
						_, _ = io.WriteString(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
					} else if err == nil {
						if _, err := io.ReadAll(r.Body); err == nil {
							sent.Add(1)
						}
						fail(conn)
					}
					conn.Close()
				}
			}()
			defer func() { l.Close(); <-done }()
			tn := &tenant{Server: &httptest.Server{URL: "http://" + l.Addr().String()}}
			a := begin(t, tn, nil)
			resp, page := a.visit(a.real())
			_, err = a.wait()
			if err == nil || resp.StatusCode == http.StatusOK || sent.Load() != 1 {
				t.Fatalf("error %v, page %d, the code was sent %d times", err, resp.StatusCode, sent.Load())
			}
			if _, ok := errors.AsType[*auth.NotCompletedError](err); ok {
				t.Errorf("a fault is taken for a refusal: %v", err)
			}
			oneLine(t, err)
			a.silent("the error", err.Error())
			a.silent("the page", page)
			a.silent("a notice", a.notes.text())
			if a.store.bytes() != nil {
				t.Error("something was stored")
			}
		})
	}
}

// trouble is an error that the transport has put into words.
type trouble struct {
	text  string
	final bool
}

func (e *trouble) Error() string { return e.text }
func (e *trouble) Final() bool   { return e.final }

// answering lets the host be found, and then fails every token request.
func answering(err error) http.RoundTripper {
	return served(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodHead {
			return response(404, ""), nil
		}
		return nil, err
	})
}

// What is certainly not with the server yet is tried again; Ctrl-C ends that at once.
func TestUnreachableServerIsTriedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault error
		says  string
	}{
		"refused":       {syscall.ECONNREFUSED, origin + ": connection refused; trying again"},
		"in words":      {&trouble{"find acme.my.workfront.com: there is no such host", false}, "find acme.my.workfront.com: there is no such host; trying again"},
		"with a secret": {&trouble{"the proxy says " + canaryCode, false}, "the proxy says ***; trying again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			told := make(chan string, 9)
			a := beginContext(t, ctx, &tenant{Server: &httptest.Server{URL: origin}}, func(l *auth.Login) {
				l.Notice, l.Transport = func(line string) { told <- line }, answering(test.fault)
			})
			visit := a.send(a.real())
			if line := <-told; !strings.HasPrefix(line, test.says) {
				t.Errorf("notice %q, want %q", line, test.says)
			}
			cancel(errInterrupt)
			if _, err := a.wait(); !errors.Is(err, errInterrupt) {
				t.Errorf("error %v", err)
			}
			if page := a.page(visit); !strings.Contains(page, "The login failed") {
				t.Errorf("page:\n%s", page)
			}
		})
	}
}

// A certificate does not become a good one within two minutes, nor does a proxy change its mind: neither is tried again, by
// a login or by a refresh, and both say what the transport has said.
func TestFinalFaultIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	const why = "connect to acme.my.workfront.com: its certificate is signed by an authority that this machine does not trust"
	tries := 0
	final := served(func(r *http.Request) (*http.Response, error) {
		tries++
		return answering(&trouble{why, true}).RoundTrip(r)
	})
	a := begin(t, &tenant{Server: &httptest.Server{URL: origin}}, func(l *auth.Login) { l.Transport = final })
	visit := a.send(a.real())
	if _, err := a.wait(); err == nil || err.Error() != why || tries != 2 {
		t.Errorf("login: %v after %d requests", err, tries)
	}
	if page := a.page(visit); !strings.Contains(page, "does not trust") || strings.Contains(a.notes.text(), "trying again") {
		t.Errorf("notices %q, page:\n%s", a.notes.text(), page)
	}
	for _, stated := range []time.Duration{time.Hour, 0} { // a refresh, and the question whether the session is good
		tries = 0
		shelf := newShelf()
		shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(-stated) }))
		if stated == 0 {
			shelf.put(t, *item(func(i *stored) {}))
		}
		s := session(shelf, final, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
		if _, err := s.Header(t.Context()); err == nil || !strings.HasSuffix(err.Error(), why) || tries != 1 {
			t.Errorf("%v: %v after %d requests", stated, err, tries)
		}
	}
}

// A host that nobody can reach is told before anything is opened: no listener, no URL, no browser.
func TestHostIsTriedBeforeTheBrowser(t *testing.T) {
	t.Parallel()
	login := func(ctx context.Context, transport http.RoundTripper) error {
		l := &auth.Login{
			App: auth.Application{Origin: origin, ID: "app1"}, Transport: transport, Store: newShelf(), Timeout: time.Minute,
			RedirectURIs: []string{"http://127.0.0.1:1/callback"}, // it would be an error of its own
			Ready:        func(auth.Waiting) { t.Error("the browser would be opened") },
		}
		_, err := l.Run(ctx)
		return err
	}
	const why = "connect to acme.my.workfront.com: the proxy 10.0.0.1:3128 wants a user name and password"
	if err := login(t.Context(), served(func(*http.Request) (*http.Response, error) { return nil, &trouble{why, true} })); err == nil || err.Error() != why {
		t.Errorf("%v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		silent := served(func(r *http.Request) (*http.Response, error) {
			if len(r.Header["Authorization"])+len(r.Header["Sessionid"])+len(r.URL.RawQuery) > 0 || r.Body != nil && r.Body != http.NoBody {
				t.Errorf("the request carries something: %v", r)
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		if err := login(t.Context(), silent); err == nil || err.Error() != origin+": no answer in time" || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errInterrupt) })
		began = time.Now()
		if err := login(ctx, silent); !errors.Is(err, errInterrupt) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// Ctrl-C before the request is sent ends it at once; from then on its answer is awaited, for five seconds, and stored.
func TestInterruptedRefresh(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		server func(*http.Request) (*http.Response, error)
		waits  time.Duration
		stored bool
	}{
		"connecting": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, 0, false},
		"about to send": {func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second) // deaf to the context, as a transport can be for a moment
			_, err := io.ReadAll(r.Body)
			if err == nil {
				return response(200, `{"access_token":"s1","refresh_token":"r2"}`), nil
			}
			return nil, err
		}, time.Second, false},
		"sent, answered in time": {func(r *http.Request) (*http.Response, error) {
			_, _ = io.ReadAll(r.Body)
			time.Sleep(4 * time.Second)
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return response(200, `{"access_token":"s1","refresh_token":"r2"}`), nil
		}, 4 * time.Second, true},
		"sent, the answer's body in time": {func(r *http.Request) (*http.Response, error) {
			_, _ = io.ReadAll(r.Body)
			resp := response(200, "")
			late := lateReader{r.Context(), 4 * time.Second, strings.NewReader(`{"access_token":"s1","refresh_token":"r2"}`)}
			resp.Body = io.NopCloser(&late)
			return resp, nil
		}, 4 * time.Second, true},
		"sent, never answered": {func(r *http.Request) (*http.Response, error) {
			_, _ = io.ReadAll(r.Body)
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, 5 * time.Second, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shelf := newShelf()
				shelf.put(t, expired())
				before := string(shelf.bytes())
				ctx, cancel := context.WithCancelCause(t.Context())
				s := session(shelf, served(test.server), nil)
				ended := make(chan error, 1)
				go func() { _, err := s.Current(ctx); ended <- err }()
				synctest.Wait()
				began := time.Now()
				cancel(errInterrupt)
				if err := <-ended; !errors.Is(err, errInterrupt) {
					t.Errorf("error %v", err)
				}
				if waited := time.Since(began); waited != test.waits {
					t.Errorf("ended after %v, want %v", waited, test.waits)
				}
				if stored := string(shelf.bytes()) != before; stored != test.stored {
					t.Errorf("stored: %v, want %v", stored, test.stored)
				}
				if test.stored && shelf.item(t).RefreshToken != "r2" {
					t.Errorf("stored %+v", shelf.item(t))
				}
				time.Sleep(10 * time.Second) // a timer that was left would run out within the bubble
			})
		})
	}
}

type lateReader struct {
	ctx  context.Context
	wait time.Duration
	io.Reader
}

func (l *lateReader) Read(p []byte) (int, error) {
	time.Sleep(l.wait)
	l.wait = 0
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.Reader.Read(p)
}

// Ctrl-C during the exchange of a login: what the code gave is stored, the page says so, and the command is interrupted.
func TestInterruptedLogin(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	a := beginContext(t, ctx, newTenant(t, func(w http.ResponseWriter, r *http.Request) {
		cancel(errInterrupt)
		answer(w, `{"access_token":"`+canarySession+`","refresh_token":"`+canaryRefresh+`"}`)
	}), nil)
	resp, page := a.visit(a.real())
	if _, err := a.wait(); !errors.Is(err, errInterrupt) {
		t.Errorf("error %v", err)
	}
	if resp.StatusCode != http.StatusOK || a.store.item(t).RefreshToken != canaryRefresh {
		t.Errorf("status %d, stored %+v\n%s", resp.StatusCode, a.store.item(t), page)
	}
}

// The token endpoint's redirects are not followed: the secret would travel.
func TestRedirectOfTheTokenEndpointIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a request came to %s", r.URL)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		a := begin(t, newTenant(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) }), nil)
		a.visit(a.real())
		if _, err := a.wait(); err == nil || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%d: %v", status, err)
		}
	}
}
