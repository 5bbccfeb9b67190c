package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// signingKey reads the private key of the jwt flow: the file's, or the one in WFAUTH_PRIVATE_KEY. A new key would be of no use where this
// one is not right, for Workfront would not know it.
func (a *app) signingKey(path, text string) (*auth.Key, error) {
	if text != "" {
		key, err := auth.LoadKey([]byte(text))
		if err != nil {
			return nil, usagef(setVariable("WFAUTH_KEY_FILE", "FILE"), "WFAUTH_PRIVATE_KEY: %v", err)
		}
		return key, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef(a.otherKey(), "key: %v", err)
	}
	key, err := auth.LoadKey([]byte(config.Plain(string(pem))))
	if err != nil {
		return nil, usagef(a.otherKey(), "key %s: %v", path, err)
	}
	a.noteReadable(path)
	return key, nil
}

// otherKey is how to name another key than the one that does not work.
func (a *app) otherKey() string {
	switch s := a.loaded; {
	case s == nil || s.EnvOnly:
		return setVariable("WFAUTH_KEY_FILE", "FILE")
	case s.Exists && a.asked == nil:
		return typed([]string{"wfauth", "login", "--profile", s.Name, "--key", "FILE"})
	}
	return "wfauth login --help"
}

// noteReadable warns once of a key that others can read.
func (a *app) noteReadable(path string) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 && !a.warnedOfKey {
		a.warnedOfKey = true
		a.note(fmt.Sprintf("others can read the key %s (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path))
	}
}

// absoluteKey makes the key's path good for every folder that wfauth is started in.
func absoluteKey(s *config.Settings) error {
	path, err := filepath.Abs(s.KeyFile)
	if err == nil {
		s.KeyFile = path
	}
	return err
}
