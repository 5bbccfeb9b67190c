package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// An enquiry is a question that a login cannot go on without, with where in Workfront its answer stands.
type enquiry struct {
	where    string // a line before the question; "": none
	question string
	secret   bool                              // not shown
	optional bool                              // nothing is an answer, too
	accept   func(text string) (string, error) // what is meant; nil: whatever is given
}

// enquire asks until there is an answer that can be one. The end of the input is a usage error.
func (a *app) enquire(ctx context.Context, e enquiry) (string, error) {
	if e.where != "" {
		fmt.Fprintln(a.stderr(), "  "+e.where)
	}
	if e.secret {
		return a.prompt().Hushed(func() (string, error) { return a.enquireBy(ctx, a.prompt().Secret, e) })
	}
	return a.enquireBy(ctx, a.prompt().Line, e)
}

func (a *app) enquireBy(ctx context.Context, ask func(ctx context.Context, question string) (string, error), e enquiry) (string, error) {
	for {
		text, err := ask(ctx, e.question)
		if errors.Is(err, io.EOF) {
			return "", usagef("wfauth login --help", "the input ended before %q was answered", e.question)
		}
		if err != nil {
			return "", err
		}
		text = config.Plain(text)
		switch {
		case text == "" && e.optional:
			return "", nil
		case text == "":
			a.say("this is needed; Ctrl-C ends the login")
			continue
		case e.accept == nil:
			return text, nil
		}
		meant, err := e.accept(text)
		if err == nil {
			return meant, nil
		}
		a.say(err.Error())
	}
}

// askHost asks for the tenant, and takes an address of its pages for it.
func (a *app) askHost(ctx context.Context) (string, error) {
	return a.enquire(ctx, enquiry{
		where:    "It stands in the browser's address bar when you are signed in to Workfront.",
		question: hostQuestion,
		accept: func(text string) (string, error) {
			_, err := config.ParseHost(text)
			bad, ok := errors.AsType[*config.HostError](err)
			if !ok || bad.Instead == "" {
				return text, err
			}
			if h, again := config.ParseHost(bad.Instead); again == nil {
				a.say("taken for " + h.String())
				return bad.Instead, nil
			}
			return "", err
		},
	})
}

const hostQuestion = "Workfront host (acme, or acme.my.workfront.com)"

// appTypes are the types of applications, in the order of how many people have use for them.
var appTypes = [...]struct{ flow, name string }{
	{auth.FlowPKCE, "Single Page Web Application: for people, with no client secret"},
	{auth.FlowCode, "Web Application: for people, with a client secret"},
	{auth.FlowJWT, "Machine to Machine: for servers and CI, with a key"},
	{auth.FlowIMS, "OAuth Server-to-Server, of Adobe's Developer Console"},
}

// guided says whether a login was begun with nothing that says what kind of application it is for.
func guided(cmd *cobra.Command, s *config.Settings, secret string) bool {
	for _, name := range [...]string{"flow", "client-id", "client-secret-stdin", "customer-id", "user-id", "key", "ims-org", "ims-url", "scopes", "redirect-uri", "no-pkce"} {
		if cmd.Flag(name).Changed {
			return false
		}
	}
	return !s.Exists && !s.FlowGiven && s.Flow == "" && s.ClientID == "" && secret == ""
}

// askType asks which type of application there is.
func (a *app) askType(ctx context.Context, s *config.Settings) error {
	stderr := a.stderr()
	fmt.Fprintln(stderr, "  Which type of application have you registered? (Main Menu > Setup > System > OAuth2 Applications)")
	for i, t := range appTypes {
		fmt.Fprintf(stderr, "  %d  %s\n", i+1, t.name)
	}
	text, err := a.enquire(ctx, enquiry{
		question: "Type, 1 to 4 (Enter for 1)", optional: true,
		accept: func(text string) (string, error) {
			for i, t := range appTypes {
				if text == fmt.Sprint(i+1) || strings.EqualFold(text, t.flow) {
					return t.flow, nil
				}
			}
			return "", fmt.Errorf("%.40q is none of 1, 2, 3 and 4", text)
		},
	})
	if s.Flow = text; text == "" && err == nil {
		s.Flow = auth.FlowPKCE
	}
	s.FlowGiven = true
	return err
}

// askOrganisation asks for what only some of Adobe's customers need.
func (a *app) askOrganisation(ctx context.Context, s *config.Settings) (err error) {
	s.IMSOrg, err = a.enquire(ctx, enquiry{
		where: "Beside the credential, as 1234567890ABCDEF12345678@AdobeOrg; Enter where there is none.", question: "Organisation ID", optional: true,
		accept: func(text string) (string, error) { return text, config.CheckIMSOrg(text) },
	})
	return err
}

// readableKey is a file that could hold a private key.
func (a *app) readableKey(name string) (string, error) {
	if home := a.env.Getenv("HOME"); home != "" && strings.HasPrefix(name, "~/") {
		name = home + name[1:] // no shell has seen it
	}
	_, err := a.signingKey(name, "")
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("there is no file %s (wfauth keygen --out DIR makes one)", name)
	}
	return name, err
}

// offerCheck asks whether the new session is to be tried, and does it. The login is done, whatever comes out.
func (a *app) offerCheck(ctx context.Context, s *config.Settings) error {
	text, err := a.prompt().Line(ctx, "Try it now, by wfauth status --check? [Y/n]")
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil || text != "" && !isYes(text) {
		return nil
	}
	only := *s
	only.File.Profiles = []config.Profile{s.Profile}
	only.File.Default = s.Name
	rows, failed := a.statuses(ctx, &only, auth.DefaultMaxAge, true)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := a.printStatuses(rows, false); err != nil {
		return err
	}
	if err := a.statusOfUse(&only, rows, failed); err != nil {
		a.say(err.Error())
		return nil
	}
	a.say("then: wfauth api proj/count")
	return nil
}
