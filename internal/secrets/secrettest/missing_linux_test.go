package secrettest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestKeyringComesUp(t *testing.T) {
	t.Parallel()
	s := Keyring(t)
	if s.Getenv("HOME") == os.Getenv("HOME") || s.Getenv("DISPLAY") != "" || s.Getenv("PATH") != "" {
		t.Errorf("not a session of its own: %q", s.Env)
	}
}

// On a machine without the programs a test is skipped and says why; where they
// are required it fails.
func TestMissingPrograms(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		require, want string
		fails         bool
	}{
		{"", "SKIP", false}, {"browser", "SKIP", false}, {"keyring", "FAIL", true}, {"browser,keyring", "FAIL", true},
	} {
		cmd := exec.Command(self, "-test.v", "-test.run=^TestKeyringComesUp$")
		cmd.Env = []string{"PATH=", "HOME=" + t.TempDir(), "WFAUTH_TEST_REQUIRE=" + c.require}
		out, err := cmd.CombinedOutput()
		text := string(out)
		if (err != nil) != c.fails || !strings.Contains(text, c.want) || !strings.Contains(text, "gnome-keyring-daemon is not installed") {
			t.Errorf("required %q: %v\n%s", c.require, err, text)
		}
	}
}
