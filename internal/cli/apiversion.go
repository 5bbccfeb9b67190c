package cli

import (
	"os"
	"path/filepath"
	"time"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/workfront"
)

// checkAPIVersion refuses a version that Workfront has removed, and warns once a day of one that is past its support.
func (a *app) checkAPIVersion(s *config.Settings) error {
	now := time.Now()
	warning, err := workfront.CheckVersion(s.APIVersion, now)
	if err != nil {
		return &hinted{err, setVariable("WFAUTH_API_VERSION", config.DefaultAPIVersion)}
	}
	if warning != "" && !a.quiet && firstToday(s.Folders.Cache, "warned-"+s.APIVersion, now) {
		a.note(warning)
	}
	return nil
}

// firstToday tells whether a thing happens for the first time on this day, as far as the cache folder remembers. Without one, it always is.
func firstToday(folder, thing string, now time.Time) bool {
	if folder == "" {
		return true
	}
	today := now.Format(time.DateOnly)
	path := filepath.Join(folder, thing)
	if last, err := os.ReadFile(path); err == nil && string(last) == today {
		return false
	}
	if os.MkdirAll(folder, 0o700) == nil {
		_ = os.WriteFile(path, []byte(today), 0o600) // if it cannot be remembered, it is said again
	}
	return true
}
