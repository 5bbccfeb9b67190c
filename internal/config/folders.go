package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Folders are where wfauth keeps files that hold no plain secret. Nothing is created by naming them.
type Folders struct {
	Config string // config.yaml and sealed/
	State  string // locks and recovery files: per user of the system, whatever the config folder
	Cache  string // what can be asked for again
}

// HomeVariable names what the user's folders are found by on this system.
func HomeVariable() string {
	if runtime.GOOS == "windows" {
		return "LocalAppData"
	}
	return "HOME"
}

func errNoHome() error {
	return errors.New("there is no home folder: " + HomeVariable() + " is not set, and neither is WFAUTH_CONFIG_DIR")
}

// UserFolders finds the folders of the user on this system. An empty folder could not be found; the commands that need
// it say so, the others work without.
func UserFolders(getenv func(string) string) Folders {
	home := getenv("HOME")
	var f Folders
	switch runtime.GOOS {
	case "windows":
		f = Folders{
			Config: under(getenv("AppData"), "wfauth"),
			State:  under(getenv("LocalAppData"), "wfauth"),
			Cache:  under(getenv("LocalAppData"), "wfauth", "cache"),
		}
	case "darwin":
		f = Folders{
			Config: under(home, "Library", "Application Support", "wfauth"),
			State:  under(home, "Library", "Application Support", "wfauth", "state"),
			Cache:  under(home, "Library", "Caches", "wfauth"),
		}
	default:
		f = Folders{
			Config: under(xdg(getenv("XDG_CONFIG_HOME"), home, ".config"), "wfauth"),
			State:  under(xdg(getenv("XDG_STATE_HOME"), home, ".local", "state"), "wfauth"),
			Cache:  under(xdg(getenv("XDG_CACHE_HOME"), home, ".cache"), "wfauth"),
		}
	}
	if dir := getenv("WFAUTH_CONFIG_DIR"); dir != "" {
		if abs, err := filepath.Abs(dir); err == nil {
			f.Config = abs
		}
	}
	return f
}

// xdg takes the variable's folder where it is absolute: the XDG Base Directory specification has relative ones ignored.
func xdg(dir, home string, fallback ...string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	return under(home, fallback...)
}

// under is empty where the base is not known; a relative HOME is no better than none.
func under(base string, elem ...string) string {
	if !filepath.IsAbs(base) {
		return ""
	}
	return filepath.Join(append([]string{base}, elem...)...)
}

// ensureDir makes a folder that only its owner may enter; an existing one is left as it is.
func ensureDir(dir string) error {
	if dir == "" {
		return errNoHome()
	}
	return os.MkdirAll(dir, 0o700)
}

// Sealed is the folder of the sealed files.
func (f Folders) Sealed() string { return under(f.Config, "sealed") }
