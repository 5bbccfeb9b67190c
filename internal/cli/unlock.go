package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// longestUnlock is as good as no lock; the kernel counts further than that.
const longestUnlock = 366 * 24 * time.Hour

func newUnlockCmd(a *app) *cobra.Command {
	var all bool
	var d time.Duration
	cmd := &cobra.Command{
		Use:   "unlock",
		Short: "Open a sealed file for a while, so that commands need no passphrase",
		Long: `Ask once for the passphrase of the profile's sealed file (--storage file) and keep the key of the file, never the
passphrase, in the Linux kernel's keyring of this user, for a time. Until then every command of this user opens the file without
a passphrase, also from cron and from services, and renews its session. A passphrase in the environment goes before it.

wfauth lock ends it at once; so does a restart.`,
		Example: "  wfauth unlock\n  wfauth unlock --for 1h --profile acme\n  wfauth unlock --all",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d < time.Second || d > longestUnlock {
				return usagef("wfauth unlock --for 8h", "--for %v: it is 1s to 8784h (a year)", d)
			}
			_, files, err := a.sealedFiles(cmd, all)
			if err != nil {
				return err
			}
			return a.eachFile(files, func(f sealedFile) error {
				until, err := f.seal.Unlock(cmd.Context(), d)
				if err == nil {
					a.note(f.profile.Name + ": its sealed file is unlocked until " + clock(until))
				}
				return err
			})
		},
	}
	cmd.Flags().DurationVar(&d, "for", 8*time.Hour, "how long")
	cmd.Flags().BoolVar(&all, "all", false, "every profile whose sealed file has this passphrase")
	return cmd
}

func newLockCmd(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:     "lock",
		Short:   "End what wfauth unlock has begun",
		Long:    "Have the kernel forget the key of the profile's sealed file: commands need its passphrase again.",
		Example: "  wfauth lock --all",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, files, err := a.sealedFiles(cmd, all)
			if err != nil {
				return err
			}
			return a.eachFile(files, func(f sealedFile) error {
				was, err := f.seal.Lock()
				switch {
				case err != nil:
				case was:
					a.note(f.profile.Name + ": its sealed file is locked")
				default:
					a.note(f.profile.Name + ": its sealed file was locked already")
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every profile")
	return cmd
}

// unlockedUntil says whether p has a sealed file that could be unlocked, and until when it is; nil: it is not.
func (a *app) unlockedUntil(s *config.Settings, p config.Profile) (until *time.Time, lockable bool) {
	if p.Storage != "file" || a.env.Store != nil {
		return nil, false
	}
	o, err := a.storeOptions(s, p)
	if err != nil {
		return nil, false
	}
	t, err := secrets.OpenSeal(o).Until()
	return timeOrNull(t), err == nil
}

// left is how long it is until t, as a person says it.
func left(t time.Time) string {
	d := time.Until(t).Round(time.Second)
	if d >= time.Hour {
		d = d.Round(time.Minute)
	}
	return strings.Replace(d.String(), "m0s", "m", 1)
}

// clock is a moment as a person reads it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }
