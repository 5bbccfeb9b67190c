package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/emulator"
)

// Who updates wfauth from its first layout keeps every profile, every session, and every word of config.yaml that somebody wrote by hand.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w = w.with("WFAUTH_CLIENT_ID=", "WFAUTH_REDIRECT_URI=", "WFAUTH_STORAGE=") // the profiles have their own
	folder := config.UserFolders(func(name string) string {
		for _, v := range slices.Backward(w.env) {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}).Config
	layOut(t, "testdata/first", folder)
	before := contents(t, folder)

	session := func(profile string) {
		t.Helper()
		if got := w.must("token", "--profile", profile); strings.TrimSpace(got) != "CANARY-session-of-"+profile {
			t.Errorf("%s: the token is %q", profile, got)
		}
	}
	profiles := []string{"acme", "acme-preview", "robot"}
	for _, p := range profiles {
		session(p)
	}
	if got := w.must("token"); strings.TrimSpace(got) != "CANARY-session-of-acme" {
		t.Errorf("of the default profile the token is %q", got)
	}
	if text := w.must("status"); strings.Count(text, "valid") != len(profiles) || !strings.Contains(text, "acme.preview.workfront.com") {
		t.Errorf("status says\n%s", text)
	}
	for name, text := range contents(t, folder) {
		if old, known := before[name]; known && !bytes.Equal(old, text) {
			t.Errorf("reading changed %s:\n%s", name, text)
		}
	}

	kept := func(change string) {
		t.Helper()
		text := string(contents(t, folder)["config.yaml"])
		for line := range strings.Lines(string(before["config.yaml"])) {
			if !strings.HasPrefix(line, "default:") && !strings.Contains(text, strings.TrimSpace(line)) {
				t.Errorf("%s lost %q:\n%s", change, line, text)
			}
		}
		for _, p := range profiles {
			session(p)
		}
	}
	w.must("switch", "robot")
	kept("switch")
	if got := w.must("token"); strings.TrimSpace(got) != "CANARY-session-of-robot" {
		t.Errorf("after switch the token is %q", got)
	}
	w.with("WFAUTH_CLIENT_ID="+w.client().ID, "WFAUTH_REDIRECT_URI="+w.redirect, "WFAUTH_STORAGE=file").login("--profile", "new")
	kept("a login")
	if got := w.must("api", "proj/count", "--profile", "new"); !strings.Contains(got, "count") {
		t.Errorf("the new profile printed %s", got)
	}

	passwd := w.command("passwd", "--all", "--new-passphrase-stdin")
	passwd.Stdin = strings.NewReader("CANARY-next-passphrase\n")
	if out, err := passwd.CombinedOutput(); err != nil {
		t.Fatalf("passwd: %v, %s", err, out)
	}
	w = w.with("WFAUTH_PASSPHRASE=CANARY-next-passphrase")
	kept("passwd")
	for name, text := range contents(t, folder) {
		if filepath.Ext(name) == ".age" && bytes.HasPrefix(text, []byte("age-encryption.org/v1\n-> scrypt ")) && bytes.Equal(text, before[name]) {
			t.Errorf("%s is still of the first layout", name)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %o", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A config.yaml of a later wfauth is not understood, so nothing is done with it: the line that is not known is named, and the file stays.
func TestUpgradeBackwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	folder := filepath.Join(w.home, "config")
	w = w.with("WFAUTH_CONFIG_DIR=" + folder)
	layOut(t, "testdata/first", folder)
	path := filepath.Join(folder, "config.yaml")
	text := string(contents(t, folder)["config.yaml"]) + "telemetry: off\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"token"}, {"switch", "robot"}, {"status"}} {
		p := w.run(args...)
		if p.status != 2 || p.stdout.String() != "" || !strings.Contains(p.stderr.String(), "config.yaml:26: unknown key \"telemetry\" (known are default and profiles)") {
			t.Errorf("%v: exit status %d, %q, %s", args, p.status, p.stdout.String(), p.stderr.String())
		}
	}
	if got := string(contents(t, folder)["config.yaml"]); got != text {
		t.Errorf("it became\n%s", got)
	}
}

// layOut puts a folder where a program keeps it, for its user alone.
func layOut(t *testing.T, from, to string) {
	t.Helper()
	for name, text := range contents(t, from) {
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// contents are the files of a folder, by their names in it; not the locks, which hold nothing, nor what explains it.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".lock" || filepath.Ext(path) == ".md" {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err == nil {
			found[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
