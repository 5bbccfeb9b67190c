package cli

import (
	"context"

	"github.com/wfauth/wfauth/internal/config"
)

// keepProfile writes the settings that this login was made with, and makes the profile the default if there is none.
func (a *app) keepProfile(ctx context.Context, s *config.Settings) error {
	p := s.Profile
	if p.APIVersion == config.DefaultAPIVersion && s.Previous.APIVersion == "" {
		p.APIVersion = "" // a later wfauth has a later default
	}
	ctx = context.WithoutCancel(ctx) // the session is stored already
	err := config.Update(ctx, s.Folders, func(e *config.Edit) error {
		e.Put(p)
		if e.Default() == "" {
			e.SetDefault(p.Name)
		}
		return nil
	})
	if err == nil && s.Exists && s.Previous.Host != s.Host {
		a.note("profile " + s.Name + " was at " + s.Previous.Host.String() + " until now")
	}
	if err == nil && s.Exists {
		a.removeEarlier(ctx, s)
	}
	return err
}

// removeEarlier deletes the secrets that the profile had at another host or in another store: a copy that stays there
// could come back to life when the settings change again.
func (a *app) removeEarlier(ctx context.Context, s *config.Settings) {
	before := s.Previous.WithDefaults()
	if a.env.Store != nil || before.Host == s.Host && before.Storage == s.Storage {
		return
	}
	err := a.removeSecrets(ctx, s, before)
	if err != nil {
		a.note("the earlier secrets of " + s.Name + " in the " + a.storageName(before.Storage) + " could not be removed: " + err.Error())
	}
}

func (a *app) removeSecrets(ctx context.Context, s *config.Settings, p config.Profile) error {
	store, err := a.store(s, p)
	if err != nil {
		return err
	}
	release, err := store.Lock(ctx) // a process that is refreshing them would write them back
	if err != nil {
		return err
	}
	defer release()
	return store.Delete(ctx)
}
