package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// ClientCredentials is the Mint of FlowIMS: the form that asks Adobe for a token, without the client's credentials. There is no
// refresh token: a new token is asked for by the same form.
func (a Application) ClientCredentials(context.Context) (url.Values, error) {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {a.Scopes}}, nil
}

// longest is what no token of Adobe's lives for: they end after a day.
const longest = 7 * 24 * time.Hour

// ofIMS understands a life that is stated in milliseconds, as some of Adobe's answers do (expires_in 86399985) where its documents
// say seconds.
func (g Grant) ofIMS() Grant {
	if life := g.ExpiresAt.Sub(g.ObtainedAt); !g.ExpiresAt.IsZero() && life > longest {
		g.ExpiresAt = g.ObtainedAt.Add(life / 1000)
	}
	return g
}

// vet asks Workfront whether it takes what another server has given: a login to the wrong organisation, or by a credential that was
// made for another product, would look like one. Where Workfront does not say, the login goes on.
func (l *Login) vet(ctx context.Context, g Grant) error {
	if l.App.Flow != FlowIMS {
		return nil
	}
	s := NewSession(SessionOptions{App: l.App, Transport: l.Transport, APIVersion: l.APIVersion, Now: l.Now})
	err := s.ask(ctx, g.SessionID)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return &NotCompletedError{Why: "Workfront does not accept Adobe's token: " + refused.Error(), Refused: refused}
	}
	return context.Cause(ctx)
}

// revokeAtAdobe asks Adobe's identity service to end a token (RFC 7009), as its discovery document has it. For credentials of
// programs that is not documented, so whatever comes but a success is no surprise.
func (s *Session) revokeAtAdobe(ctx context.Context, r *record) error {
	app := s.App
	app.Secret = r.ClientSecret
	to := endpoint{app.IMS, "/ims/revoke"}
	form := app.credentials(url.Values{"token": {r.SessionID}})
	status, body, err := s.endpoints.post(ctx, to, form)
	if err == nil && status != http.StatusOK {
		err = refusal(to.origin, status, body, secretsOf(form))
	}
	return err
}
