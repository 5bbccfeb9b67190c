package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/terminal"
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

HOST is the tenant: acme (for acme.my.workfront.com), acme.preview (or another lane), a host name, or an address of its API.
What else is needed is the OAuth2 application that an administrator has registered in Workfront (Setup > System > OAuth2
Applications): its client ID, and for a Web Application its secret, by WFAUTH_CLIENT_SECRET, --client-secret-stdin or at the
prompt. With --flow ims it is a credential of Adobe's Developer Console (OAuth server-to-server), with client ID and secret.`,
		Example: `  wfauth login acme --client-id 3b1d...
  wfauth login acme.preview --client-id 77aa... --client-secret-stdin < secret.txt
  wfauth login acme --client-id 9f00... --client-secret-stdin --customer-id 4c1a... --user-id 5b2e... --key private.key < secret.txt
  wfauth login acme --flow ims --client-id 5d7e... --client-secret-stdin --ims-org 1234567890ABCDEF12345678@AdobeOrg < secret.txt
  wfauth login                      # again, for the default profile`,
		Args: atMostArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if args[0] == "" {
					return usagef("wfauth login acme", "HOST is empty")
				}
				host := cmd.Flag("host")
				if host.Changed && host.Value.String() != args[0] {
					return usagef("wfauth login acme", "HOST and --host name two hosts")
				}
				if err := cmd.Flags().Set("host", args[0]); err != nil {
					return err
				}
			}
			return a.login(cmd, flags)
		},
	}
	f := cmd.Flags()
	f.String("flow", "", "`FLOW`: code (Web Application), pkce (Single Page Web Application), jwt (Machine to Machine) or ims (Adobe Developer Console)")
	f.String("client-id", "", "client `ID` of the OAuth2 application")
	f.BoolVar(&flags.secretStdin, "client-secret-stdin", false, "read the client secret from stdin")
	f.String("redirect-uri", "", "the registered redirect `URL`, or several with commas, tried in order (default: "+config.DefaultRedirectURI+")")
	f.String("redirect-cert", "", "the `FILE` with the certificate of an https redirect URL on this machine (default: one that is made for each login)")
	f.String("redirect-key", "", "the `FILE` with its private key")
	f.BoolVar(&flags.noBrowser, "no-browser", false, "print the URL only")
	f.DurationVar(&flags.timeout, "timeout", 5*time.Minute, "how long to wait for the browser")
	f.String("storage", "", "`STORE` for the secrets: keyring or file (default: keyring)")
	f.String("customer-id", "", "jwt: the customer `ID` of the application (the claim iss)")
	f.String("user-id", "", "jwt: the `ID` of the user who registered the key (the claim sub)")
	f.String("key", "", "jwt: the `FILE` with the private key")
	f.String("ims-org", "", "ims: the organisation's `ID`, as 1234567890ABCDEF12345678@AdobeOrg")
	f.String("ims-url", "", "ims: the `URL` of Adobe's identity service (default: https://ims-na1.adobelogin.com)")
	f.String("scopes", "", "ims: the `SCOPES` of the credential, with commas (default: openid,AdobeID,additional_info.roles,profile)")
	f.Bool("no-pkce", false, "code: log in without PKCE, for a tenant that refuses it beside a client secret")
	f.BoolVar(&flags.allowMissingState, "allow-missing-state", false, "take an answer without state, for a tenant that does not send it back")
	return cmd
}

// login gathers what is missing, tries the store, and only then opens a browser.
func (a *app) login(cmd *cobra.Command, flags loginFlags) error {
	ctx := cmd.Context()
	a.asked = cmd
	if flags.timeout <= 0 {
		return usagef("wfauth login --timeout 5m", "--timeout %v: it is more than nothing", flags.timeout)
	}
	s, asked, err := a.loginSettings(cmd)
	if err != nil {
		return err
	}
	secret, err := a.clientSecret(ctx, s, flags)
	if err != nil {
		return err
	}
	asking := asked && guided(cmd, s, secret)
	if asking {
		if err := a.askType(ctx, s); err != nil {
			return err
		}
	}
	if err := a.chooseFlow(cmd, s, secret); err != nil {
		return err
	}
	if err := checkFlags(cmd, s); err != nil {
		return err
	}
	if err := a.askMissing(ctx, s); err != nil {
		return err
	}
	if asking && s.Flow == auth.FlowIMS {
		if err := a.askOrganisation(ctx, s); err != nil {
			return err
		}
	}
	if err := s.CheckCustomer(); err != nil {
		return &hinted{err, a.loginAgain(s) + " --customer-id CUSTOMER-ID"}
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
	err = config.Try(s.Folders)
	if err == nil && !byBrowser(s.Flow) {
		err = a.loginMinted(ctx, s, store, secret)
	} else if err == nil {
		err = a.loginBrowser(ctx, s, store, secret, flags)
	}
	if err != nil {
		a.abandon(ctx, store)
	}
	if err == nil && asking {
		err = a.offerCheck(ctx, s)
	}
	return err
}

// checkFlow looks at what the flow needs on this machine, before anything is opened.
func (a *app) checkFlow(s *config.Settings) error {
	switch s.Flow {
	case auth.FlowIMS:
		return nil
	case auth.FlowJWT:
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
	if err := auth.CheckRedirectURIs(uris); err != nil {
		return err
	}
	_, err = redirectCertificate(&s.Profile)
	return err
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
	certificate, err := redirectCertificate(&s.Profile)
	if err != nil {
		return err
	}
	pasted, stop, err := a.pasted(ctx, uris, flags)
	if err != nil {
		return err
	}
	defer stop()
	if s.NoPKCE != "" {
		a.note("without PKCE (--no-pkce) whoever reads the answer on its way and knows the client secret can log in as you")
	}
	login := &auth.Login{
		App:               application(s.Profile, secret),
		Profile:           s.Name,
		RedirectURIs:      uris,
		APIVersion:        s.APIVersion,
		Store:             store,
		Transport:         transport,
		AllowMissingState: flags.allowMissingState,
		NoPKCE:            s.NoPKCE != "",
		Certificate:       certificate,
		Opens:             !flags.noBrowser && a.env.OpenURL != nil,
		Timeout:           flags.timeout,
		Ready:             func(w auth.Waiting) { a.showLogin(w, flags.noBrowser) },
		Owner:             network.OwnConnection,
		Pasted:            pasted,
		Notice:            a.say,
		Commit:            func(auth.Info) error { return a.keepProfile(ctx, s) },
	}
	info, err := login.Run(ctx)
	if info.SessionID != "" {
		a.sayLoggedIn(s, info) // also where Ctrl-C came after the code had been used
	}
	fault, _ := errors.AsType[*network.Fault](err)
	if status, hint := a.classify(err); err != nil && status == exitFailed && hint == "" && (fault == nil || !fault.Final()) {
		err = &hinted{err, a.loginCommand()}
	}
	return err
}

// pasted is where the address comes from that a browser ended up at: the terminal, and for a redirect that nothing here listens
// to, stdin. stop leaves the terminal as it was.
func (a *app) pasted(ctx context.Context, uris []string, flags loginFlags) (lines <-chan string, stop func(), err error) {
	switch {
	case a.env.Terminal.In && a.env.Terminal.Err: // in the background too: it can come to the foreground
		lines, stop = a.env.Terminal.Lines(ctx, a.env.Stderr)
		return lines, stop, nil
	case !auth.OnlyRemote(uris):
		return nil, func() {}, nil
	case flags.secretStdin:
		return nil, nil, usagef("wfauth login --help", "stdin cannot give both the client secret and the address that the browser ends up at: set WFAUTH_CLIENT_SECRET")
	}
	return terminal.Lines(terminal.Reader(ctx, a.env.Stdin)), func() {}, nil
}

// showLogin prints the URL alone on a line, always, and opens it unless told not to.
func (a *app) showLogin(w auth.Waiting, noBrowser bool) {
	// What holds no secret is not masked: a passphrase that is an ordinary word would spoil the address.
	stderr := a.env.Stderr
	if noBrowser {
		a.say("open this page in a browser to log in:")
	} else {
		a.say("opening this page in your browser to log in:")
	}
	fmt.Fprintln(stderr, w.AuthorizeURL)
	if u, err := url.Parse(w.AuthorizeURL); err == nil {
		a.secrets.Add(u.Query().Get("state")) // from here on
	}
	if command := w.ForwardCommand(a.env.Getenv("USER"), a.env.Getenv("SSH_CONNECTION")); command != "" {
		a.say("a browser on your own machine reaches this one after:")
		fmt.Fprintln(stderr, command)
	}
	if w.OwnTLS {
		a.say("at the end the browser warns of a certificate that wfauth has made for this login: go on there")
	}
	switch {
	case w.Port == "" && a.env.Terminal.In:
		a.say("then paste here the address that the browser ends up at:")
	case w.Port == "":
		a.say("then give the address that the browser ends up at to stdin, on one line")
	case a.person():
		a.say("or paste here the address that the browser ends up at:")
	}
	if noBrowser || a.env.OpenURL == nil {
		return
	}
	if w.OpenURL == "" { // its arguments could be read by others
		a.say("no browser could be opened: open the page above yourself")
		return
	}
	go func() { // a launcher may run as long as the browser does
		if err := a.env.OpenURL(w.OpenURL); err != nil {
			a.say("no browser could be opened: open the page above yourself")
		}
	}()
}

func (a *app) sayLoggedIn(s *config.Settings, info auth.Info) {
	who := "you are"
	if info.User != "" {
		who = info.User + " is"
	}
	a.say(fmt.Sprintf("%s logged in at %s (profile %s)", who, s.Host, s.Name))
	if !info.Renewable {
		a.note("Workfront gave no refresh token, so a new login will be needed when this session ends")
	}
}
