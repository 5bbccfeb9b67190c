package cli

import (
	"net"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// What the emulator says to try is a login by its credential of Adobe's console, as it stands there.
func TestLoginThatTheEmulatorShows(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("what the emulator shows is for a Unix shell")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tenant := startTenant(listener, emulator.Options{Projects: 1})
	defer tenant.stop()
	var shown strings.Builder
	if err := tenant.describe(&shown, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"OAuth Server-to-Server\n  client ID ", "  IMS URL        " + tenant.url, "@AdobeOrg\n", "openid,AdobeID,additional_info.roles,profile\n"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, shown.String())
		}
	}
	line := regexp.MustCompile(`(?m)^  (.* wfauth login .*--flow ims.*)$`).FindStringSubmatch(shown.String())
	if line == nil {
		t.Fatalf("no login by ims is shown:\n%s", shown.String())
	}
	w := newWorld(t, emulator.Options{}, nil)
	shell := exec.Command("sh", "-c", strings.Replace(line[1], "wfauth", "'"+w.program+"'", 1))
	shell.Env, shell.Dir = w.env, w.home
	if out, err := shell.CombinedOutput(); err != nil || !strings.Contains(string(out), "is logged in at "+tenant.url+" (profile robot)") {
		t.Errorf("%v: %s", err, out)
	}
	if header := w.must("token", "--header"); !strings.HasPrefix(header, "Authorization: Bearer ") {
		t.Errorf("a request carries %q", header)
	}
}
