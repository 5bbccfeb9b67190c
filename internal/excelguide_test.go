package internal_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/network/porttest"
)

// The commands of the guide to Excel: the first serves, the others ask it, and every address in the guide has an answer.
func TestExcelGuide(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl", "python3"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skipf("the guide's commands want a Unix shell with %s", program)
		}
	}
	const page = "../docs/excel-powerbi.md"
	bin, work := t.TempDir(), t.TempDir()
	wfauth := build(t, bin)
	tenant := startEmulator(t, wfauth)
	port := porttest.Free(t)
	script := func(ctx context.Context, text string) (cmd *exec.Cmd, stderr *strings.Builder) {
		cmd = exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", strings.ReplaceAll(text, "4712", port))
		cmd.Dir = work
		cmd.Env = []string{
			"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + work, "NO_PROXY=*",
			"WFAUTH_HOST=" + tenant.URL, "WFAUTH_SESSION_ID=" + tenant.SessionID,
		}
		stderr = &strings.Builder{}
		cmd.Stderr = stderr
		return cmd, stderr
	}
	scripts := shellBlocks(t, page, 3)

	serving, stop := context.WithCancel(context.Background())
	gateway, said := script(serving, "exec "+scripts[0])
	gateway.Cancel = func() error { return gateway.Process.Signal(os.Interrupt) }
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- gateway.Wait() }()
	defer func() {
		stop()
		<-ended
	}()
	get := func(address string) (int, string) {
		resp, err := (&http.Transport{}).RoundTrip(must(http.NewRequestWithContext(t.Context(), "GET", address, nil)))
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, err.Error()
		}
		return resp.StatusCode, string(text)
	}
	for status := 0; status == 0; {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s: %v\n%s", scripts[0], err, said)
		case <-time.After(20 * time.Millisecond):
		}
		status, _ = get("http://127.0.0.1:" + port + "/")
	}
	for _, text := range scripts[1:] {
		cmd, stderr := script(t.Context(), text)
		if out, err := cmd.Output(); err != nil || strings.Count(string(out), "\n") < 1000 {
			t.Errorf("%v, %d bytes\n%s\n%s", err, len(out), text, stderr)
		}
	}

	guide := string(must(os.ReadFile(page)))
	key := strings.TrimSpace(string(must(os.ReadFile(filepath.Join(work, ".wfauth-proxy-key")))))
	real := strings.NewReplacer("4712", port, "/KEY", "/"+key, "127.0.0.1:4712/rows", "127.0.0.1:"+port+"/"+key+"/rows")
	addresses := regexp.MustCompile("http://127.0.0.1:4712/[^`\"&\\s]*/[^`\"\\s]+").FindAllString(guide, -1)
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(guide, -1) {
		if !strings.Contains(m[1], "DE:") { // which the emulator has not for tasks
			addresses = append(addresses, "http://127.0.0.1:4712/KEY/rows/task.csv?fields=ID&"+m[1])
		}
	}
	if len(addresses) < 10 {
		t.Errorf("only %d addresses found", len(addresses))
	}
	for _, address := range addresses {
		if strings.Contains(address, "/&/") {
			continue // a command's
		}
		if status, text := get(real.Replace(address)); status != 200 {
			t.Errorf("%s: %d %.300s", address, status, text)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
