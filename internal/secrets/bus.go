//go:build unix && !darwin

package secrets

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/godbus/dbus/v5"
)

// busAddress finds the session bus without starting one. Libraries that are
// left to find it themselves run dbus-launch where there is none, and leave
// two daemons behind with every call.
func busAddress(getenv func(string) string) (string, error) {
	address := getenv("DBUS_SESSION_BUS_ADDRESS")
	if address != "" && address != "autolaunch:" {
		return address, nil
	}
	dir := getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	path := filepath.Join(dir, "bus")
	if info, err := os.Stat(path); err != nil || info.Mode().Type() != os.ModeSocket {
		return "", fault(NoBus, "keyring", "no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is no %s", path)
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(path), nil
}

// hasDisplay says whether a keyring could show a dialog at all.
func hasDisplay(getenv func(string) string) bool {
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}
