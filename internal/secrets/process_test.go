package secrets

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A child is this test binary, run as another process that plays a role. What
// it says on stdout are lines.
type child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	stdin io.Closer // closed: the child goes on from where it waits
}

// setting is what a child needs to open the same item.
type setting struct {
	Store, StateDir, SealedDir string
}

func (s setting) open() *Item {
	o := Options{
		Account: "acme@acme.my.workfront.com", Origin: "https://acme.my.workfront.com", ClientID: "client-1",
		StateDir: s.StateDir, SealedDir: s.SealedDir, Deadline: 5 * time.Minute,
		Passphrase: func(context.Context) (string, error) { return "CANARY-passphrase", nil },
	}
	if s.Store == "keyring" {
		return OpenKeyring(o)
	}
	return openFile(o)
}

func start(t *testing.T, role string, s setting, env ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	arg, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), env...), "WFAUTH_TEST_ROLE="+role, "WFAUTH_TEST_SETTING="+string(arg))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd, bufio.NewScanner(stdout), stdin}
	t.Cleanup(c.kill)
	return c
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill() // may have ended
	for c.lines.Scan() {
	}
	_ = c.cmd.Wait()
}

// says reads the next line and fails unless it is want.
func (c *child) says(t *testing.T, want string) {
	t.Helper()
	if c.lines.Scan(); c.lines.Text() != want {
		t.Fatalf("the other process says %q, want %q", c.lines.Text(), want)
	}
}

func number(payload []byte) (n int) {
	_, _ = fmt.Sscanf(string(payload), `{"n":%d}`, &n) // 0 when there is none
	return n
}

func TestLockBetweenProcesses(t *testing.T) {
	t.Parallel()
	s := setting{"file", t.TempDir(), t.TempDir()}
	other := start(t, "hold", s)
	other.says(t, "locked")
	if h, ok := s.open().locker.tryLock(); ok {
		h.release()
		t.Fatal("two processes hold the lock")
	}
	if err := other.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	release, err := s.open().Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestLockOfADeadProcessIsFree(t *testing.T) {
	t.Parallel()
	s := setting{"file", t.TempDir(), t.TempDir()}
	other := start(t, "hold", s)
	other.says(t, "locked")
	other.kill()
	release, err := s.open().Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// A process that counts in the store is killed at random moments. What it had
// acknowledged must be there afterwards, and at most one more.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"keyring", "file"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				if killRounds(t, store) {
					return
				}
			}
			t.Fatal("five keyrings ended by themselves") // see secrettest's Deaths
		})
	}
}

// killRounds does the rounds of TestKill, many where WFAUTH_TEST_FULL is set. It is
// false when the keyring has ended by itself.
func killRounds(t *testing.T, store string) bool {
	kills := 25
	if os.Getenv("WFAUTH_TEST_FULL") != "" {
		kills = 250
	}
	s := setting{store, t.TempDir(), t.TempDir()}
	open, env := s.open, []string(nil)
	keyringEnded := func(string) bool { return false }
	if store == "keyring" {
		session := secrettest.Keyring(t)
		session.Supervise(t)
		env = session.Env
		o := options(t)
		o.StateDir, o.Getenv = s.StateDir, session.Getenv
		open = func() *Item { return OpenKeyring(o) }
		keyringEnded = func(text string) bool {
			said := strings.Contains(text, "no keyring is running") || strings.Contains(text, "it went away before it answered")
			return said && session.Deaths(t) > 0
		}
	}
	last, recovered := 0, 0
	read := func(c *child) (alive bool) {
		line := c.lines.Text()
		if _, err := fmt.Sscan(line, &last); err == nil {
			return true
		}
		if !keyringEnded(line) {
			t.Fatalf("the other process says %q", line)
		}
		return false
	}
	for range kills {
		c := start(t, "count", s, env...)
		for range 1 + rand.IntN(5) { // then somewhere in the next round
			if !c.lines.Scan() {
				t.Fatal("the other process ended by itself")
			}
			if !read(c) {
				return false
			}
		}
		time.Sleep(time.Duration(rand.IntN(12_000)) * time.Microsecond)
		_ = c.cmd.Process.Kill()
		for c.lines.Scan() {
			if !read(c) {
				return false
			}
		}
		c.kill()
		if open().recovery.exists() {
			recovered++
		}
		payload, err := open().Load(t.Context())
		if err != nil && keyringEnded(err.Error()) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := number(payload); n != last && n != last+1 {
			t.Fatalf("after a kill %d is stored; %d had been acknowledged", n, last)
		}
	}
	t.Logf("%d kills in %d saves, %d of them with a recovery file left; none lost", kills, last, recovered)
	return true
}

// Two config folders that hold the same profile share one lock; another
// client's or tenant's is another.
func TestLockIsPerCredential(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := func(o Options) string { return OpenKeyring(o).locker.(*fileLock).path }
	same := o
	same.SealedDir = t.TempDir()
	if path(same) != path(o) {
		t.Error("the folder of sealed files tells locks of one keyring item apart")
	}
	for name, change := range map[string]func(*Options){
		"account": func(o *Options) { o.Account = "b@acme.my.workfront.com" },
		"origin":  func(o *Options) { o.Origin = "http://acme.my.workfront.com" },
		"client":  func(o *Options) { o.ClientID = "client-2" },
	} {
		other := o
		change(&other)
		if path(other) == path(o) {
			t.Errorf("another %s has the same lock", name)
		}
	}
	if OpenFile(o).locker.(*fileLock).path == path(o) {
		t.Error("another store has the same lock")
	}
	for _, i := range []*Item{OpenKeyring(o), OpenFile(o)} {
		if i.probing.(*fileLock).path == i.locker.(*fileLock).path {
			t.Error("a probe waits for a renewal")
		}
	}
	if name := path(o); strings.Contains(name, "acme") {
		t.Errorf("the lock's name shows whose it is: %s", name)
	}
}
