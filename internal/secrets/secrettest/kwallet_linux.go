package secrettest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const kwalletSettings = `[Wallet]
Enabled=true
First Use=false
Default Wallet=kdewallet
Use One Wallet=true
Prompt on Open=false
Leave Open=true
Launch Manager=false
[org.freedesktop.secrets]
apiEnabled=true
`

// KWallet starts a bus with an open, empty wallet of KDE's. It is opened as a
// login to the desktop does, so that nobody is asked; it writes to its file
// some seconds after a change, see Written.
func KWallet(t testing.TB) *Session {
	t.Helper()
	daemon := installed(t, "kwalletd5")
	s := Bus(t)
	write(t, filepath.Join(s.Getenv("XDG_CONFIG_HOME"), "kwalletrc"), kwalletSettings)
	s.wallet = filepath.Join(s.Getenv("XDG_DATA_HOME"), "kwalletd", "kdewallet.kwl")
	s.keyring = func() *exec.Cmd {
		cmd := s.command(daemon)
		cmd.Env = append(cmd.Env, "QT_QPA_PLATFORM=offscreen", "LC_ALL=C.UTF-8")
		return cmd
	}
	// A wallet that is new is the default collection for the next daemon only.
	s.ready = func(conn *dbus.Conn) bool { return openWallet(conn) && isFile(s.wallet) }
	s.Revive(t)
	s.Kill(t)
	s.ready = func(conn *dbus.Conn) bool { return openWallet(conn) && hasCollection(conn) }
	s.Revive(t)
	return s
}

// openWallet opens the wallet, or makes it, with the hash of a password, as the
// PAM module does, and says whether it is open.
func openWallet(conn *dbus.Conn) bool {
	const path, face = "/modules/kwalletd5", "org.kde.KWallet."
	var open bool
	wallet := conn.Object("org.kde.kwalletd5", path)
	err := wallet.Call(face+"isOpen", dbus.FlagNoAutoStart, "kdewallet").Store(&open)
	if err == nil && !open {
		hash := bytes.Repeat([]byte("a test's"), 7) // 56 bytes
		wallet.Call(face+"pamOpen", dbus.FlagNoAutoStart|dbus.FlagNoReplyExpected, "kdewallet", hash, int32(0))
	}
	return err == nil && open
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Written changes the keyring by f, and waits until it has written that to its
// file.
func (s *Session) Written(t testing.TB, f func()) {
	t.Helper()
	before, err := os.ReadFile(s.wallet)
	if err != nil {
		t.Fatal(err)
	}
	f()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if now, err := os.ReadFile(s.wallet); err == nil && !bytes.Equal(now, before) {
			return
		}
	}
	t.Fatal("the keyring does not write to its file")
}
