package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// stand is wfauth alone: where one stands, and what to type next. Nobody is asked for anything, neither a person nor a server.
func (a *app) stand(cmd *cobra.Command) error {
	s, err := a.allSettings(cmd)
	if err != nil {
		return err
	}
	var b strings.Builder
	switch usage, unchosen := errors.AsType[*config.UsageError](s.Unchosen); {
	case s.SessionID != "":
		fmt.Fprintf(&b, "WFAUTH_SESSION_ID is set: its session at %s is used.\n\n%s", s.Host, a.everyday(s))
	case s.EnvOnly:
		fmt.Fprintf(&b, "The environment describes %s at %s, and no profile is used.\n\n%s", s.LoginOfEnvironment(), s.Host, a.everyday(s))
	case unchosen:
		fmt.Fprintf(&b, "No profile is in use: %s.\n\n  %s\n", usage.Text, usage.Hint)
	case s.Name == "":
		b.WriteString(firstSteps)
	default:
		p := s.Profile.WithDefaults()
		fmt.Fprintf(&b, "Profile %s, at %s: %s.\n\n%s", p.Name, p.Host, a.standing(cmd.Context(), s, p), a.everyday(s))
	}
	if cause := context.Cause(cmd.Context()); cause != nil {
		return cause
	}
	_, err = io.WriteString(a.env.Stdout, a.secrets.Text(b.String()))
	return err
}

const firstSteps = `wfauth is the command line for Adobe Workfront. Log in once; then scripts use the session.

Nobody is logged in here. Three steps to the first answer:

  1  An administrator registers an application in Workfront, once: Main Menu > Setup > System > OAuth2 Applications,
     Single Page Web Application, with the redirect URL ` + config.DefaultRedirectURI + `
  2  wfauth login                asks for what it needs, and says where it stands
  3  wfauth api proj/count       how many projects there are

Without a Workfront:
  wfauth demo                    see all of it work, here and now
  wfauth --help                  every command
`

// everyday is what is typed most.
func (a *app) everyday(s *config.Settings) string {
	text := "" +
		"  wfauth proj search status=CUR --fields name,owner:name    projects, or any other object\n" +
		"  wfauth task search --all -o csv > tasks.csv               a whole list\n" +
		"  wfauth token --header | curl -H @- " + s.Host.String() + "/attask/api/" + s.APIVersion + "/proj/count\n" +
		"  wfauth status --check                                     ask the server whether it takes the session\n"
	if s.SessionID == "" && !s.EnvOnly {
		text += "  wfauth login                                              log in again\n"
	}
	return text + "  wfauth --help                                             every command\n"
}

// standing is the state of a session, as far as the store tells without asking anybody.
func (a *app) standing(ctx context.Context, s *config.Settings, p config.Profile) string {
	session, err := a.unasked(s, p)
	var state auth.State
	var info auth.Info
	if err == nil {
		state, info, err = session.Peek(ctx)
	}
	if e, ok := errors.AsType[*secrets.Error](err); ok && (e.Kind == secrets.MissingPassphrase || e.Kind == secrets.Locked) {
		return "the " + a.storageName(p.Storage) + " is locked, so the state of the session is not known"
	}
	if err != nil {
		return "the state of the session is not known, " + a.printable(err.Error())
	}
	who := ""
	if info.User != "" {
		who = " as " + a.printable(info.User)
	}
	switch state {
	case auth.StateValid:
		if info.ExpiresAt.IsZero() {
			return "logged in" + who
		}
		return "logged in" + who + " until " + clock(info.ExpiresAt)
	case auth.StateExpired:
		return "logged in" + who + "; the next command renews the session"
	case auth.StateUnknown:
		return "logged in" + who + "; the session was not used for a while, and may have ended"
	}
	return "logged out; wfauth login logs in again"
}

// unasked is a profile's session in a store that asks no person for anything.
func (a *app) unasked(s *config.Settings, p config.Profile) (*auth.Session, error) {
	if a.env.Store != nil {
		return a.session(s, p, sessionNeeds{})
	}
	o, err := a.storeOptions(s, p)
	if err != nil {
		return nil, err
	}
	o.AskPassphrase, o.Interactive = nil, false
	store := secrets.OpenKeyring
	if p.Storage == "file" {
		store = secrets.OpenFile
	}
	return a.sessionIn(store(o), s, p, sessionNeeds{})
}
