//go:build unix

package gateway_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wfauth/wfauth/internal/gateway"
)

// A key that others can read is theirs, and one that they could write would be of their choice.
func TestKeyFileOfOthers(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "key")
	text, err := gateway.KeyFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false, 0o610: false, 0o666: false} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := gateway.KeyFile(name); (err == nil) != good {
			t.Errorf("mode %o: %v", mode, err)
		} else if err != nil && (strings.Contains(err.Error(), strings.TrimSpace(text)) || !strings.Contains(err.Error(), "others")) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := gateway.KeyFile(pipe); err == nil || !strings.Contains(err.Error(), "plain file") {
		t.Errorf("a pipe: %v", err)
	}
	if os.Geteuid() != 0 {
		return // cannot give a file away
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(name, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.KeyFile(name); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("another user's: %v", err)
	}
}
