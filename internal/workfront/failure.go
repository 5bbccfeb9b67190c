package workfront

import (
	"errors"
	"fmt"
)

// Failure is a request that was not done, or is not known to have been, for no reason of its own: the server or what stands before it is
// out of order (5xx), busy with others (429), or a proxy does not let it pass. Trying later can help.
type Failure struct {
	Host    string
	Status  int
	Message string // what the answer says of itself, in one line; may be empty
	// Body is the answer as it was sent, where no [Response] comes with the failure: in the pages of a walk.
	Body []byte
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s answered %d %s%s", f.Host, f.Status, statusText(f.Status), quoted(f.Message))
}

// MaybeDoneError is the failure of a request that changes something, of which nobody knows whether it was done.
type MaybeDoneError struct{ Err error }

func (e *MaybeDoneError) Error() string {
	return fmt.Sprintf("%v; it may have been done, so look before you send it again", e.Err)
}
func (e *MaybeDoneError) Unwrap() error { return e.Err }

// AnswerOf is the answer that an error of a walk came with, as it was sent; empty if there was none.
func AnswerOf(err error) []byte {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal.Body
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		return failure.Body
	}
	return nil
}

// keepBody gives an error the answer that came with it.
func keepBody(err error, body []byte) {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		refusal.Body = body
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		failure.Body = body
	}
}
