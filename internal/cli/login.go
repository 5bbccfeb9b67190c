package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// loginFlags are the flags of login that are not settings of the profile.
type loginFlags struct {
	secretStdin       bool
	noBrowser         bool
	timeout           time.Duration
	allowMissingState bool
}

func newLoginCmd(a *app) *cobra.Command {
	var flags loginFlags
	cmd := &cobra.Command{
		Use:   "login [HOST]",
		Short: "Log in to a Workfront tenant and keep the session",
		Long: `Log in to a Workfront tenant and keep the session in the system's keyring.

HOST is the tenant: acme (for acme.my.workfront.com), acme.preview.workfront.com, or an origin. What else is needed is the
OAuth2 application that an administrator has registered in Workfront (Setup > System > OAuth2 Applications): its client ID,
and for a Web Application its secret, by WFAUTH_CLIENT_SECRET, --client-secret-stdin or at the prompt.`,
		Example: `  wfauth login acme --client-id 3b1d...
  wfauth login acme.preview.workfront.com --client-id 77aa... --client-secret-stdin < secret.txt
  wfauth login acme --client-id 9f00... --client-secret-stdin --customer-id 4c1a... --user-id 5b2e... --key private.key < secret.txt
  wfauth login                      # again, for the default profile`,
		Args: atMostArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				host := cmd.Flag("host")
				if host.Changed && host.Value.String() != args[0] {
					return usagef("wfauth login "+args[0], "HOST and --host name two hosts")
				}
				if err := cmd.Flags().Set("host", args[0]); err != nil {
					return err
				}
			}
			return a.login(cmd, flags)
		},
	}
	f := cmd.Flags()
	f.String("flow", "", "`FLOW`: code (Web Application), pkce (Single Page Web Application) or jwt (Machine to Machine)")
	f.String("client-id", "", "client `ID` of the OAuth2 application")
	f.BoolVar(&flags.secretStdin, "client-secret-stdin", false, "read the client secret from stdin")
	f.String("redirect-uri", "", "the registered redirect `URL`, or several with commas, tried in order (default: "+config.DefaultRedirectURI+")")
	f.BoolVar(&flags.noBrowser, "no-browser", false, "print the URL only")
	f.DurationVar(&flags.timeout, "timeout", 5*time.Minute, "how long to wait for the browser")
	f.String("storage", "", "`STORE` for the secrets: keyring or file (default: keyring)")
	f.String("customer-id", "", "jwt: the customer `ID` of the application (the claim iss)")
	f.String("user-id", "", "jwt: the `ID` of the user who registered the key (the claim sub)")
	f.String("key", "", "jwt: the `FILE` with the private key")
	f.BoolVar(&flags.allowMissingState, "allow-missing-state", false, "take an answer without state, for a tenant that does not send it back")
	return cmd
}

// login gathers what is missing, tries the store, and only then opens a browser.
func (a *app) login(cmd *cobra.Command, flags loginFlags) error {
	ctx := cmd.Context()
	s, err := a.load(cmd, true)
	if err != nil {
		return err
	}
	if flags.timeout <= 0 {
		return usagef("wfauth login --timeout 5m", "--timeout wants a length of time")
	}
	secret, err := a.clientSecret(flags)
	if err != nil {
		return err
	}
	if err := a.chooseFlow(cmd, s, secret); err != nil {
		return err
	}
	if err := a.askMissing(ctx, s); err != nil {
		return err
	}
	if err := a.checkFlow(s); err != nil {
		return err
	}
	store, err := a.store(s, s.Profile)
	if err != nil {
		return err
	}
	if secret, err = a.secretForFlow(ctx, s, store, secret); err != nil {
		return err
	}
	if err := a.tryStore(ctx, store); err != nil {
		return err
	}
	if s.Flow == auth.FlowJWT {
		return a.loginJWT(ctx, s, store, secret)
	}
	return a.loginBrowser(ctx, s, store, secret, flags)
}

// checkFlow looks at what the flow needs on this machine, before anything is opened.
func (a *app) checkFlow(s *config.Settings) error {
	if s.Flow == auth.FlowJWT {
		if err := absoluteKey(s); err != nil {
			return err
		}
		_, err := a.signingKey(s.KeyFile, "")
		return err
	}
	uris, err := s.RedirectURIs()
	if err != nil {
		return err
	}
	return auth.CheckRedirectURIs(uris)
}

// loginBrowser waits for a person to log in, in a browser here or anywhere.
func (a *app) loginBrowser(ctx context.Context, s *config.Settings, store *secrets.Item, secret string, flags loginFlags) error {
	transport, err := a.tokenTransport()
	if err != nil {
		return err
	}
	uris, err := s.RedirectURIs()
	if err != nil {
		return err
	}
	login := &auth.Login{
		App:               auth.Application{Origin: s.Host.String(), Flow: s.Flow, ID: s.ClientID, Secret: secret},
		Profile:           s.Name,
		RedirectURIs:      uris,
		APIVersion:        s.APIVersion,
		Store:             store,
		Transport:         transport,
		AllowMissingState: flags.allowMissingState,
		Timeout:           flags.timeout,
		Ready:             func(url, port string) { a.showLogin(url, port, flags.noBrowser) },
		Notice:            a.say,
		Commit:            func(auth.Info) error { return a.keepProfile(ctx, s) },
	}
	if a.env.Terminal.In && a.env.Terminal.Err {
		login.Pasted = a.pastedLines()
	}
	info, err := login.Run(ctx)
	if err != nil {
		return err
	}
	a.sayLoggedIn(s, info)
	return nil
}

// clientSecret is the secret as given for this login; a flag's value would stand in the process list, so there is none.
func (a *app) clientSecret(flags loginFlags) (string, error) {
	if !flags.secretStdin {
		return a.env.Getenv("WFAUTH_CLIENT_SECRET"), nil
	}
	if a.env.Terminal.In {
		return "", nil // asked for, without echo
	}
	text, err := io.ReadAll(io.LimitReader(a.env.Stdin, 64<<10))
	if err != nil {
		return "", fmt.Errorf("read the client secret from stdin: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", usagef("wfauth login --client-secret-stdin < FILE", "stdin holds no client secret")
	}
	a.secrets.add(secret)
	return secret, nil
}

// chooseFlow follows what was given: a key, a secret, what the profile has, else no secret at all.
func (a *app) chooseFlow(cmd *cobra.Command, s *config.Settings, secret string) error {
	fromStdin := cmd.Flag("client-secret-stdin").Changed
	switch explicit := cmd.Flag("flow").Changed; {
	case explicit && s.Flow == auth.FlowPKCE && fromStdin:
		return usagef("wfauth login --flow code --client-secret-stdin", "the flow pkce has no client secret")
	case explicit:
	case cmd.Flag("key").Changed:
		s.Flow = auth.FlowJWT
	case s.Flow == auth.FlowJWT:
	case secret != "" || fromStdin:
		s.Flow = auth.FlowCode
	case s.Flow == "":
		s.Flow = auth.FlowPKCE
	}
	return nil
}

// askMissing asks at a terminal for what a login cannot do without; elsewhere it names the flag and the variable.
func (a *app) askMissing(ctx context.Context, s *config.Settings) error {
	person := a.env.Terminal.In && a.env.Terminal.Err
	if s.Host.IsZero() {
		if !person {
			return usagef("wfauth login acme --client-id ID", "the host is missing: give HOST or set WFAUTH_HOST")
		}
		text, err := a.ask(ctx, "Workfront host (acme, or acme.my.workfront.com)")
		if err != nil {
			return err
		}
		if s.Host, err = config.ParseHost(text); err != nil {
			return usagef("wfauth login acme", "%v", err)
		}
		if s.Name == "" {
			s.Name = s.Host.ProfileName()
		}
	}
	type want struct {
		value              *string
		name, flag, env, q string
	}
	wanted := []want{{&s.ClientID, "client ID", "--client-id", "WFAUTH_CLIENT_ID", "Client ID of the OAuth2 application in Workfront"}}
	if s.Flow == auth.FlowJWT {
		wanted = append(wanted,
			want{&s.CustomerID, "customer ID", "--customer-id", "WFAUTH_CUSTOMER_ID", "Customer ID of the OAuth2 application"},
			want{&s.UserID, "user ID", "--user-id", "WFAUTH_USER_ID", "ID of the user who registered the key"},
			want{&s.KeyFile, "key", "--key", "WFAUTH_KEY_FILE", "File with the private key"})
	}
	for _, w := range wanted {
		if *w.value != "" {
			continue
		}
		missing := usagef("wfauth login "+s.Host.String()+" "+w.flag+" …", "the %s is missing: give %s or set %s", w.name, w.flag, w.env)
		if !person {
			return missing
		}
		text, err := a.ask(ctx, w.q)
		if err != nil {
			return err
		}
		if *w.value = text; text == "" {
			return missing
		}
	}
	return nil
}

// secretForFlow takes the secret that is given, else the one stored by an earlier login to the same application, else a
// person's.
func (a *app) secretForFlow(ctx context.Context, s *config.Settings, store auth.Store, given string) (string, error) {
	if s.Flow == auth.FlowPKCE {
		return "", nil
	}
	if given != "" {
		return given, nil
	}
	stored, err := a.storedSecret(ctx, s, store)
	if err != nil || stored != "" {
		return stored, err
	}
	if !a.env.Terminal.In || !a.env.Terminal.Err {
		return "", usagef("wfauth login --client-secret-stdin < FILE", "the client secret is missing: give --client-secret-stdin or set WFAUTH_CLIENT_SECRET")
	}
	secret, err := a.askSecret(ctx, "Client secret")
	if err == nil && secret == "" {
		err = usagef("wfauth login --client-secret-stdin < FILE", "the client secret is missing")
	}
	a.secrets.add(secret)
	return secret, err
}

// storedSecret looks into the store, and where the login changes that, into the one before.
func (a *app) storedSecret(ctx context.Context, s *config.Settings, store auth.Store) (string, error) {
	app := auth.Application{Origin: s.Host.String(), ID: s.ClientID}
	stored, err := auth.StoredSecret(ctx, store, app)
	if err == nil && stored == "" && s.Exists && s.Previous.WithDefaults().Storage != s.Storage {
		before, openErr := a.store(s, s.Previous.WithDefaults())
		if openErr != nil {
			return "", openErr
		}
		stored, _ = auth.StoredSecret(ctx, before, app) // the store that is left may be out of order
	}
	a.secrets.add(stored)
	return stored, err
}

// tryStore makes sure of the store before the browser is opened: what is there can be read, and a value is taken, given
// back and deleted.
func (a *app) tryStore(ctx context.Context, store *secrets.Item) error {
	held, err := store.Load(ctx)
	if err != nil {
		return err
	}
	a.choosing = held == nil
	return store.Probe(ctx)
}

// showLogin prints the URL alone on a line, always, and opens it unless told not to.
func (a *app) showLogin(url, port string, noBrowser bool) {
	w := a.stderr()
	person := a.env.Terminal.In && a.env.Terminal.Err
	if noBrowser {
		a.say("open this page in a browser to log in:")
	} else {
		a.say("opening this page in your browser to log in:")
	}
	fmt.Fprintln(w, url)
	if connection := strings.Fields(a.env.Getenv("SSH_CONNECTION")); len(connection) == 4 {
		a.say("a browser on your own machine reaches this one after:")
		fmt.Fprintln(w, auth.ForwardCommand(port, a.env.Getenv("USER"), connection[2]))
	}
	if person {
		a.say("or paste here the address that the browser ends up at:")
	}
	if noBrowser || a.env.OpenURL == nil {
		return
	}
	go func() { // a launcher may run as long as the browser does
		if err := a.env.OpenURL(url); err != nil {
			a.say("no browser could be opened: open the page above yourself")
		}
	}()
}

// keepProfile writes the settings that this login was made with, and makes the profile the default if there is none.
func (a *app) keepProfile(ctx context.Context, s *config.Settings) error {
	p := s.Profile
	if p.APIVersion == config.DefaultAPIVersion && s.Previous.APIVersion == "" {
		p.APIVersion = "" // a later wfauth has a later default
	}
	ctx = context.WithoutCancel(ctx) // the session is stored already
	err := config.Update(ctx, s.Folders.Config, func(e *config.Edit) error {
		e.Put(p)
		if e.Default() == "" {
			e.SetDefault(p.Name)
		}
		return nil
	})
	if err == nil && s.Exists {
		a.removeEarlier(ctx, s)
	}
	return err
}

// removeEarlier deletes the secrets that the profile had at another host or in another store: a copy that stays there
// could come back to life when the settings change again.
func (a *app) removeEarlier(ctx context.Context, s *config.Settings) {
	before := s.Previous.WithDefaults()
	if a.env.Store != nil || before.Host == s.Host && before.Storage == s.Storage {
		return
	}
	store, err := a.store(s, before)
	if err == nil {
		err = store.Delete(ctx)
	}
	if err != nil {
		a.note("the earlier secrets of " + s.Name + " in the " + a.storageName(before.Storage) + " could not be removed: " + err.Error())
	}
}

func (a *app) sayLoggedIn(s *config.Settings, info auth.Info) {
	who := info.User
	if who == "" {
		who = "you"
	}
	verb := " is"
	if who == "you" {
		verb = " are"
	}
	a.say(fmt.Sprintf("%s%s logged in at %s (profile %s)", who, verb, s.Host, s.Name))
	if !info.Renewable && s.Flow != auth.FlowJWT {
		a.note("Workfront gave no refresh token, so a new login will be needed when this session ends")
	}
}

func trimNewline(s string) string { return strings.TrimRight(s, "\r\n") }
