package workfront

import (
	"net/http"
	"strings"
)

// burden tells whether a failure may be due to the size of the answer that was asked for.
type burden int

const (
	light    burden = iota // it is about something else
	doubtful               // it may pass by itself: only once repeating has not helped
	heavy                  // at once
)

// heavyError is the failure of a page that may be too heavy for the server, which a smaller one would not be.
type heavyError struct{ err error }

func (e *heavyError) Error() string { return e.err.Error() }
func (e *heavyError) Unwrap() error { return e.err }

// burdenOf reads a status. What the server does with an answer that is too large is not documented: an error, a server fault, or a
// connection that ends somewhere on the way.
func burdenOf(status int, message string) burden {
	switch status {
	case http.StatusRequestEntityTooLarge, http.StatusInternalServerError:
		return heavy
	case http.StatusGatewayTimeout, http.StatusBadGateway:
		return doubtful
	case http.StatusTooManyRequests:
		return light
	}
	if status/100 != 5 && namesLimit(message) {
		return heavy
	}
	return light
}

// namesLimit tells the words of a refusal that is about how much was asked for.
func namesLimit(message string) bool {
	message = strings.ToLower(message)
	for _, words := range [...]string{"limit", "maximum", "exceed", "too many", "too large", "too big"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
}
