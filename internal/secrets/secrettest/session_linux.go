package secrettest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience is far more than any of the programs needs on a busy machine.
const patience = 5 * time.Minute

type parts struct {
	address   string
	activated string // made by the bus when it starts a keyring by itself
	wallet    string // the file in which the keyring keeps its items; "": not known

	keyring func() *exec.Cmd      // begins with what there was; nil: there is none
	ready   func(*dbus.Conn) bool // the keyring can be used

	mu      sync.Mutex // guards what follows
	running *program
	dead    int // how often it has ended under supervision
}

// Keyring starts a bus with an unlocked, empty keyring, gnome-keyring, that has
// a default collection.
func Keyring(t testing.TB) *Session {
	t.Helper()
	daemon := installed(t, "gnome-keyring-daemon")
	s := Bus(t)
	s.keyring = func() *exec.Cmd {
		cmd := s.command(daemon, "--foreground", "--unlock", "--components=secrets")
		cmd.Stdin = strings.NewReader("the password of a test")
		return cmd
	}
	s.ready = hasCollection
	s.Revive(t)
	return s
}

func hasCollection(conn *dbus.Conn) bool {
	var collection dbus.ObjectPath
	err := secrets(conn).Call("org.freedesktop.Secret.Service.ReadAlias", dbus.FlagNoAutoStart, "default").Store(&collection)
	return err == nil && collection != "/"
}

// Revive starts the keyring, again after Kill, and waits until it is there and
// unlocked.
func (s *Session) Revive(t testing.TB) {
	t.Helper()
	p := start(t, s.keyring())
	s.mu.Lock()
	s.running = p
	s.mu.Unlock()
	conn := s.connect(t)
	defer conn.Close()
	for deadline := time.Now().Add(patience); !s.ready(conn); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come up", p.cmd.Path)
		}
	}
}

// Deaths waits until the supervised keyring can be used, and counts how often it
// has ended so far. gnome-keyring does so by itself now and then, when a client
// goes away in the middle of a call: it aborts with "g_variant_new: expected
// GVariant of type 'v'". Whoever saw a keyring vanish can tell by this whether it
// really did.
func (s *Session) Deaths(t testing.TB) int {
	t.Helper()
	conn := s.connect(t)
	defer conn.Close()
	for deadline := time.Now().Add(patience); !s.ready(conn); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the keyring does not come up")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// Supervise starts the keyring anew whenever it has ended, as systemd does, but
// unlocked.
func (s *Session) Supervise(t testing.TB) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-stopped })
	go func() {
		defer close(stopped)
		for {
			s.mu.Lock()
			p := s.running
			s.mu.Unlock()
			select {
			case <-stop:
				return
			case <-p.ended:
			}
			s.mu.Lock()
			s.dead++
			s.mu.Unlock()
			p, err := run(s.keyring())
			if err != nil {
				t.Errorf("the keyring cannot be started anew: %v", err)
				return
			}
			defer p.kill()
			s.mu.Lock()
			s.running = p
			s.mu.Unlock()
		}
	}()
}

// Bus starts a bus with no keyring on it. It could start one by itself, as on a
// desktop: see Activated.
func Bus(t testing.TB) *Session {
	t.Helper()
	daemon := installed(t, "dbus-daemon")
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

	cmd := s.command(daemon, "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
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
	s.signal(t, syscall.SIGKILL)
	conn := s.connect(t)
	defer conn.Close()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var owned bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		if err == nil && !owned {
			return
		}
	}
	t.Fatal("the keyring does not go away")
}

// Uninstall has the bus know of no keyring that it could start.
func (s *Session) Uninstall(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(s.Getenv("XDG_RUNTIME_DIR"), "services")); err != nil {
		t.Fatal(err)
	}
	conn := s.connect(t)
	defer conn.Close()
	if err := conn.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// Activated says whether someone made the bus start a keyring by itself.
func (s *Session) Activated() bool {
	_, err := os.Stat(s.activated)
	return err == nil
}

func (s *Session) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.running.cmd.Process.Signal(sig); err != nil {
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

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Connections counts those that are made to the bus from now on; it does not
// count its own.
func (s *Session) Connections(t testing.TB) func() int {
	t.Helper()
	conn := s.connect(t)
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged")); err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 1000)
	conn.Signal(signals)
	return func() (n int) {
		t.Helper()
		// The bus answers in order: what happened before this call has been told.
		if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
			t.Fatal(err)
		}
		for {
			select {
			case signal := <-signals:
				name, _ := signal.Body[0].(string)
				before, _ := signal.Body[1].(string)
				if strings.HasPrefix(name, ":") && before == "" {
					n++
				}
			default:
				return n
			}
		}
	}
}
