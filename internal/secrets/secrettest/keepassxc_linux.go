package secrettest

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

const keepassxcSettings = `[General]
ConfigVersion=2
UpdateCheckMessageShown=true
RememberLastDatabases=false
RememberLastKeyFiles=false
[GUI]
CheckForUpdates=false
ShowTrayIcon=false
[Security]
LockDatabaseScreenLock=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem=%[1]t
ConfirmDeleteItem=%[1]t
UnlockBeforeSearch=true
`

const keepassxcDatabase = `<?xml version="1.0" encoding="UTF-8"?>
<KeePassFile><Meta><Generator>KeePassXC</Generator><DatabaseName>test</DatabaseName><RecycleBinEnabled>True</RecycleBinEnabled>
<CustomData><Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{%x-%x-%x-%x-%x}</Value></Item></CustomData></Meta>
<Root><Group><UUID>%s</UUID><Name>Root</Name><Notes></Notes><IconID>48</IconID><Times></Times><IsExpanded>True</IsExpanded></Group></Root></KeePassFile>
`

// KeePassXC starts a bus with an open, empty database of KeePassXC's on it. It
// shows nothing, and where it asks, as it does by itself, nobody answers.
func KeePassXC(t testing.TB, asks bool) *Session {
	t.Helper()
	program, tool := installed(t, "keepassxc"), installed(t, "keepassxc-cli")
	s := Bus(t)
	dir := s.Getenv("HOME")
	xml, database, settings := filepath.Join(dir, "db.xml"), filepath.Join(dir, "db.kdbx"), filepath.Join(dir, "keepassxc.ini")
	group := make([]byte, 16)
	_, _ = rand.Read(group) // never fails
	write(t, xml, fmt.Sprintf(keepassxcDatabase, group[:4], group[4:6], group[6:8], group[8:10], group[10:], base64.StdEncoding.EncodeToString(group)))
	write(t, settings, fmt.Sprintf(keepassxcSettings, asks))
	imported := s.command(tool, "import", "-p", xml, database)
	imported.Stdin = strings.NewReader("a test\na test\n")
	if out, err := imported.CombinedOutput(); err != nil {
		t.Fatalf("keepassxc-cli import: %v\n%s", err, out)
	}
	s.keyring = func() *exec.Cmd {
		cmd := s.command(program, "--config", settings, "--localconfig", filepath.Join(dir, "local.ini"), "--pw-stdin", database)
		cmd.Env = append(cmd.Env, "QT_QPA_PLATFORM=offscreen", "LC_ALL=C.UTF-8", "TMPDIR="+dir) // there lies the lock of its one instance
		cmd.Stdin = strings.NewReader("a test\n")
		return cmd
	}
	s.ready = hasOpenCollection
	s.Revive(t)
	return s
}

// hasOpenCollection says whether the database is open by now: before, a search
// would ask for its password, and wait.
func hasOpenCollection(conn *dbus.Conn) bool {
	var path dbus.ObjectPath
	var locked bool
	err := secrets(conn).Call("org.freedesktop.Secret.Service.ReadAlias", dbus.FlagNoAutoStart, "default").Store(&path)
	if err != nil || path == "/" {
		return false
	}
	err = conn.Object("org.freedesktop.secrets", path).
		Call("org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, "org.freedesktop.Secret.Collection", "Locked").Store(&locked)
	return err == nil && !locked
}
