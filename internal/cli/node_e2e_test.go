package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// node runs a script of a folder that nodeModules has made, and returns what it printed.
func node(t *testing.T, folder, stdin string, args ...string) []byte {
	t.Helper()
	script := exec.Command("node", args...)
	script.Dir, script.Stdin, script.Stderr = folder, strings.NewReader(stdin), t.Output()
	out, err := script.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	return out
}

// nodeModules installs what a folder's lock file names into a copy of the folder. With no Node or no registry in reach the
// test is skipped, unless anything at all is required of this machine.
func nodeModules(t *testing.T, from string) (folder string) {
	t.Helper()
	absent := func(why string) {
		t.Helper()
		if os.Getenv("WFAUTH_TEST_REQUIRE") != "" {
			t.Fatalf("WFAUTH_TEST_REQUIRE is set: %s", why)
		}
		t.Skip(why)
	}
	for _, name := range [...]string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			absent(name + " is not installed")
		}
	}
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = folder
	var log bytes.Buffer
	install.Stdout, install.Stderr = &log, &log
	err := install.Run()
	if _, ran := errors.AsType[*exec.ExitError](err); ran && regexp.MustCompile(`ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|ERR_SOCKET|E40[137]|E50\d`).Match(log.Bytes()) {
		absent("the npm registry cannot be reached")
	}
	if err != nil {
		t.Fatalf("npm ci: %v\n%s", err, log.Bytes())
	}
	return folder
}
