package cli

import (
	"errors"
	"maps"
	"net"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
)

// storeHint is what to do about a store that fails in this way.
func (a *app) storeHint(kind secrets.Kind) string {
	switch kind {
	case secrets.NoBus, secrets.NoService, secrets.NoCollection, secrets.Locked, secrets.Dismissed, secrets.Silent:
		return a.loginCommand() + " --storage file"
	case secrets.MissingPassphrase:
		if runtime.GOOS == "linux" {
			return setVariable("WFAUTH_PASSPHRASE_FILE", "FILE") + ", or at a terminal: wfauth unlock"
		}
		return setVariable("WFAUTH_PASSPHRASE_FILE", "FILE")
	case secrets.NoPassphrase:
		return newPassphraseCommand()
	case secrets.NoRoom:
		return "df -h; df -i"
	case secrets.Damaged:
		if a.loaded != nil && a.loaded.Exists && !a.loaded.IsDefault {
			return "wfauth logout --profile " + a.loaded.Name
		}
		return "wfauth logout"
	}
	return ""
}

// newPassphraseCommand makes a file with a passphrase that nobody can guess, and says where it is.
func newPassphraseCommand() string {
	if runtime.GOOS == "windows" {
		return `$env:WFAUTH_PASSPHRASE_FILE = "$HOME\wfauth-passphrase"; [guid]::NewGuid().ToString() | Set-Content -Encoding ascii $env:WFAUTH_PASSPHRASE_FILE`
	}
	return "(umask 077; head -c 24 /dev/urandom | base64 >~/.wfauth-passphrase); export WFAUTH_PASSPHRASE_FILE=~/.wfauth-passphrase"
}

// loginCommand is the login that makes the profile in use work again, with all that was given for the one that failed.
func (a *app) loginCommand() string {
	s := a.loaded
	switch {
	case s == nil:
		return "wfauth login"
	case s.SessionID != "":
		return unsetVariable("WFAUTH_SESSION_ID")
	case s.EnvOnly:
		return "wfauth doctor"
	}
	return a.loginAgain(s)
}

// loginAgain is the login that s describes, with whatever was typed for the one that failed, but for the flags that are to get
// another value.
func (a *app) loginAgain(s *config.Settings, others ...string) string {
	given := a.givenToLogin()
	command := []string{"wfauth", "login"}
	if !s.Host.IsZero() && (!s.Exists || given["host"] != "") {
		command = append(command, s.Host.String())
	}
	settings := [][2]string{{"profile", given["profile"]}}
	switch {
	case s.Exists && !s.IsDefault, !s.Exists && s.Name != s.Host.ProfileName():
		settings[0][1] = s.Name
	}
	redirect := s.RedirectURI
	if redirect == config.DefaultRedirectURI || !byBrowser(s.Flow) {
		redirect = ""
	}
	for _, setting := range append([][2]string{
		{"client-id", s.ClientID}, {"customer-id", s.CustomerID}, {"user-id", s.UserID}, {"key", s.KeyFile}, {"redirect-uri", redirect},
		{"redirect-cert", s.RedirectCert}, {"redirect-key", s.RedirectKey},
	}, a.imsSettings(s)...) {
		if s.Exists { // which knows them, but for what was typed
			setting[1] = given[setting[0]]
		}
		settings = append(settings, setting)
	}
	for _, setting := range settings {
		if setting[1] != "" && !slices.Contains(others, setting[0]) {
			command = append(command, "--"+setting[0], setting[1])
		}
		delete(given, setting[0])
	}
	for _, name := range append([]string{"host"}, others...) {
		delete(given, name)
	}
	if !s.Exists && s.NoPKCE != "" {
		given["no-pkce"] = "true"
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if command = append(command, "--"+name); given[name] != "true" {
			command = append(command, given[name])
		}
	}
	return typed(command)
}

// givenToLogin are the flags of the login that failed; HOST counts as one. It is empty for every other command.
func (a *app) givenToLogin() map[string]string {
	given := map[string]string{}
	if a.asked != nil {
		a.asked.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	}
	return given
}

func unsetVariable(name string) string {
	if runtime.GOOS == "windows" {
		return "set " + name + "="
	}
	return "unset " + name
}

// otherNameHint is the login at a tenant's newer name, where the older one is not found: Adobe moves tenants from one to the other.
func (a *app) otherNameHint(err error) string {
	lost, ok := errors.AsType[*net.DNSError](err)
	if !ok || !lost.IsNotFound || a.loaded == nil {
		return ""
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return "" // it is the proxy that was not found
	}
	s := *a.loaded
	if s.Host = s.Host.Adobe(); s.Host.IsZero() {
		return ""
	}
	switch {
	case s.SessionID != "" || s.EnvOnly:
		return setVariable("WFAUTH_HOST", s.Host.Addr())
	case s.Exists:
		s.Exists = false
		s.Name += "-adobe" // a profile stays at its host
	}
	return a.loginAgain(&s)
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

// setVariable is the command that sets a variable for the commands to come.
func setVariable(name, value string) string {
	if runtime.GOOS == "windows" {
		return "set " + name + "=" + value
	}
	return "export " + name + "=" + value
}
