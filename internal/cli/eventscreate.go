package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// subscriptionFlags say which events, of which objects.
type subscriptionFlags struct {
	id      string
	filters []string
}

func (f *subscriptionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.id, "id", "", "of this one object only, by its `ID`")
	cmd.Flags().StringArrayVar(&f.filters, "filter", nil, "only if the object is so: `'FIELD OP VALUE'`; several must all be met")
}

const eventFilterHelp = `A filter is FIELD OP VALUE, where OP is eq ne gt gte lt lte contains notContains containsOnly, or FIELD changed. Workfront takes a wrong
field or value without a word and never sends an event then.`

// subscriptions are those that a command line asks for, one for each type of event.
func (f *subscriptionFlags) subscriptions(cmd *cobra.Command, a *app, object, events, address string) ([]workfront.Subscription, error) {
	help := cmd.CommandPath() + " --help"
	code, err := objects.EventObject(object)
	if err != nil {
		return nil, a.wrongName(cmd, err)
	}
	types, err := objects.ParseEventTypes(events)
	if err != nil {
		return nil, a.wrongName(cmd, err)
	}
	if f.id != "" {
		i, err := parseID(f.id)
		if err != nil {
			return nil, usagef(help, "--id %s: %v", f.id, err)
		}
		f.id = i.String()
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return nil, usagef(help, "%q is no URL that events can be posted to: https://HOST/PATH is wanted", address)
	}
	var all []workfront.Subscription
	for _, t := range types {
		s := workfront.Subscription{ObjCode: code, EventType: t.Wire(), ObjID: f.id, URL: address}
		var filters []objects.EventFilter
		for _, text := range f.filters {
			filter, err := objects.ParseEventFilter(text, t)
			if err != nil {
				return nil, a.wrongName(cmd, err)
			}
			filters = append(filters, filter)
		}
		if len(filters) > 10 {
			return nil, usagef(help, "--filter: Workfront takes ten at most")
		}
		if filters != nil {
			if s.Filters, err = json.Marshal(filters); err != nil {
				return nil, err
			}
			s.FilterConnector = "AND"
		}
		all = append(all, s)
	}
	return all, nil
}

func newEventsCreateCmd(a *app) *cobra.Command {
	var waits waitFlags
	var flags subscriptionFlags
	var address string
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "create OBJECT created|updated|deleted --url URL",
		Short: "Have Workfront post events to a URL",
		Long: `Have Workfront post what happens to objects to a URL, with a token of yours as bearer: WFAUTH_EVENT_TOKEN, or --auth-token-stdin. Its ID is
printed. One that is there already, for the same events and URL, is not made twice.

` + eventFilterHelp,
		Example: "  wfauth events create task updated --url https://hooks.example.com/wf --filter 'status eq CPL' --auth-token-stdin < token.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			help := cmd.CommandPath() + " --help"
			if len(args) != 2 {
				return usagef(help, "OBJECT and created, updated or deleted are wanted")
			}
			if address == "" {
				return usagef(help, "--url is missing: where Workfront is to post the events")
			}
			wanted, err := flags.subscriptions(cmd, a, args[0], args[1], address)
			if err != nil {
				return err
			}
			token, err := a.eventToken(cmd, fromStdin)
			if err != nil {
				return err
			}
			return a.onEvents(cmd, waits, func(ctx context.Context, client *workfront.Client) error {
				return a.subscribe(ctx, client, wanted, token)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&address, "url", "", "the `URL` that events are posted to")
	f.BoolVar(&fromStdin, "auth-token-stdin", false, "read the token that they bear from stdin")
	flags.add(cmd)
	waits.add(cmd)
	return cmd
}

// eventToken is what events are to bear.
func (a *app) eventToken(cmd *cobra.Command, fromStdin bool) (string, error) {
	token := a.env.Getenv("WFAUTH_EVENT_TOKEN")
	if fromStdin {
		text, err := io.ReadAll(io.LimitReader(terminal.Reader(cmd.Context(), a.env.Stdin), 64<<10))
		if err != nil {
			return "", err
		}
		token = string(text)
	}
	if token = config.Plain(token); token == "" {
		return "", usagef("wfauth events create --help", "a token is missing, by which your server knows Workfront: WFAUTH_EVENT_TOKEN, or --auth-token-stdin")
	}
	a.secrets.Add(token)
	return token, nil
}

// subscribe makes those that are not there, and prints the IDs of all.
func (a *app) subscribe(ctx context.Context, client *workfront.Client, wanted []workfront.Subscription, token string) error {
	all, err := client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range wanted {
		id := ""
		for _, there := range all {
			if s.Same(there) {
				id = there.ID
				a.note(fmt.Sprintf("%s is there already, and keeps the token that it has: %s", describeSubscription(s), id))
				break
			}
		}
		if id == "" {
			s.AuthToken = token
			if id, err = client.Subscribe(ctx, s); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(a.stdout(ctx), "{\"id\":%q}\n", id); err != nil {
			return err
		}
	}
	return nil
}

func describeSubscription(s workfront.Subscription) string {
	return fmt.Sprintf("a subscription to %s of %s at %s", s.EventType, s.ObjCode, s.URL)
}
