package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A process is a wfauth that runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr transcript
	ended          chan struct{}
	status         int // once ended; -1 when a signal ended it
}

func (p *process) start(t *testing.T) {
	t.Helper()
	p.t, p.ended = t, make(chan struct{})
	if p.cmd.Stdout == nil {
		p.cmd.Stdout = &p.stdout
	}
	if p.cmd.Stderr == nil {
		p.cmd.Stderr = &p.stderr
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var waited error
	go func() {
		defer close(p.ended)
		waited = p.cmd.Wait()
		p.status = p.cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // may have ended
		<-p.ended
		if errors.Is(waited, exec.ErrWaitDelay) {
			t.Errorf("%v has left a process behind that holds its output", p.cmd.Args[1:])
		}
	})
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns the exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.status
	case <-time.After(patience):
		p.t.Fatalf("%v does not end; it has said: %s", p.cmd.Args[1:], p.stderr.String())
		return -1
	}
}

// says waits for a whole line of stderr that matches, and returns the match.
func (p *process) says(line *regexp.Regexp) string {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		text, more := p.stderr.watch()
		whole := text[:strings.LastIndexByte(text, '\n')+1]
		if found := line.FindString(whole); found != "" {
			return found
		}
		select {
		case <-more:
		case <-p.ended:
			if found := line.FindString(p.stderr.String()); found != "" {
				return found
			}
			p.t.Fatalf("%v has ended with %d, not said %s; it said: %s", p.cmd.Args[1:], p.status, line, p.stderr.String())
		case <-deadline:
			p.t.Fatalf("%v does not say %s; it said: %s", p.cmd.Args[1:], line, p.stderr.String())
		}
	}
}

// A transcript is what a process has written so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write; nil while nobody waits
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
	return t.text.Write(p)
}

func (t *transcript) String() string {
	text, _ := t.watch()
	return text
}

// watch returns the text, and a channel that is closed when there is more of it.
func (t *transcript) watch() (string, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more == nil {
		t.more = make(chan struct{})
	}
	return t.text.String(), t.more
}
