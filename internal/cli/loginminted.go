package cli

import (
	"context"
	"net/url"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// application is what a profile logs in with.
func application(p config.Profile, secret string) auth.Application {
	return auth.Application{
		Origin: p.Host.String(), Flow: p.Flow, ID: p.ClientID, Secret: secret, IMS: p.IMSURL, Scopes: p.Scopes, Org: p.IMSOrg,
	}
}

// byBrowser says whether a flow needs a person to log in; no flow yet is one of those.
func byBrowser(flow string) bool { return flow != auth.FlowJWT && flow != auth.FlowIMS }

// loginMinted logs in without a person: what the profile has is exchanged for a session, and so it is again whenever that is old.
func (a *app) loginMinted(ctx context.Context, s *config.Settings, store *secrets.Item, secret string) error {
	transport, err := a.tokenTransport()
	if err != nil {
		return err
	}
	login := &auth.Login{
		App:        application(s.Profile, secret),
		APIVersion: s.APIVersion,
		Store:      store,
		Transport:  transport,
		Notice:     a.say,
		Commit:     func(auth.Info) error { return a.keepProfile(ctx, s) },
	}
	info, err := login.RunMinted(ctx, a.mint(s.Profile, ""))
	if err != nil {
		return err
	}
	a.sayLoggedIn(s, info)
	return nil
}

// mint makes the form that asks for a session where no person is, nil where one is needed. A key is read when it is used, and not before.
func (a *app) mint(p config.Profile, privateKey string) func(context.Context) (url.Values, error) {
	switch p.Flow {
	case auth.FlowIMS:
		return application(p, "").ClientCredentials
	case auth.FlowJWT:
		signer := auth.Signer{CustomerID: p.CustomerID, UserID: p.UserID, Key: func() (*auth.Key, error) {
			return a.signingKey(p.KeyFile, privateKey)
		}}
		return func(ctx context.Context) (url.Values, error) {
			form, err := signer.Mint(ctx)
			a.secrets.Add(form.Get("jwt_token"))
			return form, err
		}
	}
	return nil
}
