package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// apiError is a refusal as the REST API words it.
type apiError struct {
	status  int
	class   string // a Java class name; "" leaves it out
	message string
	full    bool // with the members that only some refusals have
	plain   bool // the error is the message itself, not an object
}

func (e *apiError) Error() string { return e.message }

// invalid is the refusal of a request that makes no sense.
func invalid(format string, args ...any) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, class: objectstore.ClassArgument, message: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, class: objectstore.ClassUnsupported, message: fmt.Sprintf(format, args...)}
}

// fromStore is the store's in the form of this package: with the status that its reason has.
func fromStore(r *objectstore.Refusal) *apiError {
	e := &apiError{status: http.StatusUnprocessableEntity, class: r.Class, message: r.Message, full: r.Full}
	switch r.Reason {
	case objectstore.Unsupported:
		e.status = http.StatusBadRequest
	case objectstore.NotFound:
		e.status = http.StatusNotFound
	case objectstore.Forbidden:
		e.status = http.StatusForbidden
	case objectstore.LoggedOut:
		e.status = http.StatusUnauthorized
	}
	return e
}

// writeError answers a REST request with a refusal.
func writeError(w http.ResponseWriter, err error) {
	status, body := errorBody(err)
	writeJSON(w, status, body)
}

// errorBody is a refusal as the REST API sends it.
func errorBody(err error) (status int, body []byte) {
	refused, ok := errors.AsType[*apiError](err)
	if !ok {
		refused = &apiError{status: http.StatusInternalServerError, message: err.Error()}
	}
	if r, ok := errors.AsType[*objectstore.Refusal](err); ok {
		refused = fromStore(r)
	}
	message := objectstore.AppendString(nil, strings.ToValidUTF8(refused.message, "\ufffd"))
	if refused.plain {
		return refused.status, fmt.Appendf(nil, `{"error":%s}`, message)
	}
	body = []byte(`{"error":{`)
	if refused.class != "" {
		body = fmt.Appendf(body, `"class":"%s",`, refused.class)
	}
	body = fmt.Appendf(body, `"message":%s`, message)
	if refused.full {
		body = append(body, `,"title":null,"msgKey":"exception.attask","attributes":[""],"code":0`...)
	}
	return refused.status, append(body, "}}"...)
}

// tokenError is a refusal of the OAuth2 endpoints, by the code that RFC 6749 gives it.
type tokenError struct {
	status  int
	code    string
	message string
}

func (e *tokenError) Error() string { return e.message }

func invalidGrant(message string) *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_grant", message}
}

// writeTokenError answers in the tenant's shape: Workfront's, whose error member is a boolean, or the standard one.
func (t *Tenant) writeTokenError(w http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*tokenError](err)
	if !ok {
		refused = &tokenError{http.StatusInternalServerError, "server_error", err.Error()}
	}
	if refused.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Workfront"`)
	}
	body := struct {
		StatusCode int    `json:"statusCode"`
		Error      bool   `json:"error"`
		Type       string `json:"type"`
		Message    string `json:"message"`
	}{refused.status, true, refused.code, refused.message}
	if t.opts.StandardErrors {
		writeStandardError(w, refused)
		return
	}
	text, _ := json.Marshal(body) // strings, numbers and booleans always marshal
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, refused.status, text)
}

// writeStandardError answers in the shape of RFC 6749, 5.2.
func writeStandardError(w http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*tokenError](err)
	if !ok {
		refused = &tokenError{http.StatusInternalServerError, "server_error", err.Error()}
	}
	text, _ := json.Marshal(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{refused.code, refused.message}) // strings always marshal
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, refused.status, text)
}

func writeTokenAnswer(w http.ResponseWriter, answer tokenAnswer) {
	text, _ := json.Marshal(answer) // strings and numbers always marshal
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	writeJSON(w, http.StatusOK, text)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	w.Write(body) // the reader may have gone; there is nobody to tell
}
