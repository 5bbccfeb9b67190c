//go:build !windows

package output

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Who could read a file before root has replaced it still can.
func TestFileKeepsOwner(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	owner := os.Geteuid()
	if owner == 0 { // nobody else can give a file away
		owner = 12345
		if err := os.Chown(name, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	if err := replaced(t, name, "text", (*File).Commit); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); int(stat.Uid) != owner || info.Mode().Perm() != 0o600 {
		t.Errorf("it is of %d, mode %o", stat.Uid, info.Mode().Perm())
	}
}
