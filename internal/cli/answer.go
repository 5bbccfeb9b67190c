package cli

import (
	"fmt"
	"io"
	"sync"
)

// answerError is a fault of where the answer goes, told apart from one of the network: only there does a reader that has
// gone mean that nothing failed.
type answerError struct{ err error }

func (e *answerError) Error() string { return "write to " + e.err.Error() }
func (e *answerError) Unwrap() error { return e.err }

// answerWriter is stdout. It remembers its first fault, for those who write without looking, and whether its last line has ended.
type answerWriter struct {
	w io.Writer

	mu   sync.Mutex // guards what follows: notes come from other goroutines
	err  error
	open bool // the last line has no end yet
}

func (a *answerWriter) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	a.mu.Lock()
	defer a.mu.Unlock()
	if n > 0 {
		a.open = p[n-1] != '\n'
	}
	if err != nil {
		err = &answerError{fmt.Errorf("stdout: %w", err)}
		if a.err == nil {
			a.err = err
		}
	}
	return n, err
}

// failed is the first fault.
func (a *answerWriter) failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// ends tells once that the last line has no end, and takes it for ended from then on.
func (a *answerWriter) ends() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	open := a.open
	a.open = false
	return open
}

// afterAnswer is stderr where both streams are one terminal or one log: what is said begins a line of its own, also after an answer that
// was sent without a line end.
type afterAnswer struct {
	answer *answerWriter
	w      io.Writer
}

func (a afterAnswer) Write(p []byte) (int, error) {
	if a.answer.ends() {
		if _, err := io.WriteString(a.w, "\n"); err != nil {
			return 0, err
		}
	}
	return a.w.Write(p)
}
