package cli

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// app is one run of the program. Nothing in it is made before a command asks for it.
type app struct {
	env         Env
	secrets     terminal.Mask
	running     bool           // the command line was understood
	asked       *cobra.Command // where a login is what was asked for
	quiet       bool
	debug       bool
	bus         secrets.Bus
	choosing    bool             // a passphrase that is asked for is a new one
	warnedOfKey bool             // that others can read it
	loaded      *config.Settings // nil until settings
	base        *http.Transport  // nil until transport
}

func (a *app) stderr() io.Writer { return a.secrets.Writer(a.env.Stderr) }

// shownOut is stdout for what may hold a server's words: nothing in them acts on a terminal.
func (a *app) shownOut() io.Writer {
	if a.env.Terminal.Out {
		return terminal.Visible(a.env.Stdout)
	}
	return a.env.Stdout
}

// person says whether someone sits there who can be asked.
func (a *app) person() bool { return a.env.Terminal.Person() }

// ofEnvironment says whether p is the login that the environment describes: no profile of config.yaml has its
// secrets, and it has no store.
func ofEnvironment(s *config.Settings, p config.Profile) bool { return s.EnvOnly && p.Name == "" }

// settings reads the configuration for a command that uses a session.
func (a *app) settings(cmd *cobra.Command) (*config.Settings, error) {
	s, err := a.load(cmd, false)
	if err == nil {
		err = s.Unchosen
	}
	return s, err
}

// allSettings is for a command that works on the profiles themselves, also where none of them is in use.
func (a *app) allSettings(cmd *cobra.Command) (*config.Settings, error) { return a.load(cmd, false) }

func (a *app) load(cmd *cobra.Command, login bool) (*config.Settings, error) {
	s, err := config.Load(config.Source{
		Flags: cmd.Flags(), Getenv: a.env.Getenv, Folders: config.UserFolders(a.env.Getenv), Login: login,
	})
	if err != nil {
		return nil, err
	}
	a.loaded, a.quiet, a.debug = s, s.Quiet, s.Debug
	for _, value := range [...]string{s.SessionID, s.PrivateKey, s.Secret, config.Line(a.env.Getenv("WFAUTH_PASSPHRASE"))} {
		a.secrets.Add(value)
	}
	return s, nil
}

// store opens the place of a profile's secrets; it is not touched before it is used.
func (a *app) store(s *config.Settings, p config.Profile) (*secrets.Item, error) {
	if a.env.Store != nil {
		return a.env.Store, nil
	}
	if ofEnvironment(s, p) {
		return secrets.OpenMemory(), nil
	}
	o, err := a.storeOptions(s, p)
	switch {
	case err != nil:
		return nil, err
	case p.Storage == "file":
		return secrets.OpenFile(o), nil
	}
	return secrets.OpenKeyring(o), nil
}

func (a *app) storeOptions(s *config.Settings, p config.Profile) (secrets.Options, error) {
	if s.Folders.State == "" {
		return secrets.Options{}, usagef("", "there is no folder for locks: %s is not set", config.HomeVariable())
	}
	return secrets.Options{
		Account:       p.Name + "@" + p.Host.Addr(),
		Origin:        p.Host.String(),
		ClientID:      p.ClientID,
		StateDir:      s.Folders.State,
		SealedDir:     s.Folders.Sealed(),
		Passphrase:    a.givenPassphrase,
		AskPassphrase: a.askPassphrase,
		Bus:           &a.bus,
		Interactive:   a.person(),
		Note:          a.note,
		Getenv:        a.env.Getenv,
		Work:          a.env.PassphraseWork,
		Deadline:      a.env.StoreDeadline,
	}, nil
}

// sessionNeeds says how good a session has to be.
type sessionNeeds struct {
	minTTL time.Duration
	maxAge time.Duration
	force  bool
}

// session is the login of a profile, not read yet.
func (a *app) session(s *config.Settings, p config.Profile, needs sessionNeeds) (*auth.Session, error) {
	store, err := a.store(s, p)
	if err != nil {
		return nil, err
	}
	return a.sessionIn(store, s, p, needs)
}

func (a *app) sessionIn(store *secrets.Item, s *config.Settings, p config.Profile, needs sessionNeeds) (*auth.Session, error) {
	transport, err := a.tokenTransport()
	if err != nil {
		return nil, err
	}
	if needs.maxAge == 0 {
		needs.maxAge = auth.DefaultMaxAge
	}
	secret, key := "", "" // a profile's lies in the store, its key in a file
	if ofEnvironment(s, p) {
		secret, key = s.Secret, s.PrivateKey
	}
	return auth.NewSession(auth.SessionOptions{
		App:        application(p, secret),
		Mint:       a.mint(p, key),
		Store:      store,
		Transport:  transport,
		APIVersion: p.APIVersion,
		MinTTL:     needs.minTTL,
		MaxAge:     needs.maxAge,
		Force:      needs.force,
		Notice:     a.note,
	}), nil
}

// credentials is the session in use: a profile's, or the one handed in by the environment.
func (a *app) credentials(s *config.Settings, needs sessionNeeds) (workfront.Credentials, error) {
	if s.SessionID != "" {
		return a.masking(auth.Static{SessionID: s.SessionID}), nil
	}
	if s.Name == "" && !s.EnvOnly {
		return nil, &auth.LoginRequiredError{Why: "nobody is logged in"}
	}
	session, err := a.session(s, s.Profile, needs)
	if err != nil {
		return nil, err
	}
	return a.masking(session), nil
}

// maskedCredentials makes every value that is handed out a secret of this run.
type maskedCredentials struct {
	workfront.Credentials
	a *app
}

func (a *app) masking(c workfront.Credentials) workfront.Credentials { return maskedCredentials{c, a} }

func (m maskedCredentials) Header(ctx context.Context) (http.Header, error) {
	h, err := m.Credentials.Header(ctx)
	m.mask(h)
	return h, err
}

func (m maskedCredentials) Renew(ctx context.Context, stale http.Header) (http.Header, error) {
	h, err := m.Credentials.Renew(ctx, stale)
	m.mask(h)
	return h, err
}

func (m maskedCredentials) mask(h http.Header) {
	for _, values := range h {
		for _, v := range values {
			m.a.secrets.Add(v)
			if _, bare, ok := strings.Cut(v, " "); ok { // what follows the scheme is what a server may say back
				m.a.secrets.Add(bare)
			}
		}
	}
}

// client is the API of the tenant in use.
func (a *app) client(s *config.Settings, credentials workfront.Credentials) (*workfront.Client, error) {
	if err := a.checkAPIVersion(s); err != nil {
		return nil, err
	}
	origin, err := url.Parse(s.Host.String())
	if err != nil {
		return nil, err
	}
	transport, err := a.transport()
	if err != nil {
		return nil, err
	}
	c := &workfront.Client{
		Origin: origin, Version: s.APIVersion, Credentials: credentials, Transport: network.Connecting{Base: transport, UserAgent: userAgent()},
		UserAgent: userAgent(),
	}
	if a.debug {
		c.Trace = a.trace
	}
	return c, nil
}
