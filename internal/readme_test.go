package internal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/network/porttest"
)

// TestMain lets this test binary be the $BROWSER of the README's commands.
func TestMain(m *testing.M) {
	if person := os.Getenv("WFAUTH_TEST_BROWSER"); person != "" {
		if err := signIn(os.Args[1], person); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// The README's commands, in its order, against the emulator in the place of acme. A block under a comment that says "not
// run" is left out.
func TestREADME(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skipf("the README's commands want a Unix shell with %s", program)
		}
	}
	bin, work, elsewhere := t.TempDir(), t.TempDir(), t.TempDir()
	wfauth := build(t, bin)
	redirect := "http://127.0.0.1:" + porttest.Free(t) + "/callback"
	keys := filepath.Join(bin, "keys")
	if out, err := exec.CommandContext(t.Context(), wfauth, "keygen", "--out", keys).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tenant := startEmulator(t, wfauth, "--redirect-uri", redirect, "--jwt-cert", filepath.Join(keys, "certificate_pub.crt"))
	browser, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"secret.txt": tenant.Web.Secret, "robot-secret.txt": tenant.Robot.Secret} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := strings.TrimPrefix(tenant.URL, "http://")
	real := strings.NewReplacer(
		"https://acme.my.workfront.com", tenant.URL, "login acme", "login "+tenant.URL, "WFAUTH_HOST=acme", "WFAUTH_HOST="+tenant.URL,
		"127.0.0.1:4711", address, "SESSION-ID", tenant.SessionID,
		"robot --client-id CLIENT-ID", "robot --client-id "+tenant.Robot.ID, "WFAUTH_CLIENT_ID=CLIENT-ID", "WFAUTH_CLIENT_ID="+tenant.Robot.ID,
		"CUSTOMER-ID", tenant.Robot.CustomerID, "USER-ID", tenant.Robot.UserID, "keys/private.key", filepath.Join(keys, "private.key"),
		"CLIENT-ID --client-secret", tenant.Web.ID+" --client-secret", "CLIENT-ID", tenant.Public.ID,
	)
	for _, script := range shellBlocks(t, "../README.md", 8) {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", real.Replace(script))
		cmd.Dir = work
		home := work
		if strings.Contains(script, "127.0.0.1:4711") {
			home = elsewhere // acme is on loopback too here, and would be the same profile
		}
		cmd.Env = []string{
			"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "NO_PROXY=*",
			"BROWSER=" + browser, "WFAUTH_TEST_BROWSER=" + tenant.Users[0].Username + " " + tenant.Users[0].Password,
			"WFAUTH_STORAGE=file", "WFAUTH_PASSPHRASE=CANARY-passphrase", "WFAUTH_REDIRECT_URI=" + redirect,
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s\n%s", err, script, out)
		}
		if strings.Contains(script, "wfauth api") && !strings.Contains(script, " > ") && len(out) == 0 {
			t.Errorf("no output\n%s", script)
		}
	}
	tasks, err := os.ReadFile(filepath.Join(work, "tasks.csv"))
	if err != nil || !strings.HasPrefix(string(tasks), "ID,name,project:name\r\n") || strings.Count(string(tasks), "\n") < 1000 {
		t.Errorf("tasks.csv is not the whole list: %d bytes, %v", len(tasks), err)
	}
}

// The commands of a guide, in its order, with a session of the emulator's. Each prints something, or writes the file that it names.
func TestGuides(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the guides' commands want a Unix shell")
	}
	bin := t.TempDir()
	wfauth := build(t, bin)
	for page, least := range map[string]int{"objects.md": 12, "bulk.md": 2, "events.md": 1, "documents.md": 2} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			tenant := startEmulator(t, wfauth)
			work := t.TempDir()
			run := func(script string) string {
				cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
				cmd.Dir = work
				cmd.Env = []string{
					"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + work, "NO_PROXY=*",
					"WFAUTH_HOST=" + tenant.URL, "WFAUTH_SESSION_ID=" + tenant.SessionID, "WFAUTH_EVENT_TOKEN=CANARY-event-token",
				}
				var stderr strings.Builder
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Errorf("%v\n%s\n%s%s", err, script, out, stderr.String())
				}
				return string(out)
			}
			real := strings.NewReplacer("58d389be000000deb46805b72b41e3b4", strings.TrimSpace(run("wfauth proj search --limit 1 --quiet --jq '.[0].ID'")))
			for _, script := range shellBlocks(t, filepath.Join("../docs", page), least) {
				for line := range strings.Lines(script) {
					out := strings.TrimSpace(run(real.Replace(line)))
					saves := strings.Contains(line, "--out ") && !strings.Contains(line, "docu download") // which says where
					if nothing := out == "" || out == "[]"; nothing != (strings.Contains(line, " >") || saves) {
						t.Errorf("%s printed %q", line, out)
					}
				}
			}
		})
	}
}

// shellBlocks are those that have wfauth in them: go run and go test are for the reader's own clone.
func shellBlocks(t *testing.T, page string, least int) (scripts []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)(<!-- not run[^\n]*\n)?( *)```sh\n(.*?)\n *```\n")
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		script := strings.ReplaceAll(m[3], "\n"+m[2], "\n")
		if m[1] == "" && !strings.HasPrefix(script, "go ") {
			scripts = append(scripts, script)
		}
	}
	if len(scripts) < least {
		t.Fatalf("only %d blocks of commands found in %s", len(scripts), page)
	}
	return scripts
}

// build makes the program as it is released.
func build(t *testing.T, folder string) (wfauth string) {
	t.Helper()
	wfauth = filepath.Join(folder, "wfauth")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", wfauth, "../cmd/wfauth")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return wfauth
}

type emulated struct {
	URL       string `json:"url"`
	SessionID string `json:"session_id"`
	Clients   []application
	Users     []struct{ Username, Password string }

	Web, Public, Robot application
}

type application struct {
	ID         string `json:"client_id"`
	Secret     string `json:"client_secret"`
	CustomerID string `json:"customer_id"`
	UserID     string `json:"user_id"`
	Org        string `json:"ims_org"`
	Type       string
}

func startEmulator(t *testing.T, wfauth string, flags ...string) (e emulated) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, wfauth, append([]string{"emulator", "--json"}, flags...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // says that it was killed
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &e)
	}
	if err != nil {
		t.Fatalf("wfauth emulator --json: %v", err)
	}
	for _, a := range e.Clients {
		switch a.Type {
		case "Web Application":
			e.Web = a
		case "Single Page Web Application":
			e.Public = a
		case "Machine to Machine":
			e.Robot = a
		}
	}
	return e
}

// signIn does what a person does with the emulator's pages: name and password, then consent.
func signIn(address, person string) error {
	username, password, _ := strings.Cut(person, " ")
	jar, _ := cookiejar.New(nil) // never fails without a suffix list
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	resp, err := client.Get(address)
	if err == nil {
		address = resp.Request.URL.String() // that of a launcher leads to another
	}
	for _, answer := range []url.Values{{"username": {username}, "password": {password}}, {"allow": {"yes"}}} {
		if err != nil {
			return err
		}
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(page), `name="csrf" value="`)
		token, _, _ := strings.Cut(rest, `"`)
		answer.Set("csrf", html.UnescapeString(token))
		if resp, err = client.PostForm(address, answer); err != nil {
			return err
		}
	}
	return resp.Body.Close()
}
