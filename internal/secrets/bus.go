//go:build unix && !darwin

package secrets

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/godbus/dbus/v5"
)

// A Bus is a connection to the session bus, made when it is first needed. A
// command has one for all its items, for a keyring may ask its user about each
// connection that comes. The zero value is ready for use.
type Bus struct {
	mu      sync.Mutex // guards what follows
	conn    *dbus.Conn // nil: none yet
	end     context.CancelFunc
	address string
	met     bool // the keyring has answered on this connection
	absent  bool // it was waited for, and did not come
}

// Close ends the connection, if there is one.
func (b *Bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close()
}

func (b *Bus) close() {
	if b.conn != nil {
		_ = b.conn.Close()
		b.end()
	}
	b.conn, b.end = nil, nil
}

// connection is the one there is, as long as it lasts, or a new one.
func (b *Bus) connection(ctx context.Context, getenv func(string) string) (*dbus.Conn, error) {
	address, err := busAddress(getenv)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil && b.conn.Connected() && b.address == address {
		return b.conn, nil
	}
	b.close()
	life, end := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, end) // while it is being made; it outlives ctx
	conn, err := dbus.Connect(address, dbus.WithContext(life), dbus.WithAuth(dbus.AuthExternal(strconv.Itoa(os.Geteuid()))))
	if err != nil {
		end()
		return nil, fault(NoBus, "keyring", "no session bus at %s: %w", address, err)
	}
	if !stop() {
		_ = conn.Close()
		return nil, context.Cause(ctx)
	}
	b.conn, b.end, b.address, b.met, b.absent = conn, end, address, false, false
	return conn, nil
}

// meet notes that the keyring has answered, and hasMet says whether it has.
func (b *Bus) meet() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.met, b.absent = true, false
}

func (b *Bus) hasMet() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.met
}

// miss notes that the keyring was waited for in vain, and isMissed says so: one
// command waits once.
func (b *Bus) miss() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.absent = true
}

func (b *Bus) isMissed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.absent
}

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
