package secrettest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience is far more than any of the programs needs on a busy machine.
const patience = 5 * time.Minute

type parts struct {
	address   string
	keyring   *supervised // nil: none
	activated string      // made by the bus when it starts a keyring by itself
}

// Keyring starts a bus with an unlocked, empty keyring that has a default
// collection. Should it end by itself, it is started anew with what it had
// stored: see Deaths.
func Keyring(t testing.TB) *Session {
	t.Helper()
	daemon := program(t, "gnome-keyring-daemon")
	s := Bus(t)
	s.keyring = supervise(t, func() *exec.Cmd {
		cmd := exec.Command(daemon, "--foreground", "--unlock", "--components=secrets")
		cmd.Env = append(os.Environ(), s.Env...)
		cmd.Stdin = strings.NewReader("the password of a test")
		return cmd
	})
	s.answers(t)
	return s
}

// Deaths waits until the keyring answers, and counts how often it has ended by
// itself so far. gnome-keyring does so now and then, when a client goes away in
// the middle of a call: it aborts with "g_variant_new: expected GVariant of type
// 'v'". Whoever saw a keyring vanish can tell by this whether it really did.
func (s *Session) Deaths(t testing.TB) int {
	t.Helper()
	s.answers(t)
	return s.keyring.deaths()
}

// answers waits for the keyring to have an open default collection.
func (s *Session) answers(t testing.TB) {
	t.Helper()
	conn := s.connect(t)
	deadline := time.Now().Add(patience)
	for {
		var collection dbus.ObjectPath
		err := secrets(conn).Call("org.freedesktop.Secret.Service.ReadAlias", dbus.FlagNoAutoStart, "default").Store(&collection)
		if err == nil && collection != "/" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("gnome-keyring-daemon does not come up: collection %q, %v", collection, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Bus starts a bus with no keyring on it. It could start one by itself, as on a
// desktop: see Activated.
func Bus(t testing.TB) *Session {
	t.Helper()
	daemon := program(t, "dbus-daemon")
	s := folders(t)
	dir := s.Getenv("XDG_RUNTIME_DIR")
	services := filepath.Join(dir, "services")
	s.activated = filepath.Join(dir, "activated")
	write(t, filepath.Join(services, "org.freedesktop.secrets.service"), fmt.Sprintf(
		"[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh -c 'touch %s; exit 1'\n", s.activated))
	config := filepath.Join(dir, "bus.conf")
	write(t, config, fmt.Sprintf(`<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`, filepath.Join(dir, "bus"), services))

	cmd := exec.Command(daemon, "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
	cmd.Env = append(os.Environ(), s.Env...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	address, err := bufio.NewReader(stdout).ReadString('\n') // printed once it listens
	if err != nil {
		t.Fatalf("dbus-daemon does not come up: %v", err)
	}
	s.at(strings.TrimSpace(address))
	return s
}

// SilentBus is a socket that accepts connections and never answers.
func SilentBus(t testing.TB) *Session {
	t.Helper()
	s := folders(t)
	path := filepath.Join(s.Getenv("XDG_RUNTIME_DIR"), "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	s.at("unix:path=" + path)
	return s
}

// NoBus is a session in which there is no bus.
func NoBus(t testing.TB) *Session {
	t.Helper()
	return folders(t)
}

// Lock locks the keyring.
func (s *Session) Lock(t testing.TB) {
	t.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	collections := []dbus.ObjectPath{"/org/freedesktop/secrets/aliases/default"}
	err := secrets(s.connect(t)).Call("org.freedesktop.Secret.Service.Lock", 0, collections).Store(&locked, &prompt)
	if err != nil || len(locked) != 1 {
		t.Fatalf("lock the keyring: %v, %v", locked, err)
	}
}

// Freeze stops the keyring's process: its bus name stays, and it answers
// nothing.
func (s *Session) Freeze(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Session) Thaw(t testing.TB) { t.Helper(); s.signal(t, syscall.SIGCONT) }

// Kill ends the keyring's process; the bus stays.
func (s *Session) Kill(t testing.TB) {
	t.Helper()
	s.keyring.end()
	conn := s.connect(t)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var owned bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		if err == nil && !owned {
			return
		}
	}
	t.Fatal("the keyring does not go away")
}

// Activated says whether someone made the bus start a keyring by itself.
func (s *Session) Activated() bool {
	_, err := os.Stat(s.activated)
	return err == nil
}

func (s *Session) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := s.keyring.process().Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func (s *Session) at(address string) {
	s.address = address
	s.Env = append(s.Env, "DBUS_SESSION_BUS_ADDRESS="+address)
}

func (s *Session) connect(t testing.TB) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func secrets(conn *dbus.Conn) dbus.BusObject {
	return conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
}

// folders makes a session's folders. Their path is short, as that of a socket
// must be.
func folders(t testing.TB) *Session {
	t.Helper()
	root, err := os.MkdirTemp("", "wfauth")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	s := &Session{Env: []string{"DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS="}}
	for _, f := range []struct{ name, variable string }{
		{"home", "HOME"}, {"run", "XDG_RUNTIME_DIR"}, {"data", "XDG_DATA_HOME"},
		{"config", "XDG_CONFIG_HOME"}, {"state", "XDG_STATE_HOME"}, {"cache", "XDG_CACHE_HOME"},
	} {
		dir := filepath.Join(root, f.name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s.Env = append(s.Env, f.variable+"="+dir)
	}
	return s
}

func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is not installed")
	}
	return path
}

// start runs cmd until the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		_ = cmd.Wait() // says that it was killed
	})
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
