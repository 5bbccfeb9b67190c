package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

func newEventsCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Subscribe to what happens to objects",
		Long: `Subscribe to what happens to objects: Workfront posts each event to a URL. Subscriptions are for system administrators.
listen takes the events itself and prints them, one a line.`,
		Example: "  wfauth events list -o table\n  wfauth events listen task created,updated --public-url https://hooks.example.com/wf",
		Args:    a.noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEventsListCmd(a), newEventsGetCmd(a), newEventsCreateCmd(a), newEventsDeleteCmd(a), newEventsListenCmd(a))
	return cmd
}

// onEvents runs a command of event subscriptions.
func (a *app) onEvents(cmd *cobra.Command, waits waitFlags, do func(context.Context, *workfront.Client) error) error {
	if err := waits.check(cmd); err != nil {
		return err
	}
	s, err := a.settings(cmd)
	if err != nil {
		return err
	}
	ctx, cancel := waits.bound(cmd.Context())
	defer cancel()
	client, honoured, err := a.connect(ctx, s, waits)
	if err != nil {
		return err
	}
	defer honoured()
	return do(ctx, client)
}

func newEventsListCmd(a *app) *cobra.Command {
	var waits waitFlags
	rows := rowFlags{array: true}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List all event subscriptions",
		Long:    "List all event subscriptions: as a table at a terminal, as a JSON array elsewhere, or as -o says.",
		Example: "  wfauth events list --jq '.[] | select(.objCode == \"TASK\") | .id'",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			return a.onEvents(cmd, waits, func(ctx context.Context, client *workfront.Client) error {
				all, err := client.Subscriptions(ctx)
				if err != nil {
					return err
				}
				var shown []jsontext.Value
				for _, s := range all {
					shown = append(shown, s.Shown)
				}
				to, err := a.destination(ctx, rows.out)
				if err != nil {
					return err
				}
				return to.end(a.writeRows(ctx, to, rows, nil, nil, shown))
			})
		},
	}
	waits.add(cmd)
	rows.add(cmd)
	return cmd
}

func newEventsGetCmd(a *app) *cobra.Command {
	var waits waitFlags
	cmd := &cobra.Command{
		Use:     "get ID",
		Short:   "Print one event subscription",
		Long:    "Print one event subscription, with what became of its deliveries.",
		Example: "  wfauth events get 750a636c-5628-48f5-ba26-26b7ce537ac2",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkSubscriptionIDs(cmd, args); err != nil {
				return err
			}
			if len(args) > 1 {
				return usagef(cmd.CommandPath()+" --help", "%s: one ID is wanted", args[1])
			}
			return a.onEvents(cmd, waits, func(ctx context.Context, client *workfront.Client) error {
				s, err := client.Subscription(ctx, args[0])
				if err != nil {
					return err
				}
				to := a.stdout(ctx)
				return output.Document(to.shown(), append(s.Shown, '\n'), to.terminal)
			})
		},
	}
	waits.add(cmd)
	return cmd
}

func checkSubscriptionIDs(cmd *cobra.Command, args []string) error {
	help := cmd.CommandPath() + " --help"
	if len(args) == 0 {
		return usagef(help, "ID is missing")
	}
	for _, arg := range args {
		if !workfront.IsSubscriptionID(arg) {
			return usagef("wfauth events list", "%q is not the ID of an event subscription", arg)
		}
	}
	return nil
}

func newEventsDeleteCmd(a *app) *cobra.Command {
	var waits waitFlags
	var yes bool
	cmd := &cobra.Command{
		Use:     "delete ID…",
		Short:   "End event subscriptions",
		Long:    "End event subscriptions. At a terminal it asks first; elsewhere it wants --yes. Each that has ended is printed, one a line.",
		Example: "  wfauth events delete 750a636c-5628-48f5-ba26-26b7ce537ac2 --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkSubscriptionIDs(cmd, args); err != nil {
				return err
			}
			if err := a.canAsk(yes); err != nil {
				return err
			}
			return a.onEvents(cmd, waits, func(ctx context.Context, client *workfront.Client) error {
				if !yes {
					if err := a.confirmed(ctx, fmt.Sprintf("Delete %d event subscription(s) at %s?", len(args), client.Origin.Host)); err != nil {
						return err
					}
				}
				return a.unsubscribe(ctx, client, args)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "delete without a question")
	waits.add(cmd)
	return cmd
}

// unsubscribe ends several. What Workfront refuses for one says nothing of the others.
func (a *app) unsubscribe(ctx context.Context, client *workfront.Client, ids []string) error {
	out := a.stdout(ctx)
	refused := 0
	for _, id := range ids {
		err := client.Unsubscribe(ctx, id)
		refusal, ok := errors.AsType[*workfront.Refusal](err)
		if err != nil && (!ok || refusal.SessionGone || len(ids) == 1) {
			return err
		}
		if err != nil {
			refused++
			a.say(id + ": " + err.Error())
			continue
		}
		if _, err := fmt.Fprintf(out, "{\"id\":%q}\n", id); err != nil {
			return err
		}
	}
	if refused > 0 {
		return &someError{rejected: refused, of: len(ids), what: "event subscriptions"}
	}
	return nil
}
