package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/terminal"
)

// prompt is how a person is asked.
func (a *app) prompt() terminal.Prompt {
	return terminal.Prompt{Streams: a.env.Terminal, In: a.env.Stdin, Err: a.stderr()}
}

// clientSecret is the secret as given for this login; a flag's value would stand in the process list, so there is none.
func (a *app) clientSecret(ctx context.Context, s *config.Settings, flags loginFlags) (string, error) {
	if !flags.secretStdin {
		return s.Secret, nil
	}
	if a.env.Terminal.In {
		return "", nil // asked for, without echo
	}
	text, err := io.ReadAll(io.LimitReader(terminal.Reader(ctx, a.env.Stdin), 64<<10))
	if err != nil {
		return "", fmt.Errorf("read the client secret from stdin: %w", err)
	}
	secret := config.Plain(string(text))
	if secret == "" {
		return "", usagef("wfauth login --client-secret-stdin < FILE", "stdin holds no client secret")
	}
	a.secrets.Add(secret)
	return secret, nil
}

// loginSettings reads the configuration for a login, with a host that a person is asked for where none is given: what is
// typed counts like a flag, so that a profile of that name is found and kept to its host.
func (a *app) loginSettings(cmd *cobra.Command) (s *config.Settings, asked bool, err error) {
	s, err = a.load(cmd, true)
	if err != nil || !s.Host.IsZero() {
		return s, false, err
	}
	if !a.person() {
		return nil, false, usagef("wfauth login acme --client-id ID", "the host is missing: give HOST or set WFAUTH_HOST")
	}
	text, err := a.askHost(cmd.Context())
	if err != nil {
		return nil, false, err
	}
	if err := cmd.Flags().Set("host", text); err != nil {
		return nil, false, err
	}
	s, err = a.load(cmd, true)
	return s, true, err
}

// askMissing asks at a terminal for what a login cannot do without; elsewhere it names the flag and the variable.
func (a *app) askMissing(ctx context.Context, s *config.Settings) error {
	type want struct {
		value                        *string
		name, flag, env, placeholder string
		enquiry
	}
	const apps = "In Setup > System > OAuth2 Applications, when the application is opened: "
	wanted := []want{{&s.ClientID, "client ID", "--client-id", "WFAUTH_CLIENT_ID", "ID", enquiry{
		where: apps + "Client ID.", question: "Client ID of the OAuth2 application in Workfront",
	}}}
	switch s.Flow {
	case auth.FlowIMS:
		wanted[0].enquiry = enquiry{
			where: "In Adobe's Developer Console, in your project, under OAuth Server-to-Server.", question: "Client ID of the credential in Adobe's Developer Console",
		}
	case auth.FlowJWT:
		wanted = append(wanted,
			want{&s.CustomerID, "customer ID", "--customer-id", "WFAUTH_CUSTOMER_ID", "ID", enquiry{
				where: apps + "Customer ID.", question: "Customer ID of the OAuth2 application",
				accept: func(text string) (string, error) {
					tried := *s
					tried.CustomerID = text
					return text, tried.CheckCustomer()
				},
			}},
			want{&s.UserID, "user ID", "--user-id", "WFAUTH_USER_ID", "ID", enquiry{
				where: "The one who has added the public key; the ID stands in the address of that user's page.", question: "ID of the user who registered the key",
			}},
			want{&s.KeyFile, "key", "--key", "WFAUTH_KEY_FILE", "FILE", enquiry{
				where: "wfauth keygen makes it; its other half, the certificate, is added to the application as a public key.", question: "File with the private key",
				accept: a.readableKey,
			}})
	}
	for _, w := range wanted {
		if *w.value != "" {
			continue
		}
		if !a.person() {
			return usagef(a.loginAgain(s)+" "+w.flag+" "+w.placeholder, "the %s is missing: give %s or set %s", w.name, w.flag, w.env)
		}
		text, err := a.enquire(ctx, w.enquiry)
		if err != nil {
			return err
		}
		*w.value = text
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
	if !a.person() {
		return "", usagef("wfauth login --client-secret-stdin < FILE", "the client secret is missing: give --client-secret-stdin or set WFAUTH_CLIENT_SECRET")
	}
	where := "Workfront has shown it once, when the application was made; there, another can be added."
	if s.Flow == auth.FlowIMS {
		where = "Beside the client ID: Retrieve client secret."
	}
	secret, err := a.enquire(ctx, enquiry{where: where, question: "Client secret", secret: true})
	a.secrets.Add(secret)
	return secret, err
}

// storedSecret looks into the store, and where the login changes that, into the one before.
func (a *app) storedSecret(ctx context.Context, s *config.Settings, store auth.Store) (string, error) {
	app := application(s.Profile, "")
	stored, err := auth.StoredSecret(ctx, store, app)
	if err == nil && stored == "" && s.Exists && s.Previous.WithDefaults().Storage != s.Storage {
		before, openErr := a.store(s, s.Previous.WithDefaults())
		if openErr != nil {
			return "", openErr
		}
		stored, _ = auth.StoredSecret(ctx, before, app) // the store that is left may be out of order
	}
	a.secrets.Add(stored)
	return stored, err
}
