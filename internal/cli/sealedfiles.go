package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// A sealedFile is that of one profile.
type sealedFile struct {
	profile config.Profile
	seal    *secrets.Seal
}

// sealedFiles are those of the profile in use, or of all. One passphrase is asked for, once, for all of them.
func (a *app) sealedFiles(cmd *cobra.Command, all bool) (*config.Settings, []sealedFile, error) {
	if err := onlyOne(cmd, "all", "profile"); err != nil {
		return nil, nil, err
	}
	load := a.settings
	if all {
		load = a.allSettings
	}
	s, err := load(cmd)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case s.SessionID != "" && !all:
		return nil, nil, usagef(unsetVariable("WFAUTH_SESSION_ID"), "WFAUTH_SESSION_ID is set: that session is in no sealed file")
	case s.EnvOnly && !all:
		return nil, nil, usagef("wfauth status", "the environment describes %s, which is in no sealed file", s.LoginOfEnvironment())
	}
	var files []sealedFile
	passphrase := onceOf(a.givenPassphrase)
	ask := onceOf(a.askPassphrase)
	chosen := 0
	for _, p := range s.File.Profiles {
		if !all && p.Name != s.Name {
			continue
		}
		chosen++
		p = p.WithDefaults()
		if p.Storage != "file" {
			continue
		}
		o, err := a.storeOptions(s, p)
		if err != nil {
			return nil, nil, err
		}
		o.Passphrase, o.AskPassphrase = passphrase, ask
		files = append(files, sealedFile{p, secrets.OpenSeal(o)})
	}
	switch {
	case chosen == 0:
		return nil, nil, &auth.LoginRequiredError{Why: "nobody is logged in"}
	case len(files) == 0 && all:
		return nil, nil, usagef("wfauth login --storage file", "no profile has a sealed file: the system's keyring keeps the secrets, and has a lock of its own")
	case len(files) == 0:
		return nil, nil, usagef("wfauth login --storage file", "%s has no sealed file: the system's keyring keeps its secrets, and has a lock of its own", s.Name)
	}
	return s, files, nil
}

// eachFile does something to every file that the passphrase opens. Those of --all that it does not open, or that are not there, are
// no failure as long as one is.
func (a *app) eachFile(files []sealedFile, do func(sealedFile) error) error {
	done := 0
	var passed, failed error
	for _, f := range files {
		err := do(f)
		switch e, _ := errors.AsType[*secrets.Error](err); {
		case err == nil:
			done++
			continue
		case len(files) == 1:
			return a.noFile(f, err)
		case errors.Is(err, secrets.ErrNoFile), e != nil && e.Kind == secrets.WrongPassphrase:
			a.note(f.profile.Name + ": " + a.noFile(f, err).Error())
			passed = err
		case e == nil, e.Kind == secrets.NoKernelKeyring:
			return err // so it will be with all others
		default:
			a.say(f.profile.Name + ": " + err.Error())
			failed = err
		}
	}
	switch {
	case failed != nil:
		return fmt.Errorf("%d of %d sealed files: %w", len(files)-done, len(files), failed)
	case done == 0 && errors.Is(passed, secrets.ErrNoFile):
		return &auth.LoginRequiredError{Why: "there is no sealed file yet"}
	case done == 0:
		return passed
	}
	return nil
}

func (a *app) noFile(f sealedFile, err error) error {
	if errors.Is(err, secrets.ErrNoFile) {
		return &auth.LoginRequiredError{Why: "no session is stored for " + f.profile.Host.String()}
	}
	return err
}
