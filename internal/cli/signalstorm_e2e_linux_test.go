package cli

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// wfauth token --refresh gets a signal, or loses its terminal, at random moments, at a tenant that ends the login when a
// refresh token comes twice. Unlike a kill this loses nothing: the next refresh succeeds. The passphrase of the sealed file is
// asked for, and whatever the moment, the terminal shows again what is typed.
func TestSignalAtRandomMoments(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *sitting){
		"hung up":         func(s *sitting) { s.signals(syscall.SIGHUP) },
		"interrupted":     func(s *sitting) { s.signals(syscall.SIGINT) },
		"terminated":      func(s *sitting) { s.signals(syscall.SIGTERM) },
		"quit":            func(s *sitting) { s.signals(syscall.SIGQUIT) },
		"terminal closed": (*sitting).closes,
	} {
		t.Run("keyring, "+name, func(t *testing.T) {
			t.Parallel()
			session := supervised(t)
			endsRefreshes(t, session, inFull(300, 10), end)
		})
		t.Run("file, "+name, func(t *testing.T) {
			t.Parallel()
			endsRefreshes(t, nil, inFull(60, 5), end) // scrypt takes its time
		})
	}
}

func endsRefreshes(t *testing.T, session *secrettest.Session, rounds int, end func(*sitting)) {
	t.Helper()
	w := newWorld(t, emulator.Options{Rotate: true}, session)
	w.login()
	// The moments are those of a run, and a little longer, as long as one takes on this machine at this time.
	took := 50 * time.Millisecond
	var ended, slow, died int
	for range rounds {
		began := time.Now()
		s := w.sitDown("token", "--refresh")
		time.Sleep(rand.N(took * 5 / 4))
		end(s)
		s.wait()
		lived := time.Since(began)
		slowly := lived >= 5*time.Second // as long as wfauth waits for an answer, or for the keyring
		s.leave()
		w.settle() // what was given up on a slow machine may not come after a later request

		began = time.Now()
		next := w.run("token", "--refresh")
		took = (took*7 + time.Since(began)) / 8
		status, excused := s.shellStatus(), slowly
		if session != nil && session.Deaths(t) > died {
			died, excused = session.Deaths(t), true
		}
		if next.status == 1 && (excused || late(next.stderr.String())) {
			w.settle()
			next = w.run("token", "--refresh")
		}
		switch {
		case status == 128+int(s.signal), s.unborn():
			ended++
		case status != 0 && !excused:
			t.Errorf("exit status %d: %s", status, s.shown)
		}
		switch {
		case next.status == 4 && slowly:
			slow++
			w.login()
		case next.status != 0:
			t.Fatalf("after exit status %d (%v, %v): %q\nthe next one: exit status %d: %s", status, s.cmd.ProcessState, lived, s.shown, next.status, next.stderr.String())
		case w.tenant.Counts().Reused > slow:
			t.Fatal("a refresh token was used twice")
		}
	}
	t.Logf("%d of %d were ended; the machine was too slow for %d; gnome-keyring itself died %d times; a run took %v",
		ended, rounds, slow, died, took.Round(time.Millisecond))
}

// A sitting is a command at a terminal whose person has typed ahead and may go away.
type sitting struct {
	*process
	keys, screen *os.File // nil once closed
	signal       syscall.Signal
	shown        string // once the person has left
}

// sitDown begins one, all of whose streams are the terminal. What asks for the passphrase finds it typed.
func (w *world) sitDown(args ...string) *sitting {
	w.t.Helper()
	s := &sitting{process: &process{cmd: w.with("WFAUTH_PASSPHRASE=").command(args...)}}
	s.keys, s.screen = openTerminal(w.t)
	if _, err := s.keys.WriteString("CANARY-passphrase" + enter); err != nil {
		w.t.Fatal(err)
	}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.screen, s.screen, s.screen
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s.start(w.t)
	return s
}

// signals sends one, to a process that may have ended.
func (s *sitting) signals(signal syscall.Signal) {
	s.t.Helper()
	s.signal = signal
	if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
}

// closes ends the terminal, which sends a hang-up.
func (s *sitting) closes() {
	s.signal = syscall.SIGHUP
	s.screen.Close()
	s.keys.Close()
	s.keys, s.screen = nil, nil
}

// leave looks at the terminal after the process's end, if it is still there: it must show what is typed.
func (s *sitting) leave() {
	s.t.Helper()
	if s.keys == nil {
		return
	}
	if !(&pseudoTerminal{process: s.process, keys: s.keys}).echoes() {
		s.t.Errorf("after exit status %d the terminal does not show what is typed", s.status)
	}
	s.screen.Close() // a read of what was shown is to end
	for text := make([]byte, 4096); ; {
		n, err := s.keys.Read(text)
		s.shown += string(text[:n])
		if err != nil {
			break
		}
	}
	s.keys.Close()
}

// shellStatus is the exit status as a shell tells it of a process that a signal may have ended.
func (s *sitting) shellStatus() int {
	if status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return s.status
}

// unborn is true of a process that Go's runtime has ended before the program ran, and could have done anything about it.
func (s *sitting) unborn() bool {
	return s.signal == syscall.SIGQUIT && strings.Contains(s.shown, "SIGQUIT") && !strings.Contains(s.shown, "cli.Run")
}
