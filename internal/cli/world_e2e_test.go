package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// patience is how long a test waits for what should be there at once: far more than a busy machine needs.
const patience = 2 * time.Minute

// raceless lets a program with the race detector in it end at once, and not after the second that it waits otherwise.
const raceless = "atexit_sleep_ms=0"

// buildProgram finds the program that worlds run. In full it is the one that users get, made once: it lies in the folder
// that testscript.Main has made for its programs, and goes with it. In small it is the test binary, whose passphrases are cheap.
// Where somebody counts what the program runs of itself (see countedIn), it has the counters in it.
var buildProgram = sync.OnceValues(func() (string, error) {
	script, err := exec.LookPath("wfauth")
	if err != nil || !inFullRun() && countedIn() == "" {
		return script, err
	}
	path := filepath.Join(filepath.Dir(filepath.Dir(script)), "wfauth-built")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	args := []string{"build", "-o", path}
	if countedIn() != "" { // nothing is written if main has no counters
		args = append(args, "-cover", "-covermode=atomic", "-coverpkg=github.com/wfauth/wfauth/internal/...,github.com/wfauth/wfauth/cmd/wfauth")
	}
	if out, err := exec.Command("go", append(args, "github.com/wfauth/wfauth/cmd/wfauth")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	if folder := countedIn(); folder != "" {
		return path, startCounting(path, folder)
	}
	return path, nil
})

// A world is one person's machine with wfauth on it, and a tenant to log in to.
type world struct {
	t           *testing.T
	program     string
	tenant      *emulator.Tenant
	url         string // of the tenant
	redirect    string
	home        string
	mark        string   // stands in the environment of every process that began here
	env         []string // of every process
	gates       *gates
	connections *connections // to the tenant
	columns     uint16       // of a terminal; 0: as the system makes it
}

// newWorld makes a world whose keyring is the session's. With none, its secrets rest in a sealed file.
func newWorld(t *testing.T, o emulator.Options, session *secrettest.Session) *world {
	t.Helper()
	program, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, program: program, redirect: "http://127.0.0.1:" + porttest.Free(t) + "/callback", mark: rand.Text()}
	o.Projects = cmp.Or(o.Projects, 20)
	o.RedirectURIs = append(o.RedirectURIs, w.redirect)
	w.tenant = emulator.New(o)
	w.gates = &gates{next: w.tenant}
	w.connections = &connections{}
	server := httptest.NewUnstartedServer(w.gates)
	server.Config.ConnState = w.connections.changed
	server.Start()
	t.Cleanup(server.Close)
	w.url = server.URL
	w.tenant.SetOrigin(w.url)
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "GOCOVERDIR=" + cmp.Or(countedIn(), os.Getenv("GOCOVERDIR")), "GORACE=" + raceless,
		"WFAUTH_TEST_WORLD=" + w.mark, "WFAUTH_REDIRECT_URI=" + w.redirect, "WFAUTH_CLIENT_ID=" + w.client().ID,
	}
	if session != nil {
		w.home = session.Getenv("HOME")
		w.env = append(w.env, session.Env...)
		return w
	}
	w.home = t.TempDir()
	w.env = append(w.env,
		"HOME="+w.home, "AppData="+w.home, "LocalAppData="+w.home, "XDG_RUNTIME_DIR="+w.home,
		"WFAUTH_STORAGE=file", "WFAUTH_PASSPHRASE=CANARY-passphrase")
	return w
}

func (w *world) client() emulator.Client    { return w.clientOf(emulator.SinglePage) }
func (w *world) webClient() emulator.Client { return w.clientOf(emulator.WebApplication) }

func (w *world) clientOf(kind string) emulator.Client {
	clients := w.tenant.Clients()
	return clients[slices.IndexFunc(clients, func(c emulator.Client) bool { return c.Type == kind })]
}

func (w *world) user() emulatorUser {
	u := w.tenant.Users()[0]
	return emulatorUser{u.Username, u.Password}
}

// firstLogin is the command that hints name where there is no profile yet.
func (w *world) firstLogin(flags ...string) string {
	return strings.Join(slices.Concat([]string{"wfauth login", w.url}, flags,
		[]string{"--client-id", w.client().ID, "--redirect-uri", w.redirect}), " ")
}

// with is the same world for processes with these variables besides.
func (w *world) with(env ...string) *world {
	other := *w
	other.env = append(slices.Clone(w.env), env...)
	return &other
}

func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.program, args...)
	cmd.Env, cmd.Dir = w.env, w.home
	cmd.WaitDelay = patience // a child that keeps our pipes would be waited for
	return cmd
}

func (w *world) start(args ...string) *process {
	w.t.Helper()
	p := &process{cmd: w.command(args...)}
	p.start(w.t)
	return p
}

// run runs one command to its end.
func (w *world) run(args ...string) *process {
	w.t.Helper()
	p := w.start(args...)
	p.wait()
	return p
}

// must runs a command that has to succeed, and returns its stdout.
func (w *world) must(args ...string) string {
	w.t.Helper()
	p := w.run(args...)
	if p.status != 0 {
		w.t.Fatalf("wfauth %s: exit status %d: %s", strings.Join(args, " "), p.status, p.stderr.String())
	}
	return p.stdout.String()
}

// authorizeURL is what a login prints alone on a line.
var authorizeURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^http\S+/integrations/oauth2/authorize\?\S+$`)
})

// startLogin starts a login and returns the URL that a browser has to open.
func (w *world) startLogin(args ...string) (p *process, url string) {
	w.t.Helper()
	p = w.start(append([]string{"login", w.url, "--no-browser"}, args...)...)
	return p, p.says(authorizeURL())
}

// login logs in as a person would, and allows it.
func (w *world) login(args ...string) {
	w.t.Helper()
	p, url := w.startLogin(args...)
	if err := playBrowser(w.t.Context(), url, w.user(), "allow"); err != nil {
		w.t.Fatal(err)
	}
	if p.wait() != 0 {
		w.t.Fatalf("login: exit status %d: %s", p.status, p.stderr.String())
	}
}

// loginAdobe logs in by a credential of Adobe's console.
func (w *world) loginAdobe() {
	w.t.Helper()
	c := w.clientOf(emulator.ServerToServer)
	w.with("WFAUTH_CLIENT_SECRET="+c.Secret).must("login", w.url, "--flow", "ims", "--ims-url", w.url, "--ims-org", c.Org, "--client-id", c.ID)
}

// inFull is the first number where WFAUTH_TEST_FULL is set, and else the second, for every day.
func inFull(full, small int) int {
	if inFullRun() {
		return full
	}
	return small
}

// countedIn is the folder for what worlds' programs count of their own statements, if .ci/run wants to know.
func countedIn() string { return os.Getenv("WFAUTH_TEST_COUNTED") }

// inFullRun says whether what takes minutes was asked for.
func inFullRun() bool { return os.Getenv("WFAUTH_TEST_FULL") != "" }

// required says whether WFAUTH_TEST_REQUIRE (a comma-separated list) names a part: its absence then fails a test.
func required(part string) bool {
	return slices.Contains(strings.Split(os.Getenv("WFAUTH_TEST_REQUIRE"), ","), part)
}

// lacking skips a test for want of a part of this machine, or fails it where that is required.
func lacking(t *testing.T, part, why string) {
	t.Helper()
	if required(part) {
		t.Fatalf("WFAUTH_TEST_REQUIRE asks for %s: %s", part, why)
	}
	t.Skip(why)
}

// eventually polls what no channel can tell.
func eventually(ctx context.Context, t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
