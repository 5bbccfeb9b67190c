package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/terminal"
)

func newPasswdCmd(a *app) *cobra.Command {
	var all, stdin bool
	cmd := &cobra.Command{
		Use:   "passwd",
		Short: "Change the passphrase of a sealed file",
		Long: `Change the passphrase of the profile's sealed file (--storage file). The old one is asked for, or taken from the environment;
the new one is asked for twice, or read from stdin. What the file holds stays as it is, and an unlocked file stays unlocked.

Whoever has a copy of the file and the old passphrase still opens that copy: after a theft, log out and log in again.`,
		Example: "  wfauth passwd\n  WFAUTH_PASSPHRASE_FILE=old.txt wfauth passwd --new-passphrase-stdin < new.txt",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, files, err := a.sealedFiles(cmd, all)
			if err != nil {
				return err
			}
			choose := onceOf(func(ctx context.Context) (string, error) { return a.newPassphrase(ctx, stdin) })
			err = a.eachFile(files, func(f sealedFile) error {
				err := f.seal.Change(cmd.Context(), choose)
				if err == nil {
					a.note(f.profile.Name + ": its sealed file has the new passphrase")
				}
				return err
			})
			for _, name := range [...]string{"WFAUTH_PASSPHRASE", "WFAUTH_PASSPHRASE_FILE"} {
				if err == nil && a.env.Getenv(name) != "" {
					a.note(name + " still has the old one")
					break
				}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&stdin, "new-passphrase-stdin", false, "read the new passphrase from stdin")
	cmd.Flags().BoolVar(&all, "all", false, "every profile whose sealed file has the old passphrase")
	return cmd
}

// newPassphrase is one line of stdin, or what a person types twice.
func (a *app) newPassphrase(ctx context.Context, stdin bool) (text string, err error) {
	a.choosing = true
	switch {
	case stdin:
		var all []byte
		if all, err = io.ReadAll(io.LimitReader(terminal.Reader(ctx, a.env.Stdin), 64<<10)); err != nil {
			return "", fmt.Errorf("read the new passphrase from stdin: %w", err)
		}
		text = config.Line(string(all))
	case a.person():
		text, err = a.prompt().NewPassphrase(ctx, "New passphrase for the sealed file")
		if errors.Is(err, terminal.ErrDiffer) {
			return "", usagef("wfauth passwd", "%v; the old one stays", err)
		}
	default:
		return "", usagef("wfauth passwd --new-passphrase-stdin < FILE", "there is no terminal to ask for the new passphrase at")
	}
	if err == nil && text == "" {
		err = usagef("wfauth passwd", "the new passphrase is empty; the old one stays")
	}
	return a.knownPassphrase(text), err
}

// onceOf asks once, also where that fails.
func onceOf(ask func(context.Context) (string, error)) func(context.Context) (string, error) {
	var once sync.Once
	var text string
	var err error
	return func(ctx context.Context) (string, error) {
		once.Do(func() { text, err = ask(ctx) })
		return text, err
	}
}
