package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// loginJWT logs in without a person: an assertion signed with the profile's key is exchanged for a session, and so it is
// again whenever that is old.
func (a *app) loginJWT(ctx context.Context, s *config.Settings, store *secrets.Item, secret string) error {
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
	signer := auth.Signer{CustomerID: p.CustomerID, UserID: p.UserID, Key: func() (*auth.Key, error) {
		return a.signingKey(p.KeyFile, privateKey)
	}}
	return func(ctx context.Context) (url.Values, error) {
		form, err := signer.Mint(ctx)
		a.secrets.Add(form.Get("jwt_token"))
		return form, err
	}
}

// signingKey reads the private key of the jwt flow: the file's, or the one in WFAUTH_PRIVATE_KEY. A new key would be of no use where this
// one is not right, for Workfront would not know it.
func (a *app) signingKey(path, text string) (*auth.Key, error) {
	if text != "" {
		key, err := auth.LoadKey([]byte(text))
		if err != nil {
			return nil, usagef(setVariable("WFAUTH_KEY_FILE", "FILE"), "WFAUTH_PRIVATE_KEY: %v", err)
		}
		return key, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef(a.otherKey(), "key: %v", err)
	}
	key, err := auth.LoadKey([]byte(config.Plain(string(pem))))
	if err != nil {
		return nil, usagef(a.otherKey(), "key %s: %v", path, err)
	}
	a.noteReadable(path)
	return key, nil
}

// otherKey is how to name another key than the one that does not work.
func (a *app) otherKey() string {
	switch s := a.loaded; {
	case s == nil || s.EnvOnly:
		return setVariable("WFAUTH_KEY_FILE", "FILE")
	case s.Exists && a.asked == nil:
		return typed([]string{"wfauth", "login", "--profile", s.Name, "--key", "FILE"})
	}
	return "wfauth login --help"
}

// noteReadable warns once of a key that others can read.
func (a *app) noteReadable(path string) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 && !a.warnedOfKey {
		a.warnedOfKey = true
		a.note(fmt.Sprintf("others can read the key %s (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path))
	}
}

// absoluteKey makes the key's path good for every folder that wfauth is started in.
func absoluteKey(s *config.Settings) error {
	path, err := filepath.Abs(s.KeyFile)
	if err == nil {
		s.KeyFile = path
	}
	return err
}
