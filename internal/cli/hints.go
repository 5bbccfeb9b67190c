package cli

import (
	"runtime"
	"strings"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// storeHint is what to do about a store that fails in this way.
func (a *app) storeHint(kind secrets.Kind) string {
	switch kind {
	case secrets.NoBus, secrets.NoService, secrets.NoCollection:
		return a.loginCommand() + " --storage file"
	case secrets.Locked, secrets.Dismissed:
		return "unlock the keyring (log in to the desktop, or gnome-keyring-daemon --unlock), or: " + a.loginCommand() + " --storage file"
	case secrets.Silent:
		return "restart the keyring's daemon, or: " + a.loginCommand() + " --storage file"
	case secrets.MissingPassphrase:
		return "export WFAUTH_PASSPHRASE_FILE=FILE"
	case secrets.Damaged:
		if a.loaded != nil && a.loaded.Exists && !a.loaded.IsDefault {
			return "wfauth logout --profile " + a.loaded.Name
		}
		return "wfauth logout"
	}
	return ""
}

// loginCommand is the login that makes the profile in use work again.
func (a *app) loginCommand() string {
	switch s := a.loaded; {
	case s == nil:
		return "wfauth login"
	case s.SessionID != "":
		return "unset WFAUTH_SESSION_ID"
	case s.EnvOnly:
		return "wfauth doctor"
	case s.Exists && s.IsDefault:
		return "wfauth login"
	case s.Exists:
		return "wfauth login --profile " + s.Name
	case !s.Host.IsZero():
		return newLoginCommand(s)
	}
	return "wfauth login HOST"
}

// newLoginCommand repeats a first login, which has left no profile that would know what was given.
func newLoginCommand(s *config.Settings) string {
	command := "wfauth login " + s.Host.String()
	if s.Name != "" && s.Name != s.Host.ProfileName() {
		command += " --profile " + s.Name
	}
	if s.ClientID != "" {
		command += " --client-id " + s.ClientID
	}
	if s.RedirectURI != "" && s.RedirectURI != config.DefaultRedirectURI {
		command += " --redirect-uri " + s.RedirectURI
	}
	if s.RedirectCert != "" {
		command += " --redirect-cert " + s.RedirectCert + " --redirect-key " + s.RedirectKey
	}
	if s.NoPKCE != "" {
		command += " --no-pkce"
	}
	return command
}

// otherDomain is the login at the other of the two domains that Adobe has for a tenant, where the host was not found at the
// one that a bare name stands for.
func (a *app) otherDomain() string {
	s := a.loaded
	if s == nil || s.Exists {
		return ""
	}
	origin, ok := strings.CutSuffix(s.Host.String(), ".my.workfront.com")
	if !ok {
		return ""
	}
	other := *s
	var err error
	if other.Host, err = config.ParseHost(origin + ".my.workfront.adobe.com"); err != nil {
		return ""
	}
	return newLoginCommand(&other)
}

// portOwnerHint says how to see which program has a port.
func portOwnerHint(ports []string) string {
	if len(ports) == 0 {
		return ""
	}
	port := strings.Join(ports, " or ")
	switch runtime.GOOS {
	case "windows":
		return " (netstat -ano shows what has port " + port + ")"
	case "darwin":
		return " (lsof -i tcp:" + ports[0] + " shows what has it)"
	}
	return " (ss -ltnp shows what has port " + port + ")"
}
