package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A home whose disk is full, of bytes or of files: no refresh is sent, and the next one is as good as ever; what is
// stored can be used, and ended.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"size=1m", "nr_inodes=60"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Options{Rotate: true}, nil)
			mount(t, w.home, limit)
			w.login()
			session := w.must("token")
			before := w.tenant.Counts()
			fill(t, w.home)
			for _, args := range [][]string{{"token", "--refresh"}, {"api", "proj/count"}} {
				if args[0] == "api" {
					w.tenant.ExpireSessions()
				}
				p := w.run(args...)
				stderr := p.stderr.String()
				if p.status != 1 || p.stdout.String() != "" || !strings.HasPrefix(stderr, "wfauth: ") || !strings.HasSuffix(stderr, "\n  hint: df -h; df -i\n") ||
					!strings.Contains(stderr, "nothing was sent, for the answer could not be kept: "+w.home) || !strings.Contains(stderr, "no space left on device") {
					t.Errorf("%v: exit status %d, stdout %q: %s", args, p.status, p.stdout.String(), stderr)
				}
			}
			if c := w.tenant.Counts(); c.Refresh != before.Refresh {
				t.Errorf("%d refreshes were sent", c.Refresh-before.Refresh)
			}
			if w.must("token") != session {
				t.Error("the session became another")
			}
			if p := w.run("login", "--timeout", "1ms"); p.status != 1 || strings.Contains(p.stderr.String(), "authorize?") {
				t.Errorf("login: exit status %d: %s", p.status, p.stderr.String())
			}

			if err := os.RemoveAll(filepath.Join(w.home, "filler")); err != nil {
				t.Fatal(err)
			}
			w.must("token", "--refresh")
			fill(t, w.home)
			w.must("logout")
			for _, pattern := range []string{"*.age", "*.recovery", "*.tmp"} {
				if left, err := filepath.Glob(filepath.Join(w.home, ".config", "wfauth", "sealed", pattern)); len(left) > 0 || err != nil {
					t.Errorf("left: %q, %v", left, err)
				}
			}
			if c := w.tenant.Counts(); c.Reused != 0 {
				t.Errorf("%d refresh tokens came twice", c.Reused)
			}
		})
	}
}

// Settings that could not be written are found out before the browser, too, though the secrets have room.
func TestDiskFullOfSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, secrettest.Keyring(t))
	dir := t.TempDir()
	mount(t, dir, "size=1m")
	fill(t, dir)
	if err := os.Remove(filepath.Join(dir, "filler", "0")); err != nil { // room for a name, and little else
		t.Fatal(err)
	}
	p := w.with("WFAUTH_CONFIG_DIR="+dir).run("login", w.url, "--no-browser", "--timeout", "1ms")
	if p.status != 1 || strings.Contains(p.stderr.String(), "authorize?") || !strings.Contains(p.stderr.String(), "no space left on device") {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
}

// mount makes dir a small file system of its own.
func mount(t *testing.T, dir, limit string) {
	t.Helper()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "mode=0700,"+limit); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill makes files until there is room for no other, of any size.
func fill(t *testing.T, home string) {
	t.Helper()
	dir := filepath.Join(home, "filler")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for n := 0; ; n++ {
		err := os.WriteFile(filepath.Join(dir, strconv.Itoa(n)), block, 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
