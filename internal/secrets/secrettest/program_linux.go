package secrettest

import (
	"os"
	"os/exec"
	"testing"
)

// A program is a process that a test has started.
type program struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func installed(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is not installed")
	}
	return path
}

// command is of a program in the session.
func (s *Session) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), s.Env...)
	return cmd
}

func run(cmd *exec.Cmd) (*program, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &program{cmd, make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // mostly says that it was killed
	}()
	return p, nil
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill() // may have ended
	<-p.ended
}

// start runs cmd until the test ends.
func start(t testing.TB, cmd *exec.Cmd) *program {
	t.Helper()
	p, err := run(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}
