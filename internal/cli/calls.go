package cli

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/workfront"
)

// waitFlags say how long a call may take.
type waitFlags struct {
	most     time.Duration
	patience time.Duration // with others
}

const patienceUsage = "how long to wait where Workfront has too many requests at once (status 429), as 30s or 1h"

func (w *waitFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&w.patience, "patience", workfront.DefaultPatience, patienceUsage)
	f.DurationVar(&w.most, "max-time", 0, "give up after this `time`, as 90s or 10m")
}

func (w *waitFlags) check(cmd *cobra.Command) error {
	help := cmd.CommandPath() + " --help"
	if w.patience < 0 {
		return usagef(help, "--patience %v: it is 0s or more", w.patience)
	}
	if most := cmd.Flag("max-time"); most != nil && most.Changed && w.most <= 0 {
		return usagef(help, "--max-time %v: it is more than nothing", w.most)
	}
	return nil
}

// bound ends a context when the time is over, if there is an end.
func (w *waitFlags) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.most <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, w.most, fmt.Errorf("the %v of --max-time are over", w.most))
}

// connect is the API of the tenant in use, to which nothing has been sent yet. Done remembers a session that was honoured.
func (a *app) connect(ctx context.Context, s *config.Settings, w waitFlags) (client *workfront.Client, done func(), err error) {
	credentials, err := a.credentials(s, sessionNeeds{minTTL: apiMinTTL})
	if err != nil {
		return nil, nil, err
	}
	if client, err = a.client(s, credentials); err != nil {
		return nil, nil, err
	}
	client.Patience, client.Note = w.patience, a.note
	if w.patience == 0 {
		client.Patience = -1
	}
	var accepted atomic.Value // of http.Header; pages are fetched at the same time
	client.Accepted = func(h http.Header) { accepted.Store(h) }
	return client, func() {
		h, _ := accepted.Load().(http.Header)
		if session, ok := credentials.(maskedCredentials).Credentials.(*auth.Session); ok && h != nil {
			session.Accepted(ctx, h)
		}
	}, nil
}
