package auth

import (
	"context"
	"errors"
	"fmt"
)

// State is what status says of a stored session.
type State string

// The states. Refused and Unreachable need a question to the server; they are never confused.
const (
	StateValid       State = "valid"
	StateExpired     State = "expired" // but refreshable
	StateUnknown     State = "unknown" // no stated life, and not used for a while; or the server does not say
	StateNone        State = "none"
	StateRefused     State = "refused"     // by the server, and so was a refresh
	StateUnreachable State = "unreachable" // the server could not be asked
)

// Usable says whether a command could work with a session in this state, as far as is known.
func (s State) Usable() bool { return s == StateValid || s == StateExpired || s == StateUnknown }

// Peek reads what is stored, without renewing it or asking anyone.
func (s *Session) Peek(ctx context.Context) (State, Info, error) {
	r, err := s.load(ctx)
	if err != nil {
		return StateNone, Info{}, err
	}
	if r == nil {
		return StateNone, Info{}, nil
	}
	info := s.info(r)
	switch {
	case s.fresh(r, 0):
		return StateValid, info, nil
	case r.ExpiresAt.IsZero(), r.ahead(s.Now()):
		return StateUnknown, info, nil
	case info.Renewable:
		return StateExpired, info, nil
	}
	return StateNone, info, nil
}

// Check asks the server, with one refresh if it refuses the session. The error says why, for StateRefused and
// StateUnreachable; a store's fault comes as StateNone with its error.
func (s *Session) Check(ctx context.Context) (State, Info, error) {
	state, _, err := s.Peek(ctx)
	if err != nil || state == StateNone && !s.startable() {
		return StateNone, Info{}, err
	}
	info, err := s.Current(ctx)
	if err != nil {
		return s.verdict(ctx, err), info, err
	}
	err = s.ask(ctx, info.SessionID)
	if fault, ok := errors.AsType[*faultError](err); ok && fault.mute {
		return StateUnknown, info, nil
	}
	if err == nil {
		return StateValid, info, nil
	}
	if _, ok := errors.AsType[*RefusedError](err); !ok {
		return s.verdict(ctx, err), info, err
	}
	if _, err = s.renew(ctx, info.SessionID); err != nil {
		return s.verdict(ctx, err), info, err
	}
	if info, err = s.Current(ctx); err != nil {
		return s.verdict(ctx, err), info, err
	}
	err = s.ask(ctx, info.SessionID)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		why := fmt.Sprintf("the server refuses even the session that was just given: %v", refused)
		return StateRefused, info, &LoginRequiredError{Why: why, Refused: refused}
	}
	if err != nil {
		return s.verdict(ctx, err), info, err
	}
	return StateValid, info, nil
}

func (s *Session) verdict(ctx context.Context, err error) State {
	if _, ok := errors.AsType[*LoginRequiredError](err); ok {
		return StateRefused
	}
	if _, ok := errors.AsType[*faultError](err); ok || ctx.Err() != nil {
		return StateUnreachable
	}
	return StateNone // the store's fault: nobody was asked
}
