package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// loginJWT logs in without a person: an assertion signed with the profile's key is exchanged for a session, and so it is
// again whenever that is old.
func (a *app) loginJWT(ctx context.Context, s *config.Settings, store *secrets.Item, secret string) error {
	if _, err := a.signingKey(s.KeyFile, ""); err != nil {
		return err
	}
	transport, err := a.tokenTransport()
	if err != nil {
		return err
	}
	login := &auth.Login{
		App:        auth.Application{Origin: s.Host.String(), Flow: s.Flow, ID: s.ClientID, Secret: secret},
		APIVersion: s.APIVersion,
		Store:      store,
		Transport:  transport,
		Notice:     a.say,
		Commit:     func(auth.Info) error { return a.keepProfile(ctx, s) },
	}
	info, err := login.RunJWT(ctx, a.mint(s.Profile, ""))
	if err != nil {
		return err
	}
	a.sayLoggedIn(s, info)
	return nil
}

// mint makes the form of an exchange; the key is read when one is needed, and not before.
func (a *app) mint(p config.Profile, privateKey string) func(context.Context) (url.Values, error) {
	return func(context.Context) (url.Values, error) {
		key, err := a.signingKey(p.KeyFile, privateKey)
		if err != nil {
			return nil, err
		}
		assertion, err := key.Assertion(p.CustomerID, p.UserID, time.Now())
		if err != nil {
			return nil, err
		}
		a.secrets.add(assertion)
		return url.Values{"jwt_token": {assertion}}, nil
	}
}

// signingKey reads the private key of the jwt flow: the file's, or the one in WFAUTH_PRIVATE_KEY.
func (a *app) signingKey(path, text string) (*auth.Key, error) {
	if text != "" {
		key, err := auth.LoadKey([]byte(text))
		if err != nil {
			return nil, usagef("wfauth keygen --out DIR", "WFAUTH_PRIVATE_KEY: %v", err)
		}
		return key, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, usagef("wfauth keygen --out DIR", "key: %v", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		a.note(fmt.Sprintf("others can read the key %s (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path))
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("wfauth keygen --out DIR", "key: %v", err)
	}
	key, err := auth.LoadKey(pem)
	if err != nil {
		return nil, usagef("wfauth keygen --out DIR", "key %s: %v", path, err)
	}
	return key, nil
}

// absoluteKey makes the key's path good for every folder that wfauth is started in.
func absoluteKey(s *config.Settings) error {
	path, err := filepath.Abs(s.KeyFile)
	if err == nil {
		s.KeyFile = path
	}
	return err
}
