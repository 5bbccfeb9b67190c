package auth

import (
	"context"
	"net/http"
)

// Static is a session that was handed in (WFAUTH_SESSION_ID): used as it is, never renewed.
type Static struct{ SessionID string }

// Header returns the session as it was given.
func (s Static) Header(context.Context) (http.Header, error) { return sessionHeader(s.SessionID), nil }

// Renew always fails: nothing renews a session that wfauth did not make.
func (s Static) Renew(context.Context, http.Header) (http.Header, error) {
	return nil, &LoginRequiredError{Why: "Workfront no longer accepts the session in WFAUTH_SESSION_ID"}
}

// CheckStatic asks the server whether it takes a session that was handed in: valid, refused or unreachable.
func CheckStatic(ctx context.Context, o SessionOptions, sessionID string) (State, error) {
	accepted, err := NewSession(o).ask(ctx, sessionID)
	switch {
	case err != nil:
		return StateUnreachable, err
	case accepted:
		return StateValid, nil
	}
	_, err = Static{}.Renew(ctx, nil)
	return StateRefused, err
}
