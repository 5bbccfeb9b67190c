package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

func TestPeekAsksNobody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		item   *stored
		want   auth.State
		usable bool
	}{
		"nothing":                     {nil, auth.StateNone, false},
		"an hour left":                {item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }), auth.StateValid, true},
		"a second left":               {item(func(i *stored) { i.ExpiresAt = noon.Add(time.Second) }), auth.StateValid, true},
		"expired, refreshable":        {item(func(i *stored) { i.ExpiresAt = noon }), auth.StateExpired, true},
		"expired for good":            {item(func(i *stored) { i.ExpiresAt, i.RefreshToken = noon, "" }), auth.StateNone, false},
		"no stated life, young":       {item(func(i *stored) { i.ObtainedAt = noon.Add(-29 * time.Minute) }), auth.StateValid, true},
		"no stated life, used lately": {item(func(i *stored) { i.AcceptedAt = noon.Add(-29 * time.Minute) }), auth.StateValid, true},
		"no stated life, old":         {item(func(*stored) {}), auth.StateUnknown, true},
		"another tenant's":            {item(func(i *stored) { i.Origin = "https://other" }), auth.StateNone, false},
	}
	for name, test := range tests {
		shelf, server := newShelf(), &workfront{}
		if test.item != nil {
			shelf.put(t, *test.item)
		}
		got, info, err := session(shelf, server, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } }).Peek(t.Context())
		if got != test.want || got.Usable() != test.usable || err != nil {
			t.Errorf("%s: %s, %v, want %s", name, got, err, test.want)
		}
		if len(server.asked) != 0 || shelf.saved() != 0 || shelf.locks != 0 {
			t.Errorf("%s: asked %q, %d writes, %d locks", name, server.asked, shelf.saved(), shelf.locks)
		}
		if test.want != auth.StateNone && (info.User != "Ann" || info.SessionID != "old-session") {
			t.Errorf("%s: %+v", name, info)
		}
	}
	shelf := newShelf()
	shelf.fail("load", errDisk)
	if got, _, err := session(shelf, &workfront{}, nil).Peek(t.Context()); got != auth.StateNone || !errors.Is(err, errDisk) {
		t.Errorf("%s, %v", got, err)
	}
}

// Refused and unreachable are never confused, and neither is a store's fault with them.
func TestCheck(t *testing.T) {
	t.Parallel()
	refuse := func(*http.Request) (*http.Response, error) { return response(400, `{"error":"invalid_grant"}`), nil }
	busy := func(*http.Request) (*http.Response, error) { return response(503, ""), nil }
	lasting := func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }
	ended := func(i *stored) { i.ExpiresAt = noon.Add(-time.Hour) }
	tests := map[string]struct {
		item   func(*stored)
		server workfront
		fault  string
		want   auth.State
		asked  string
		says   string
	}{
		"accepted":                           {lasting, workfront{accepts: true}, "", auth.StateValid, "session", ""},
		"refused, and so is the refresh":     {lasting, workfront{token: refuse}, "", auth.StateRefused, "session token", "invalid_grant"},
		"refused, even after the refresh":    {lasting, workfront{}, "", auth.StateRefused, "session token session", "just given"},
		"refused, nothing to refresh":        {func(i *stored) { lasting(i); i.RefreshToken = "" }, workfront{}, "", auth.StateRefused, "session", "cannot be refreshed"},
		"refused, the refresh has no answer": {lasting, workfront{token: busy}, "", auth.StateUnreachable, "session token", "503"},
		"unplugged":                          {lasting, workfront{unplug: syscall.ECONNREFUSED}, "", auth.StateUnreachable, "session session session session", "refused"},
		"a page":                             {lasting, workfront{session: "<html>sign in at the hotel</html>"}, "", auth.StateUnreachable, "session", "web page"},
		"expired, refreshed":                 {ended, workfront{accepts: true}, "", auth.StateValid, "token session", ""},
		"expired, the refresh refused":       {ended, workfront{token: refuse}, "", auth.StateRefused, "token", "invalid_grant"},
		"expired, unplugged":                 {ended, workfront{unplug: syscall.ECONNRESET}, "", auth.StateUnreachable, "token token token token", "reset"},
		"old, accepted":                      {func(*stored) {}, workfront{accepts: true}, "", auth.StateValid, "session session", ""},
		"another tenant's":                   {func(i *stored) { i.Origin = "https://other" }, workfront{accepts: true}, "", auth.StateNone, "", ""},
		"the store cannot be read":           {lasting, workfront{accepts: true}, "load", auth.StateNone, "", errDisk.Error()},
		"the store cannot be locked":         {ended, workfront{accepts: true}, "lock", auth.StateNone, "", errDisk.Error()},
		"the store cannot be written":        {ended, workfront{accepts: true}, "save", auth.StateNone, "token", errDisk.Error()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := newShelf()
			shelf.put(t, *item(test.item))
			if test.fault != "" {
				shelf.fail(test.fault, errDisk)
			}
			s := session(shelf, &test.server, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
			got, _, err := s.Check(t.Context())
			if asked := strings.Join(test.server.asked, " "); got != test.want || asked != test.asked {
				t.Errorf("%s after %q, want %s after %q: %v", got, asked, test.want, test.asked, err)
			}
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want something about %q", err, test.says)
			}
		})
	}
}

func TestCheckOfASilentServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	shelf := newShelf()
	shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }))
	silent := served(func(r *http.Request) (*http.Response, error) {
		cancel(errInterrupt)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s := session(shelf, silent, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
	if got, _, err := s.Check(ctx); got != auth.StateUnreachable || !errors.Is(err, errInterrupt) {
		t.Errorf("%s, %v", got, err)
	}
}
