package auth

import (
	"context"
	"errors"
	"net/http"
)

// Static is a session that was handed in (WFAUTH_SESSION_ID): used as it is, never renewed.
type Static struct{ SessionID string }

// Headers are what a request carries.
func (s Static) Headers() map[string]string { return Application{}.headers(s.SessionID) }

// Header returns the session as it was given.
func (s Static) Header(context.Context) (http.Header, error) { return asHeader(s.Headers()), nil }

// Renew always fails: nothing renews a session that wfauth did not make.
func (s Static) Renew(context.Context, http.Header) (http.Header, error) {
	return nil, &LoginRequiredError{Why: "Workfront no longer accepts the session in WFAUTH_SESSION_ID"}
}

// CheckStatic asks the server whether it takes a session that was handed in: valid, refused or unreachable.
func CheckStatic(ctx context.Context, o SessionOptions, sessionID string) (State, error) {
	err := NewSession(o).ask(ctx, sessionID)
	if err == nil {
		return StateValid, nil
	}
	if _, refused := errors.AsType[*RefusedError](err); !refused {
		return StateUnreachable, err
	}
	_, err = Static{}.Renew(ctx, nil)
	return StateRefused, err
}
