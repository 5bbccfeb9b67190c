package cli

import (
	"context"
	"errors"
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

// ask puts a question that a login cannot go on without.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	line, err := a.prompt().Line(ctx, question)
	if errors.Is(err, io.EOF) {
		return "", usagef("wfauth login --help", "the input ended before %q was answered", question)
	}
	return config.Plain(line), err
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
func (a *app) loginSettings(cmd *cobra.Command) (*config.Settings, error) {
	s, err := a.load(cmd, true)
	if err != nil || !s.Host.IsZero() {
		return s, err
	}
	if !a.person() {
		return nil, usagef("wfauth login acme --client-id ID", "the host is missing: give HOST or set WFAUTH_HOST")
	}
	text, err := a.ask(cmd.Context(), "Workfront host (acme, or acme.my.workfront.com)")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, usagef("wfauth login acme", "the host is missing")
	}
	if err := cmd.Flags().Set("host", text); err != nil {
		return nil, err
	}
	return a.load(cmd, true)
}

// askMissing asks at a terminal for what a login cannot do without; elsewhere it names the flag and the variable.
func (a *app) askMissing(ctx context.Context, s *config.Settings) error {
	type want struct {
		value                           *string
		name, flag, env, q, placeholder string
	}
	wanted := []want{{&s.ClientID, "client ID", "--client-id", "WFAUTH_CLIENT_ID", "Client ID of the OAuth2 application in Workfront", "ID"}}
	if s.Flow == auth.FlowIMS {
		wanted[0].q = "Client ID of the credential in Adobe's Developer Console"
	}
	if s.Flow == auth.FlowJWT {
		wanted = append(wanted,
			want{&s.CustomerID, "customer ID", "--customer-id", "WFAUTH_CUSTOMER_ID", "Customer ID of the OAuth2 application", "ID"},
			want{&s.UserID, "user ID", "--user-id", "WFAUTH_USER_ID", "ID of the user who registered the key", "ID"},
			want{&s.KeyFile, "key", "--key", "WFAUTH_KEY_FILE", "File with the private key", "FILE"})
	}
	for _, w := range wanted {
		if *w.value != "" {
			continue
		}
		missing := usagef(a.loginAgain(s)+" "+w.flag+" "+w.placeholder, "the %s is missing: give %s or set %s", w.name, w.flag, w.env)
		if !a.person() {
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
	if !a.person() {
		return "", usagef("wfauth login --client-secret-stdin < FILE", "the client secret is missing: give --client-secret-stdin or set WFAUTH_CLIENT_SECRET")
	}
	secret, err := a.prompt().Secret(ctx, "Client secret")
	secret = config.Plain(secret)
	if err == nil && secret == "" {
		err = usagef("wfauth login --client-secret-stdin < FILE", "the client secret is missing")
	}
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
