package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A storm is many processes at once on one session, at a tenant where a refresh token that comes twice ends the login.
type storm struct {
	*world
	session *secrettest.Session // nil: none
	stated  *int                // the life that the tenant states of new sessions, in seconds
}

// supervised is a keyring as desktops have it: a storm has been seen to end gnome-keyring.
func supervised(t *testing.T) *secrettest.Session {
	session := secrettest.Keyring(t)
	session.Supervise(t)
	return session
}

// newStorm logs in; the session has a second to live by then.
func newStorm(t *testing.T, session *secrettest.Session) storm {
	t.Helper()
	return newStormAfter(t, session, func(w *world) { w.login() })
}

func newStormAfter(t *testing.T, session *secrettest.Session, login func(*world)) storm {
	t.Helper()
	s := storm{session: session, stated: new(1)}
	s.world = newWorld(t, emulator.Options{Rotate: true, EndSessionsOnRefresh: true, ExpiresIn: s.stated}, session)
	login(s.world)
	*s.stated = 3600
	s.tenant.ExpireSessions() // takes the tenant's lock, too: its requests see the new life
	return s
}

// unleash runs the commands all at once and returns what each printed; none may fail, and no refresh token is used twice.
// It is false when the machine was not up to it: see excused.
func (s storm) unleash(commands ...[]string) (printed []string, fair bool) {
	s.t.Helper()
	began := time.Now()
	var group sync.WaitGroup
	printed = make([]string, len(commands))
	trouble := make([]string, len(commands))
	for i, args := range commands {
		group.Go(func() {
			cmd := s.command(args...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			printed[i] = string(out)
			if err != nil || stderr.Len() > 0 {
				trouble[i] = fmt.Sprintf("wfauth %s: %v: %s", strings.Join(args, " "), err, stderr.String())
			}
		})
	}
	group.Wait()
	failed, excused := 0, 0
	for _, text := range trouble {
		switch {
		case text == "":
		case s.excused(text):
			excused++
		default:
			if failed++; failed <= 5 {
				s.t.Error(text)
			}
		}
	}
	c := s.tenant.Counts()
	if c.Reused != 0 {
		s.t.Errorf("%d refresh tokens were used twice", c.Reused)
	}
	s.t.Logf("%d processes in %.1f s: %d failed, %d by the machine; since the login %d refreshes, %d API requests, %d of them refused",
		len(commands), time.Since(began).Seconds(), failed, excused, c.Refresh, c.API, c.LoggedOut)
	return printed, excused == 0
}

// excused is true of what says nothing about wfauth: that a deadline of its own was over on a machine that is too slow for
// so many processes, or that the keyring is gone which really has ended by itself.
func (s storm) excused(text string) bool {
	gone := strings.Contains(text, "no keyring is running") || strings.Contains(text, "it went away before it answered")
	return late(text) || gone && s.session != nil && s.session.Deaths(s.t) > 0
}

// gathers lets a storm that is small come with other tests. A great one has the machine to itself.
func gathers(t *testing.T) {
	if inFull(0, 1) == 1 {
		t.Parallel()
	}
}

// weathered has a storm of that many processes pass. One that was too much for the machine is followed by another of half
// as many, in a world of its own: what hangs or is lost by itself fails in a small one, too.
func weathered(t *testing.T, many int, storm func(t *testing.T, many int) (fair bool)) {
	t.Helper()
	for range 5 {
		if storm(t, many) {
			return
		}
		many = max(2, many/2)
	}
	t.Fatal("five storms were too much for this machine")
}

func (s storm) refreshes(want int) {
	s.t.Helper()
	if c := s.tenant.Counts(); c.Refresh != want {
		s.t.Errorf("%d refreshes, want %d", c.Refresh, want)
	}
}

func repeated(n int, args ...string) [][]string {
	commands := make([][]string, n)
	for i := range commands {
		commands[i] = args
	}
	return commands
}

// oneSession wants the same sessionID from all, or the same access token.
func oneSession(t *testing.T, printed []string) {
	t.Helper()
	if !regexp.MustCompile(`^([0-9a-f]{32}|eyJ[\w.-]+)\n$`).MatchString(printed[0]) {
		t.Fatalf("what was printed is no session: %q", printed[0])
	}
	for i, text := range printed {
		if text != printed[0] {
			t.Fatalf("process %d has printed another session than the first", i)
		}
	}
}

func TestStormOfTokens(t *testing.T) {
	gathers(t)
	none := func(*testing.T) *secrettest.Session { return nil }
	for _, c := range []struct {
		name         string
		session      func(*testing.T) *secrettest.Session
		login        func(*world)
		refresh, ims int // requests
	}{
		{"keyring", supervised, func(w *world) { w.login() }, 1, 0},
		{"file", none, func(w *world) { w.login() }, 1, 0},
		{"keyring, ims", supervised, (*world).loginAdobe, 0, 2},
		{"file, ims", none, (*world).loginAdobe, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			gathers(t)
			weathered(t, inFull(50, 8), func(t *testing.T, many int) bool {
				s := newStormAfter(t, c.session(t), c.login)
				printed, fair := s.unleash(repeated(many, "token")...)
				if fair {
					oneSession(t, printed)
					s.refreshes(c.refresh)
					if n := s.tenant.Counts().IMS; n != c.ims { // one is the login's
						t.Errorf("%d tokens were asked for at Adobe, want %d", n, c.ims)
					}
				}
				return fair
			})
		})
	}
}

// Two ways for a session to end: by the time stated, which everyone sees in the store, and earlier, which only the
// server can tell.
func TestStormOfTokensAndCalls(t *testing.T) {
	gathers(t)
	weathered(t, inFull(200, 10), func(t *testing.T, each int) bool {
		s := newStorm(t, crowded(t, supervised(t)))
		calls := repeated(each, "api", "proj/count")
		printed, fair := s.unleash(append(repeated(each, "token"), calls...)...)
		if !fair {
			return false
		}
		oneSession(t, printed[:each])
		wantCounts(t, printed[each:])
		s.refreshes(1)

		s.tenant.ExpireSessions()
		if printed, fair = s.unleash(calls...); fair {
			wantCounts(t, printed)
			s.refreshes(2)
		}
		return fair
	})
}

func wantCounts(t *testing.T, printed []string) {
	t.Helper()
	for i, text := range printed {
		if text != `{"data":{"count":20}}` {
			t.Fatalf("call %d has printed %q", i, text)
		}
	}
}
