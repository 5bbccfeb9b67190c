package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// listenFlags are where events are taken.
type listenFlags struct {
	subscription   subscriptionFlags
	public, listen string
}

func newEventsListenCmd(a *app) *cobra.Command {
	var waits waitFlags
	var flags listenFlags
	cmd := &cobra.Command{
		Use:   "listen OBJECT created,updated… --public-url URL",
		Short: "Print events as they come, one a line",
		Long: `Subscribe to events, take them, and print each as one line of JSON, until it is interrupted; then the subscription ends. Workfront must
reach --public-url, which leads to --listen on this machine: by a reverse proxy or a tunnel. The token that events bear is made anew each time.
Workfront posts some events more than once: they are printed once. Their order is that of arrival; eventTime has the other.

` + eventFilterHelp,
		Example: "  wfauth events listen task created,updated --public-url https://hooks.example.com/wf",
		RunE: func(cmd *cobra.Command, args []string) error {
			help := cmd.CommandPath() + " --help"
			if len(args) != 2 {
				return usagef(help, "OBJECT and created, updated or deleted are wanted")
			}
			if flags.public == "" {
				return usagef(help, "--public-url is missing: where Workfront reaches this machine")
			}
			wanted, err := flags.subscription.subscriptions(cmd, a, args[0], args[1], flags.public)
			if err != nil {
				return err
			}
			if _, _, err := net.SplitHostPort(flags.listen); err != nil {
				return usagef(cmd.CommandPath()+" --help", "--listen %s: ADDRESS:PORT is wanted", flags.listen)
			}
			return a.onEvents(cmd, waits, func(ctx context.Context, client *workfront.Client) error {
				return a.listenForEvents(ctx, client, wanted, flags.listen)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.public, "public-url", "", "the `URL` by which Workfront reaches this machine")
	f.StringVar(&flags.listen, "listen", "127.0.0.1:4720", "take events at this `address`")
	flags.subscription.add(cmd)
	waits.add(cmd)
	return cmd
}

// unsubscribeFor is how long the end of a subscription may take when the command ends.
const unsubscribeFor = 10 * time.Second

// listenForEvents prints events until ctx ends or nobody reads them any more. Whatever ends it, what it has subscribed to ends with it.
func (a *app) listenForEvents(ctx context.Context, client *workfront.Client, wanted []workfront.Subscription, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("listen on %s: %w", address, op.Err)
	}
	if err != nil {
		return err
	}
	defer listener.Close()
	out := bufio.NewWriter(a.stdout(ctx))
	broken := make(chan error, 1)
	deliveries := &workfront.Deliveries{Token: rand.Text() + rand.Text(), Take: func(event []byte) error {
		_, err := out.Write(append(event, '\n'))
		if err == nil {
			err = out.Flush()
		}
		if err != nil {
			select {
			case broken <- err:
			default: // one is enough
			}
		}
		return err
	}}
	a.secrets.Add(deliveries.Token)
	served := make(chan error, 1)
	go func() { served <- deliveries.Serve(listener) }() // ends with the listener

	var made []string
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), unsubscribeFor)
		defer cancel()
		for _, id := range made {
			if err := client.Unsubscribe(ending, id); err != nil {
				a.say(fmt.Sprintf("the subscription %s is still there: %v", id, err))
			}
		}
	}()
	// What an earlier run has left has a token that nobody knows any more.
	all, err := client.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range wanted {
		for _, there := range all {
			if !s.Same(there) {
				continue
			}
			if err := client.Unsubscribe(ctx, there.ID); err != nil {
				return err
			}
			a.note("ended what an earlier run has left: " + there.ID)
		}
		s.AuthToken = deliveries.Token
		id, err := client.Subscribe(ctx, s)
		if err != nil {
			return err
		}
		made = append(made, id)
	}
	a.note("listening on " + listener.Addr().String() + " for events of " + wanted[0].ObjCode)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-broken:
		if output.ReaderGone(err) {
			return &answerError{err} // nobody reads: that is no failure
		}
		return err
	case err := <-served:
		return err
	}
}
