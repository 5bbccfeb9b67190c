package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

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
			load := a.settings
			if all {
				load = a.allSettings
			}
			s, err := load(cmd)
			if err != nil {
				return err
			}
			profiles := s.File.Profiles
			if !all {
				if s.SessionID != "" {
					return usagef(unsetVariable("WFAUTH_SESSION_ID"), "WFAUTH_SESSION_ID is set: that session is not wfauth's to end")
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

// logout deletes a profile's secrets and then ends its session: in this order, so that a store that keeps them does not
// keep those of a session that has ended. What cannot be read is deleted too.
func (a *app) logout(ctx context.Context, s *config.Settings, p config.Profile, forget bool) error {
	store, err := a.store(s, p)
	if err != nil {
		return err
	}
	session, err := a.sessionIn(store, s, p, sessionNeeds{})
	if err != nil {
		return err
	}
	release, err := store.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	end, unread := session.Ending(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := store.Delete(ctx); err != nil {
		if unread != nil {
			err = unread // why it could not be read says more
		}
		return err
	}
	done := []string{}
	switch {
	case unread != nil:
		a.note(p.Name + ": the session may live on at Workfront, for its secrets could not be read: " + unread.Error())
		done = append(done, "its secrets were removed from the "+a.storageName(p.Storage))
	case end == nil:
		done = append(done, "there was no session in the "+a.storageName(p.Storage))
	default:
		if err := end.End(ctx); err != nil {
			a.note(p.Name + ": " + end.LivesOn + ": " + err.Error())
		} else {
			done = append(done, end.What+" was ended")
		}
		done = append(done, "its secrets were removed from the "+a.storageName(p.Storage))
	}
	if forget {
		err := config.Update(ctx, s.Folders, func(e *config.Edit) error {
			e.Remove(p.Name)
			return nil
		})
		if err != nil {
			return err
		}
		done = append(done, "its settings were removed from config.yaml")
	}
	a.note(p.Name + ": " + strings.Join(done, ", "))
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
