package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Error is why a caller gets no answer of Workfront's.
type Error struct {
	Status  int
	Class   string // Workfront's, of what it has refused; empty: it is the gateway's own
	Message string
	header  [2]string
}

func (e *Error) Error() string { return e.Message }

func refusef(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// class tells our own errors from Workfront's, which have the names of Java's classes.
const class = "wfauth"

// statusAndBody are an error in the form of Workfront's own, which its clients know how to read.
func (e *Error) statusAndBody() (int, []byte) {
	type details struct {
		Class   string `json:"class"`
		Message string `json:"message"`
	}
	d := details{class, e.Message}
	if e.Class != "" {
		d.Class = e.Class
	}
	body, _ := json.Marshal(map[string]details{"error": d}) // strings alone
	return e.Status, append(body, '\n')
}

// asError is any error as a caller is told it. What nobody has words for may hold anything, and is not repeated.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return refusef(http.StatusBadGateway, "the request failed; wfauth proxy --debug tells more")
}
