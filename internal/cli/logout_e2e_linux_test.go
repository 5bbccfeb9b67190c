package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gofrs/flock"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A logout waits for whoever is refreshing: that one would write the secrets back.
func TestLogoutWaitsForARefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	sealed, err := filepath.Glob(filepath.Join(w.home, ".config", "wfauth", "sealed", "*.age"))
	if err != nil || len(sealed) != 1 {
		t.Fatalf("sealed files %q, %v", sealed, err)
	}
	lock := flock.New(sealed[0] + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	logout := w.start("logout")
	ended := make(chan struct{})
	go func() { defer close(ended); logout.wait() }()
	waits := regexp.MustCompile(fmt.Sprintf(`-> FLOCK .* %d `, logout.cmd.Process.Pid))
	eventually(t.Context(), t, "the logout waits for the lock", func() bool {
		select {
		case <-ended:
			t.Fatalf("it did not wait: exit status %d: %s", logout.status, logout.stderr.String())
		default:
		}
		locks, err := os.ReadFile("/proc/locks")
		return err == nil && waits.Match(locks)
	})
	if _, err := os.Stat(sealed[0]); err != nil {
		t.Errorf("the secrets were deleted meanwhile: %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	<-ended
	if _, err := os.Stat(sealed[0]); logout.status != 0 || !os.IsNotExist(err) {
		t.Errorf("exit status %d, %v: %s", logout.status, err, logout.stderr.String())
	}
}
