package auth

import "context"

// Static is a session that was handed in (WFAUTH_SESSION_ID): used as it is, never renewed.
type Static struct{ SessionID string }

// Token returns the session as it was given.
func (s Static) Token(context.Context) (string, error) { return s.SessionID, nil }

// Renew always fails: nothing renews a session that wfauth did not make.
func (s Static) Renew(context.Context, string) (string, error) {
	return "", &LoginRequiredError{Why: "Workfront no longer accepts the session in WFAUTH_SESSION_ID"}
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
	_, err = Static{}.Renew(ctx, sessionID)
	return StateRefused, err
}
