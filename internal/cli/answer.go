package cli

import (
	"fmt"
	"io"
)

// answerError is a fault of where the answer goes, told apart from one of the network: only there does a reader that has
// gone mean that nothing failed.
type answerError struct{ err error }

func (e *answerError) Error() string { return "write to " + e.err.Error() }
func (e *answerError) Unwrap() error { return e.err }

// answerWriter is stdout. It remembers its first fault, for those who write without looking.
type answerWriter struct {
	w   io.Writer
	err error
}

func (a *answerWriter) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	if err != nil {
		err = &answerError{fmt.Errorf("stdout: %w", err)}
		if a.err == nil {
			a.err = err
		}
	}
	return n, err
}
