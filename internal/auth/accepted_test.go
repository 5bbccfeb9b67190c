package auth_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// An acceptance is written back at most every half of MaxAge, and only where it says anything.
func TestAcceptedIsWrittenSeldom(t *testing.T) {
	t.Parallel()
	now := noon
	shelf := newShelf()
	shelf.put(t, *item(func(i *stored) { i.ObtainedAt = noon.Add(-14 * time.Minute) }))
	s := session(shelf, &workfront{}, func(o *auth.SessionOptions) { o.Now = func() time.Time { return now } })
	accept := func(id string, saves int) {
		t.Helper()
		for range 10 {
			s.Accepted(t.Context(), headerOf(id))
		}
		if shelf.saved() != saves {
			t.Errorf("at %v: %d writes, want %d", now.Sub(noon), shelf.saved(), saves)
		}
	}
	accept("old-session", 0) // nothing was read yet
	if _, err := idOf(s.Header(t.Context())); err != nil {
		t.Fatal(err)
	}
	accept("old-session", 0) // obtained 14 minutes ago
	now = noon.Add(time.Minute)
	accept("another-session", 0)
	accept("old-session", 1)
	if got := shelf.item(t); !got.AcceptedAt.Equal(now) || got.Serial != 3 || got.RefreshToken != "old-refresh" {
		t.Errorf("stored %+v", got)
	}
	now = noon.Add(15 * time.Minute)
	accept("old-session", 1)
	now = noon.Add(16 * time.Minute)
	accept("old-session", 2)

	// Others have renewed it meanwhile: what they wrote stays.
	shelf.put(t, *item(func(i *stored) { i.SessionID, i.RefreshToken, i.Serial = "won-session", "won-refresh", 4 }))
	now = noon.Add(40 * time.Minute)
	accept("old-session", 2)
	if got := shelf.item(t); got.RefreshToken != "won-refresh" {
		t.Errorf("stored %+v", got)
	}
}

func TestAcceptedWritesNothingThatIsStated(t *testing.T) {
	t.Parallel()
	shelf := newShelf()
	shelf.put(t, *item(func(i *stored) { i.ExpiresAt = noon.Add(time.Hour) }))
	s := session(shelf, &workfront{}, func(o *auth.SessionOptions) { o.Now = func() time.Time { return noon } })
	if _, err := idOf(s.Header(t.Context())); err != nil {
		t.Fatal(err)
	}
	s.Accepted(t.Context(), headerOf("old-session"))
	if shelf.saved() != 0 || shelf.locks != 0 {
		t.Errorf("%d writes, %d locks", shelf.saved(), shelf.locks)
	}
}

// A lock that another process holds, or a store that fails, costs an acceptance and nothing else.
func TestAcceptedWaitsForNobody(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]func(*shelf){
		"locked":             func(s *shelf) { _, _ = s.Lock(context.Background()) },
		"not to be locked":   func(s *shelf) { s.fail("lock", errDisk) },
		"not to be read":     func(s *shelf) { s.fail("load", errDisk) },
		"not to be written":  func(s *shelf) { s.fail("save", errDisk) },
		"emptied by another": func(s *shelf) { s.clear() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				shelf := newShelf()
				shelf.put(t, *item(func(i *stored) { i.ObtainedAt = now.Add(-20 * time.Minute) }))
				s := session(shelf, &workfront{}, nil)
				if _, err := idOf(s.Header(t.Context())); err != nil {
					t.Fatal(err)
				}
				hinder(shelf)
				s.Accepted(t.Context(), headerOf("old-session"))
				if waited := time.Since(now); waited > time.Second || shelf.saved() != 0 {
					t.Errorf("waited %v, %d writes", waited, shelf.saved())
				}
				if id, err := idOf(s.Header(t.Context())); err != nil || id != "old-session" {
					t.Errorf("%q, %v", id, err)
				}
			})
		})
	}
}
