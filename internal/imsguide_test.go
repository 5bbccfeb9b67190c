package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The commands of docs/ims.md, in its order, against the emulator in the places of acme and of Adobe's identity service.
func TestIMSGuide(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skipf("the guide's commands want a Unix shell with %s", program)
		}
	}
	bin, work := t.TempDir(), t.TempDir()
	wfauth := build(t, bin)
	tenant := startEmulator(t, wfauth)
	var credential application
	for _, c := range tenant.Clients {
		if c.Type == "OAuth Server-to-Server" {
			credential = c
		}
	}
	for _, name := range []string{"secret.txt", "new-secret.txt"} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(credential.Secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	real := strings.NewReplacer(
		"login acme --flow ims", "login "+tenant.URL+" --flow ims --ims-url "+tenant.URL, "https://acme.my.workfront.com", tenant.URL,
		"WFAUTH_FLOW=ims WFAUTH_HOST=acme", "WFAUTH_FLOW=ims WFAUTH_IMS_URL="+tenant.URL+" WFAUTH_HOST="+tenant.URL,
		"CLIENT-ID", credential.ID, "ORG-ID", credential.Org,
	)
	for _, script := range shellBlocks(t, "../docs/ims.md", 7) {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", real.Replace(script))
		cmd.Dir = work
		cmd.Env = []string{
			"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + work, "NO_PROXY=*",
			"WFAUTH_STORAGE=file", "WFAUTH_PASSPHRASE=CANARY-passphrase",
		}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%v\n%s\n%s%s", err, script, out, stderr.String())
		}
		if quiet := strings.Contains(script, "wfauth login acme") || strings.Contains(script, "wfauth logout"); quiet != (len(out) == 0) {
			t.Errorf("%s printed %q", script, out)
		}
	}
}
