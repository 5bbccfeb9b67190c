package secrettest

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

// A supervised program is started anew whenever it ends by itself, as a
// desktop's session does.
type supervised struct {
	make  func() *exec.Cmd
	ended chan struct{} // closed when it runs no more

	mu      sync.Mutex // guards what follows
	running *exec.Cmd
	over    bool // it is not started again
	died    int  // so many times, by itself
}

// supervise starts what next makes, until the test ends.
func supervise(t testing.TB, next func() *exec.Cmd) *supervised {
	t.Helper()
	s := &supervised{make: next, ended: make(chan struct{})}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	go s.watch(t)
	t.Cleanup(func() { s.end(); <-s.ended })
	return s
}

func (s *supervised) start() error {
	cmd := s.make()
	if err := cmd.Start(); err != nil {
		return err
	}
	s.running = cmd
	return nil
}

func (s *supervised) watch(t testing.TB) {
	defer close(s.ended)
	for again := true; again; {
		s.mu.Lock()
		running := s.running
		s.mu.Unlock()
		_ = running.Wait() // says that it was killed
		s.mu.Lock()
		if again = !s.over && s.died < 20; again { // or else it cannot live here
			s.died++
			if err := s.start(); err != nil {
				t.Error(err)
				again = false
			}
		}
		s.mu.Unlock()
	}
}

// end kills the program for good.
func (s *supervised) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	_ = s.running.Process.Kill() // may have ended
}

func (s *supervised) process() *os.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running.Process
}

func (s *supervised) deaths() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.died
}
