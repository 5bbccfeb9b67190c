package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
)

// explained is an error of the transport that says by itself what failed at which host, in the words that every command
// has for it; a final one will be the same next time.
type explained interface {
	error
	Final() bool
}

// unanswered says why a request to the origin got no answer.
func unanswered(origin string, err error, secrets []string) *faultError {
	if e, ok := errors.AsType[explained](err); ok {
		return &faultError{err: withoutSecrets(e, secrets), final: e.Final()}
	}
	return &faultError{err: withoutSecrets(fmt.Errorf("%s: %w", origin, reason(err)), secrets)}
}

// reason takes the URL out of the standard library's error, and puts into words what is not the transport's to explain: the
// client's own deadline, and a body that ends early.
func reason(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it closed the connection")
	}
	return err
}

// withoutSecrets masks what a server's bytes brought into an error of the standard library.
func withoutSecrets(err error, secrets []string) error {
	if text := shown(err.Error(), secrets); text != err.Error() {
		return &rewordedError{text, err}
	}
	return err
}

// rewordedError is an error in other words.
type rewordedError struct {
	text string
	err  error
}

func (e *rewordedError) Error() string { return e.text }
func (e *rewordedError) Unwrap() error { return e.err }
