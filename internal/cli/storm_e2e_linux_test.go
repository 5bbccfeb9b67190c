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
	stated *int // the life that the tenant states of new sessions, in seconds
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
	s := storm{stated: new(1)}
	s.world = newWorld(t, emulator.Options{Rotate: true, EndSessionsOnRefresh: true, ExpiresIn: s.stated}, session)
	s.login()
	*s.stated = 3600
	s.tenant.ExpireSessions() // takes the tenant's lock, too: its requests see the new life
	return s
}

// unleash runs the commands all at once and returns what each printed; none may fail.
func (s storm) unleash(commands ...[]string) (printed []string) {
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
	failed := 0
	for _, text := range trouble {
		if text == "" {
			continue
		}
		if failed++; failed <= 5 {
			s.t.Error(text)
		}
	}
	c := s.tenant.Counts()
	s.t.Logf("%d processes in %.1f s: %d failed; since the login %d refreshes, %d reused tokens, %d API requests, %d of them refused",
		len(commands), time.Since(began).Seconds(), failed, c.Refresh, c.Reused, c.API, c.LoggedOut)
	return printed
}

func (s storm) refreshes(want int) {
	s.t.Helper()
	if c := s.tenant.Counts(); c.Refresh != want || c.Reused != 0 {
		s.t.Errorf("%d refreshes with %d reused tokens, want %d and none", c.Refresh, c.Reused, want)
	}
}

func repeated(n int, args ...string) [][]string {
	commands := make([][]string, n)
	for i := range commands {
		commands[i] = args
	}
	return commands
}

// oneSession wants the same sessionID from all.
func oneSession(t *testing.T, printed []string) {
	t.Helper()
	if !regexp.MustCompile(`^[0-9a-f]{32}\n$`).MatchString(printed[0]) {
		t.Fatalf("what was printed is no sessionID: %q", printed[0])
	}
	for i, text := range printed {
		if text != printed[0] {
			t.Fatalf("process %d has printed another session than the first", i)
		}
	}
}

func TestStormOfTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		store   string
		session func(*testing.T) *secrettest.Session
	}{
		{"keyring", supervised},
		{"file", func(*testing.T) *secrettest.Session { return nil }},
	} {
		t.Run(c.store, func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, c.session(t))
			oneSession(t, s.unleash(repeated(50, "token")...))
			s.refreshes(1)
		})
	}
}

// Two ways for a session to end: by the time stated, which everyone sees in the store, and earlier, which only the
// server can tell.
func TestStormOfTokensAndCalls(t *testing.T) {
	t.Parallel()
	s := newStorm(t, crowded(t, supervised(t)))
	const each = 200
	calls := repeated(each, "api", "proj/count")
	printed := s.unleash(append(repeated(each, "token"), calls...)...)
	oneSession(t, printed[:each])
	wantCounts(t, printed[each:])
	s.refreshes(1)

	s.tenant.ExpireSessions()
	wantCounts(t, s.unleash(calls...))
	s.refreshes(2)
}

func wantCounts(t *testing.T, printed []string) {
	t.Helper()
	for i, text := range printed {
		if text != `{"data":{"count":20}}` {
			t.Fatalf("call %d has printed %q", i, text)
		}
	}
}
