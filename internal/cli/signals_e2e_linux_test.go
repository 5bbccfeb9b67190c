package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

const tokenEndpoint = "/integrations/oauth2/api/v1/token"

// Ctrl-C and SIGTERM end every wait, with the status that shells know and one line. What each waits for would come later
// than the test's own patience, or never.
func TestSignalEndsWaiting(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(w *world) *process{
		"login": func(w *world) *process {
			p, _ := w.startLogin()
			return p
		},
		"answer of the API": func(w *world) *process {
			w.login()
			g := w.closeGate("/attask/")
			defer g.wait()
			return w.start("api", "proj/search")
		},
		"lock": func(w *world) *process {
			w.login()
			g := w.closeGate(tokenEndpoint)
			w.start("token", "--refresh") // has the lock until the end of the test
			g.wait()
			p := w.start("token", "--refresh")
			eventually(w.t.Context(), w.t, "the process waits for the lock", func() bool {
				locks, err := os.ReadFile("/proc/locks")
				return err == nil && regexp.MustCompile(fmt.Sprintf(`-> FLOCK .* %d `, p.cmd.Process.Pid)).Match(locks)
			})
			return p
		},
		"keyring": func(w *world) *process {
			session := secrettest.NoBus(w.t)
			path := filepath.Join(session.Getenv("XDG_RUNTIME_DIR"), "bus") // as one that is found without a variable
			bus, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { bus.Close() })
			_ = bus.SetDeadline(time.Now().Add(patience)) // fails never on a listener that is open
			p := w.elsewhere(session).with("WFAUTH_STORAGE=keyring").start("login", w.url)
			conn, err := bus.Accept() // and never a word
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { conn.Close() })
			return p
		},
		"emulator": func(w *world) *process {
			p := w.start("emulator")
			eventually(w.t.Context(), w.t, "the emulator runs", func() bool { return p.stdout.String() != "" })
			return p
		},
	} {
		for _, c := range []struct {
			signal syscall.Signal
			status int
			says   string
		}{
			{syscall.SIGINT, 130, "wfauth: interrupted\n"},
			{syscall.SIGTERM, 143, "wfauth: terminated\n"},
			{syscall.SIGHUP, 129, "wfauth: hung up\n"},
			{syscall.SIGQUIT, 131, "wfauth: quit\n"},
		} {
			t.Run(name+", "+c.signal.String(), func(t *testing.T) {
				t.Parallel()
				inTime(t, func() (slow bool) {
					w := newWorld(t, emulator.Options{Rotate: true}, nil)
					p := wait(w)
					p.signal(c.signal)
					status := p.wait()
					if late(p.stderr.String()) {
						return true // the deadline came before the signal
					}
					if status != c.status {
						t.Errorf("exit status %d, not %d", status, c.status)
					}
					if !strings.HasSuffix(p.stderr.String(), c.says) {
						t.Errorf("stderr does not end with %q: %s", c.says, p.stderr.String())
					}
					if out := p.stdout.String(); name != "emulator" && out != "" {
						t.Errorf("stdout has %q", out)
					}
					return false
				})
			})
		}
	}
}

// As a window closes systems send several signals, among them a hang-up: that is no second wish, and what was sent is awaited.
// Only a second one of the others gives it up.
func TestSignalsOfAClosingWindow(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string][]syscall.Signal{
		"hung up twice":            {syscall.SIGHUP, syscall.SIGHUP},
		"terminated, then hung up": {syscall.SIGTERM, syscall.SIGHUP},
		"interrupted, hung up":     {syscall.SIGINT, syscall.SIGHUP},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Options{Rotate: true}, nil)
			w.login()
			before := w.must("token")
			g := w.closeGate(tokenEndpoint)
			p := w.start("token", "--refresh")
			g.wait()
			for _, s := range sent {
				p.signal(s)
				select {
				case <-p.ended:
					t.Fatalf("it does not wait for the answer: %s", p.stderr.String())
				case <-time.After(150 * time.Millisecond): // for a signal to be seen that nothing shows
				}
			}
			g.open()
			if p.wait() != 128+int(sent[0]) {
				t.Errorf("exit status %d", p.status)
			}
			if w.must("token") == before {
				t.Error("the answer was lost")
			}
			w.must("token", "--refresh")
			if n := w.tenant.Counts().Reused; n != 0 {
				t.Errorf("%d refresh tokens were used twice", n)
			}
		})
	}
}

// What nohup has made deaf to a hang-up stays so.
func TestHangUpUnderNohup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	p := &process{cmd: w.command("emulator")}
	p.cmd.Path, p.cmd.Args = "/bin/sh", append([]string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`, w.program}, p.cmd.Args[1:]...)
	p.start(t)
	eventually(t.Context(), t, "the emulator runs", func() bool { return p.stdout.String() != "" })
	p.signal(syscall.SIGHUP)
	p.signal(syscall.SIGTERM) // HUP is the lower number, and delivered first
	if p.wait() != 143 {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
}

// late tells that a deadline of wfauth's own was over, as it may be on a machine that is too slow.
func late(stderr string) bool {
	return strings.Contains(stderr, "another process has held this lock for 30s") || strings.Contains(stderr, "no answer within 5s")
}

// inTime tries again what took longer on a busy machine than wfauth itself was going to wait.
func inTime(t *testing.T, try func() (slow bool)) {
	t.Helper()
	for range 5 {
		if !try() {
			return
		}
	}
	t.Fatal("this machine is too slow for the deadlines of five seconds")
}

// A token request that has been sent is awaited and its answer written: it may hold the only refresh token that is good.
// The second Ctrl-C gives it up, and so do five seconds.
func TestSignalAwaitsTokens(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world) *process{
		"token": func(w *world) *process { return w.start("token", "--refresh") },
		"login": func(w *world) *process {
			p, url := w.startLogin()
			go func() { _ = playBrowser(w.t.Context(), url, w.user(), "allow") }() // ends with the login
			return p
		},
	} {
		for _, c := range []struct {
			name string
			end  func(p *process, g *gate)
			kept bool   // what the tenant gave
			says string // the end of stderr
		}{
			{"answered", func(p *process, g *gate) {
				select {
				case <-p.ended: // it has not waited for the answer, and cannot have kept it
				case <-time.After(300 * time.Millisecond): // for a signal to be seen that nothing shows
				}
				g.open()
			}, true, "wfauth: interrupted\n"},
			{"not answered", func(*process, *gate) {}, false, "wfauth: interrupted\n"},
			{"given up", func(p *process, _ *gate) {
				eventually(p.t.Context(), p.t, "the process ends", func() bool {
					_ = p.cmd.Process.Signal(os.Interrupt) // two that are pending are one
					select {
					case <-p.ended:
						return true
					default:
						return false
					}
				})
			}, false, "wfauth: interrupted a second time: nothing was waited for\n"},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				t.Parallel()
				inTime(t, func() (slow bool) {
					w := newWorld(t, emulator.Options{Rotate: true}, nil)
					w.login()
					before := w.must("token")
					g := w.closeGate(tokenEndpoint)
					p := begin(w)
					g.wait()
					p.signal(os.Interrupt)
					began := time.Now()
					c.end(p, g)
					if p.wait() != 130 {
						t.Errorf("exit status %d, not 130", p.status)
					}
					if c.name != "not answered" && time.Since(began) > 5*time.Second {
						return true // the answer, or the second signal, may have come too late
					}
					// The five seconds and the second Ctrl-C end with different lines.
					if text := p.stderr.String(); !strings.HasSuffix(text, c.says) {
						t.Errorf("stderr does not end with %q: %s", c.says, text)
					}
					if !c.kept {
						g.forsaken()
					}
					g.open()
					if kept := w.must("token") != before; kept != c.kept {
						t.Errorf("the stored session is a new one: %v, want %v", kept, c.kept)
					}
					w.must("token", "--refresh") // the stored refresh token is good
					if n := w.tenant.Counts().Reused; n != 0 {
						t.Errorf("%d refresh tokens were used twice", n)
					}
					return false
				})
			})
		}
	}
}
