package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// mintName is whose refusal of which credential it is where no person logs in.
func (a Application) mintName() (server, credential string) {
	if a.Flow == FlowIMS {
		return "Adobe", "credential"
	}
	return "Workfront", "signed assertion"
}

// refusedMint says that no session is to be had for the credential.
func (a Application) refusedMint(refused *RefusedError) string {
	server, credential := a.mintName()
	return fmt.Sprintf("%s refused the %s: %v", server, credential, refused)
}

// RunMinted logs in without a browser, by exchanging what mint gives, and stores the session as Run does. Of the fields
// those that concern the browser are not used.
func (l *Login) RunMinted(ctx context.Context, mint func(context.Context) (url.Values, error)) (Info, error) {
	l.complete()
	form, err := mint(ctx)
	if err != nil {
		return Info{}, err
	}
	release, err := l.reserve(ctx)
	if err != nil {
		return Info{}, err
	}
	defer release()
	e := newEndpoints(l.Transport, l.Now, l.Notice)
	g, err := e.mint(ctx, l.App, form)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return Info{}, &NotCompletedError{Why: l.App.refusedMint(refused), Refused: refused}
	}
	if err != nil {
		return Info{}, err
	}
	if err := l.vet(ctx, g); err != nil {
		return Info{}, err
	}
	info, err := l.store(ctx, e, g, "")
	if err != nil {
		return Info{}, err
	}
	info.Renewable = true // as it was made
	return info, context.Cause(ctx)
}

// mint sends what a Mint has made, with the client's credentials.
func (e endpoints) mint(ctx context.Context, app Application, form url.Values) (Grant, error) {
	g, err := e.grant(ctx, app.minting(), app.credentials(form))
	if app.Flow == FlowIMS {
		g = g.ofIMS()
	}
	return g, err
}

// mint makes a new session, where the flow needs no person for it.
func (s *Session) mint(ctx context.Context, r *record) (*record, error) {
	app := s.App
	if app.Secret == "" {
		app.Secret = r.ClientSecret
	}
	form, err := s.Mint(ctx)
	if err != nil {
		return nil, err
	}
	g, err := s.grant(ctx, func() (Grant, error) { return s.endpoints.mint(ctx, app, form) })
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return nil, &LoginRequiredError{Why: app.refusedMint(refused), Refused: refused}
	}
	return s.keep(ctx, r, g, err)
}
