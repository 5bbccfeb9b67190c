package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// issuer is a token endpoint with rotation: each refresh token is good once.
type issuer struct {
	mu      sync.Mutex
	current string
	issued  atomic.Int32
	refused atomic.Int32
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.PostForm.Get("refresh_token") != i.current {
		i.refused.Add(1)
		return response(400, `{"statusCode":400,"error":true,"type":"INVALID_GRANT","message":"reused"}`), nil
	}
	i.issued.Add(1)
	i.current += "+"
	return response(200, `{"access_token":"new-session","refresh_token":"`+i.current+`","expires_in":3600}`), nil
}

func TestManyRefreshOnce(t *testing.T) {
	t.Parallel()
	const many = 50
	clock := func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } }
	tests := map[string]func(shelf *shelf, server *issuer) func(int) (string, error){
		"Renew of one Session": func(shelf *shelf, server *issuer) func(int) (string, error) {
			s := session(shelf, server, clock)
			return func(int) (string, error) { return idOf(s.Renew(t.Context(), headerOf("old-session"))) }
		},
		"Token of one Session": func(shelf *shelf, server *issuer) func(int) (string, error) {
			s := session(shelf, server, clock)
			return func(int) (string, error) { return idOf(s.Header(t.Context())) }
		},
		"Token of as many Sessions": func(shelf *shelf, server *issuer) func(int) (string, error) {
			return func(int) (string, error) { return idOf(session(shelf, server, clock).Header(t.Context())) }
		},
		"Renew of as many Sessions": func(shelf *shelf, server *issuer) func(int) (string, error) {
			return func(int) (string, error) {
				return idOf(session(shelf, server, clock).Renew(t.Context(), headerOf("old-session")))
			}
		},
		"forced, of as many Sessions": func(shelf *shelf, server *issuer) func(int) (string, error) {
			var all [many]*auth.Session
			for i := range all {
				all[i] = session(shelf, server, func(o *auth.SessionOptions) { clock(o); o.Force = true })
			}
			return func(i int) (string, error) { return idOf(all[i].Header(t.Context())) }
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf, server := newShelf(), &issuer{current: "old-refresh"}
			shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(-time.Minute) }))
			call := prepare(shelf, server)
			var callers sync.WaitGroup
			for i := range many {
				callers.Go(func() {
					if id, err := call(i); err != nil || id != "new-session" {
						t.Errorf("%q, %v", id, err)
					}
				})
			}
			callers.Wait()
			if server.issued.Load() != 1 || server.refused.Load() != 0 || shelf.saved() != 1 {
				t.Errorf("%d refreshes, %d refused, %d writes", server.issued.Load(), server.refused.Load(), shelf.saved())
			}
		})
	}
}

// A process that began before another one refreshed takes what that one got, also with Force and a short life.
func TestForceTakesWhatAnotherHasJustGot(t *testing.T) {
	t.Parallel()
	shelf, server := newShelf(), &issuer{current: "old-refresh"}
	shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }))
	force := func(o *auth.SessionOptions) { o.Force, o.Now = true, func() time.Time { return noon } }
	first, second := session(shelf, server, force), session(shelf, server, force)
	for _, s := range []*auth.Session{first, second} {
		if id, err := idOf(s.Header(t.Context())); err != nil || id != "new-session" {
			t.Errorf("%q, %v", id, err)
		}
	}
	if server.issued.Load() != 1 {
		t.Errorf("%d refreshes", server.issued.Load())
	}
	later := session(shelf, server, func(o *auth.SessionOptions) { force(o); o.Now = func() time.Time { return noon.Add(time.Second) } })
	if _, err := idOf(later.Header(t.Context())); err != nil || server.issued.Load() != 2 {
		t.Errorf("one that began later: %v, %d refreshes", err, server.issued.Load())
	}
}

// What another process got while this one waited for the lock is taken, however short it lives, and whatever the clocks.
func TestWaiterTakesWhatTheHolderGot(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*auth.SessionOptions){
		"less than MinTTL": func(*auth.SessionOptions) {},
		"forced":           func(o *auth.SessionOptions) { o.Force = true },
		"minted": func(o *auth.SessionOptions) {
			o.App.Secret = canarySecret
			o.Force, o.Mint = true, func(context.Context) (url.Values, error) { return nil, errDisk }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				shelf, server := newShelf(), &workfront{}
				if name != "minted" {
					shelf.put(t, *item(func(i *stored) { i.ExpiresAt = now.Add(-time.Minute) }))
				}
				release, err := shelf.Lock(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := make(chan string, 1)
				go func() {
					id, err := idOf(session(shelf, server, change).Header(t.Context()))
					got <- fmt.Sprint(id, err)
				}()
				synctest.Wait()
				shelf.put(t, *item(func(i *stored) {
					i.SessionID, i.Serial, i.ObtainedAt, i.ExpiresAt = "won-session", 4, now.Add(-time.Second), now.Add(time.Minute)
				}))
				release()
				if text := <-got; text != "won-session<nil>" || len(server.asked) != 0 {
					t.Errorf("%s after %q", text, server.asked)
				}
			})
		})
	}
}

// A refused refresh token may have been used by a process that ignores our lock: the store is read once more.
func TestRefusedRefreshAdoptsTheWinner(t *testing.T) {
	t.Parallel()
	winner := func(change func(*stored)) stored {
		return *item(func(i *stored) {
			i.SessionID, i.RefreshToken, i.Serial, i.ExpiresAt = "won-session", "won-refresh", 4, noon.Add(time.Hour)
			change(i)
		})
	}
	loaded := *item(func(i *stored) { i.ExpiresAt = noon.Add(-time.Minute) })
	tests := map[string]struct {
		winner  stored
		fault   string
		good    string // the refresh token that the server takes
		want    string // empty: a login is needed
		refresh int
	}{
		"nobody won":                     {loaded, "", "", "", 1},
		"won, and good":                  {winner(func(*stored) {}), "", "", "won-session", 1},
		"won, and ended since":           {winner(func(i *stored) { i.ExpiresAt = noon.Add(-time.Second) }), "", "won-refresh", "new-session", 2},
		"won, ended, and refused too":    {winner(func(i *stored) { i.ExpiresAt = noon.Add(-time.Second) }), "", "", "", 2},
		"won by another tenant's login":  {winner(func(i *stored) { i.Origin = "https://other" }), "", "won-refresh", "", 1},
		"the store cannot be read again": {winner(func(*stored) {}), "load", "won-refresh", "", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			shelf.put(t, loaded)
			server := &workfront{}
			server.token = func(r *http.Request) (*http.Response, error) {
				if form(t, r).Get("refresh_token") == test.good {
					return response(200, `{"access_token":"new-session","refresh_token":"new-refresh","expires_in":3600}`), nil
				}
				shelf.put(t, test.winner)
				if test.fault != "" {
					shelf.fail(test.fault, errDisk)
				}
				return response(400, `{"error":"invalid_grant"}`), nil
			}
			id, err := idOf(session(shelf, server, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } }).Header(t.Context()))
			if _, login := errors.AsType[*auth.LoginRequiredError](err); id != test.want || login != (test.want == "") || len(server.asked) != test.refresh {
				t.Errorf("%q, %v after %q", id, err, server.asked)
			}
			if shelf.bytes() == nil || test.want != "new-session" && shelf.item(t) != test.winner {
				t.Errorf("stored %s", shelf.bytes())
			}
		})
	}
}

// A session that died before its time is renewed when the server refuses it; one that others have renewed is adopted.
func TestRenewOfARefusedSession(t *testing.T) {
	t.Parallel()
	clock := func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } }
	shelf, server := newShelf(), &issuer{current: "old-refresh"}
	shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }))
	s, other := session(shelf, server, clock), session(shelf, server, clock)
	for _, s := range []*auth.Session{s, other} {
		if id, err := idOf(s.Header(t.Context())); err != nil || id != "old-session" {
			t.Fatalf("%q, %v", id, err)
		}
	}
	for _, s := range []*auth.Session{s, other, s} { // the third asks for what it has been given already
		if id, err := idOf(s.Renew(t.Context(), headerOf("old-session"))); err != nil || id != "new-session" {
			t.Errorf("%q, %v", id, err)
		}
	}
	if server.issued.Load() != 1 || server.refused.Load() != 0 || shelf.locks != 2 {
		t.Errorf("%d refreshes, %d refused, %d locks", server.issued.Load(), server.refused.Load(), shelf.locks)
	}
	if id, err := idOf(s.Header(t.Context())); err != nil || id != "new-session" {
		t.Errorf("%q, %v", id, err)
	}

	shelf.put(t, *item(func(i *stored) { i.ExpiresAt, i.RefreshToken = noon.Add(time.Hour), "" }))
	_, err := idOf(session(shelf, server, clock).Renew(t.Context(), headerOf("old-session")))
	if _, ok := errors.AsType[*auth.LoginRequiredError](err); !ok || !strings.Contains(err.Error(), "cannot be refreshed") {
		t.Errorf("a refused session with nothing to refresh it: %v", err)
	}
}

// Without rotation the answer has no refresh token, and the one that is there stays good.
func TestRefreshWithoutRotation(t *testing.T) {
	t.Parallel()
	shelf := newShelf()
	shelf.put(t, *item(func(*stored) {}))
	n := 0
	server := &workfront{token: func(r *http.Request) (*http.Response, error) {
		if got := form(t, r).Get("refresh_token"); got != "old-refresh" {
			t.Errorf("refresh token %q", got)
		}
		n++
		return response(200, `{"access_token":"session-`+strings.Repeat("i", n)+`","expires_in":0}`), nil
	}}
	for want := range 3 {
		s := session(shelf, server, func(o *auth.SessionOptions) {
			o.Force, o.Now = true, func() time.Time { return noon.Add(time.Duration(want) * time.Second) }
		})
		if id, err := idOf(s.Header(t.Context())); err != nil || id != "session-"+strings.Repeat("i", want+1) {
			t.Errorf("%q, %v", id, err)
		}
	}
	if got := shelf.item(t); got.RefreshToken != "old-refresh" || got.Serial != 6 {
		t.Errorf("stored %+v", got)
	}
}
