package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

func newLogoutCmd(a *app) *cobra.Command {
	var all, forget bool
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "End the session at Workfront and delete every secret of the profile",
		Long: `End the session of a profile at Workfront (if that does not work, the rest is done all the same) and delete every
secret of it. Its settings stay, unless --forget.`,
		Example: "  wfauth logout\n  wfauth logout --all --forget",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := onlyOne(cmd, "all", "profile"); err != nil {
				return err
			}
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			profiles := s.File.Profiles
			if !all {
				if s.SessionID != "" {
					return usagef("unset WFAUTH_SESSION_ID", "WFAUTH_SESSION_ID is set: that session is not wfauth's to end")
				}
				if p, ok := s.File.Lookup(s.Name); ok {
					profiles = []config.Profile{p}
				} else {
					profiles = nil
				}
			}
			if len(profiles) == 0 {
				a.note("nobody is logged in")
				return nil
			}
			var failed error
			for _, p := range profiles {
				if err := a.logout(cmd.Context(), s, p.WithDefaults(), forget); err != nil {
					if failed != nil {
						a.say(failed.Error())
					}
					failed = fmt.Errorf("%s: %w", p.Name, err)
				}
			}
			return failed
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every profile")
	cmd.Flags().BoolVar(&forget, "forget", false, "remove the profile's settings too")
	return cmd
}

func (a *app) logout(ctx context.Context, s *config.Settings, p config.Profile, forget bool) error {
	session, err := a.session(s, p, sessionNeeds{})
	if err != nil {
		return err
	}
	release, err := session.Store.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	state, _, err := session.Peek(ctx)
	if _, damaged := err.(*auth.DamagedError); err != nil && !damaged {
		return err
	}
	// Something is there even where it is of no use any more, so it is deleted in any case.
	ended := ""
	if err == nil && state != auth.StateNone {
		if err := session.End(ctx); err != nil {
			a.note(p.Name + ": the session may live on at Workfront: " + err.Error())
		} else {
			ended = "the session at " + p.Host.String() + " was ended, "
		}
	}
	if err := session.Store.Delete(ctx); err != nil {
		return err
	}
	done := p.Name + ": " + ended + "its secrets were removed from the " + a.storageName(p.Storage)
	if state == auth.StateNone && err == nil {
		done = p.Name + ": there was no session; the " + a.storageName(p.Storage) + " holds nothing of it"
	}
	if forget {
		err := config.Update(ctx, s.Folders.Config, func(e *config.Edit) error {
			e.Remove(p.Name)
			return nil
		})
		if err != nil {
			return err
		}
		done += ", its settings from config.yaml"
	}
	a.note(done)
	return nil
}

func (a *app) storageName(storage string) string {
	switch {
	case a.env.Store != nil:
		return "memory"
	case storage == "file":
		return "sealed file"
	}
	return "keyring"
}
