package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/network/porttest"
)

// A reader follows a page: with a home that is empty at first, an emulator in the place of acme, and someone who signs in when
// a browser is opened.
type reader struct {
	home   string
	tenant emulated
	env    []string
	real   *strings.Replacer
}

// wants skips a test of commands where they cannot run.
func wants(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skipf("the commands of this page want a Unix shell with %s", program)
		}
	}
}

// newReader has a tenant of its own, whose Machine to Machine application knows a key, and the secrets in the files that pages name.
func newReader(t *testing.T, wfauth string) *reader {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys")
	redirect := "http://127.0.0.1:" + porttest.Free(t) + "/callback"
	if out, err := exec.CommandContext(t.Context(), wfauth, "keygen", "--out", keys).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	key := filepath.Join(keys, "private.key")
	tenant := startEmulator(t, wfauth, "--redirect-uri", redirect, "--jwt-cert", filepath.Join(keys, "certificate_pub.crt"))
	browser, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &reader{
		home: t.TempDir(), tenant: tenant,
		env: []string{
			"PATH=" + filepath.Dir(wfauth) + string(os.PathListSeparator) + os.Getenv("PATH"), "NO_PROXY=*",
			"BROWSER=" + browser, "WFAUTH_TEST_BROWSER=" + tenant.Users[0].Username + " " + tenant.Users[0].Password,
			"WFAUTH_STORAGE=file", "WFAUTH_PASSPHRASE=CANARY-passphrase", "WFAUTH_REDIRECT_URI=" + redirect,
		},
		real: strings.NewReplacer(
			"https://acme.my.workfront.com", tenant.URL, "login acme", "login "+tenant.URL, "WFAUTH_HOST=acme", "WFAUTH_HOST="+tenant.URL,
			"127.0.0.1:4711", strings.TrimPrefix(tenant.URL, "http://"), "SESSION-ID", tenant.SessionID,
			"robot --client-id CLIENT-ID", "robot --client-id "+tenant.Robot.ID, "WFAUTH_CLIENT_ID=CLIENT-ID", "WFAUTH_CLIENT_ID="+tenant.Robot.ID,
			"CUSTOMER-ID", tenant.Robot.CustomerID, "USER-ID", tenant.Robot.UserID, "keys/private.key", key, "keys-2027/private.key", key,
			"CLIENT-ID --client-secret", tenant.Web.ID+" --client-secret", "CLIENT-ID", tenant.Public.ID,
		),
	}
}

// secrets lays the client secrets where pages read them from.
func (r *reader) secrets(t *testing.T) {
	t.Helper()
	for name, secret := range map[string]string{"secret.txt": r.tenant.Web.Secret, "robot-secret.txt": r.tenant.Robot.Secret} {
		if err := os.WriteFile(filepath.Join(r.home, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// types runs what a page says, and gives what came to stdout and to stderr.
func (r *reader) types(t *testing.T, script string) (stdout, stderr string) {
	t.Helper()
	if strings.Contains(script, "export WFAUTH_PASSPHRASE_FILE=~/.wfauth-passphrase") { // from here on there is no other
		r.env = slices.DeleteFunc(r.env, func(v string) bool { return strings.HasPrefix(v, "WFAUTH_PASSPHRASE=") })
		r.env = append(r.env, "WFAUTH_PASSPHRASE_FILE="+filepath.Join(r.home, ".wfauth-passphrase"))
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", r.real.Replace(script))
	cmd.Dir = r.home
	cmd.Env = append([]string{"HOME=" + r.home}, r.env...)
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s\n%s%s", err, script, out.String(), messages.String())
	}
	return out.String(), messages.String()
}
