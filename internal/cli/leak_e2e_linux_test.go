package cli

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// recorder is a folder with a stand-in for the desktop's opener, which writes down its arguments and its environment, and
// chatters.
func recorder(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	script := "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho chatter\necho chatter >&2\nenv > env.$$\nprintf '%s\\n' \"$@\" > argv.$$\nmv argv.$$ argv-$$\n"
	if err := os.WriteFile(filepath.Join(folder, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A leakHunt runs commands against an echo, and looks at all that they leave.
type leakHunt struct {
	*world
	tenant *echo
	opener string // the recorder's folder
	logins int    // for which it was called
}

// No command, whether it succeeds or not, lets a secret out of the store: not even to say what a server has said. But for
// the sessionID that token is there to hand out, and for the body that api prints as it came.
func TestLeaks(t *testing.T) {
	t.Parallel()
	h := &leakHunt{tenant: &echo{given: map[string]string{}}, opener: recorder(t)}
	w := newWorld(t, emulator.Options{}, nil)
	w.gates.before(h.tenant)
	temporary := t.TempDir()
	h.world = w.with("PATH="+h.opener+string(os.PathListSeparator)+os.Getenv("PATH"), "TMPDIR="+temporary, "WFAUTH_DEBUG=1",
		"WFAUTH_PASSPHRASE="+h.tenant.secret("passphrase"), "WFAUTH_CLIENT_SECRET="+h.tenant.secret("client secret"),
		"WFAUTH_IMS_ORG="+h.tenant.secret("organisation"))
	machine := []string{"login", w.url, "--profile", "machine", "--flow", "jwt", "--customer-id", "c", "--user-id", "u", "--key", keyFile(t, h.tenant)}

	adobe := []string{"login", w.url, "--profile", "adobe", "--flow", "ims", "--ims-url", w.url} // its organisation is in the environment

	h.browserLogin(0)
	h.hunt(false, machine, adobe, []string{"api", "proj/count", "-i", "--silent"}, []string{"status", "--check"}, []string{"doctor"}, []string{"exec", "--", "true"})
	h.hunt(false, []string{"api", "proj/count", "-i", "--profile", "adobe"}, []string{"doctor", "--profile", "adobe"}, []string{"exec", "--profile", "adobe", "--", "true"})
	h.hunt(true, []string{"token", "--refresh"}, []string{"token", "--profile", "machine", "--refresh"}, []string{"token", "--profile", "adobe", "--refresh"})
	h.hunt(false, []string{"unlock", "--all", "--for", "1m"}, []string{"lock", "--all"}, []string{"passwd"})
	forms := []struct {
		form   string
		status int // of a login
		logout bool
	}{{"RFC 6749", 4, false}, {"HTML", 1, true}, {"redirect", 1, false}, {"Workfront", 4, true}, {"API", 4, false}, {"200", 4, false}, {"text", 4, false}}
	for _, c := range forms[:inFull(len(forms), 3)] {
		h.tenant.refuse(c.form)
		h.browserLogin(c.status)
		h.hunt(false, machine, adobe, []string{"token", "--refresh"}, []string{"status", "--check"}, []string{"doctor"}, []string{"exec", "--", "true"})
		h.hunt(false, []string{"token", "--refresh", "--profile", "adobe"}, []string{"doctor", "--profile", "adobe"})
		h.hunt(true, []string{"api", "proj/search", "--profile", "adobe"}, []string{"api", "proj/search"}, []string{"api", "proj", "-X", "POST", "-f", "name=x"}, []string{"api", "proj/search", "--paginate"})
		if c.logout {
			h.hunt(false, []string{"logout"}, []string{"logout", "--profile", "adobe"})
			h.tenant.refuse("")
			h.browserLogin(0)
		}
	}
	wrong := *h
	wrong.world = h.with("WFAUTH_PASSPHRASE=" + h.tenant.secret("wrong passphrase"))
	wrong.hunt(false, []string{"unlock"}, []string{"passwd"}, []string{"token"}, []string{"status"}, []string{"doctor"}, []string{"logout"}, []string{"api", "proj/search"})

	alone := *h
	alone.world = h.with("WFAUTH_FLOW=ims", "WFAUTH_HOST="+w.url, "WFAUTH_IMS_URL="+w.url)
	for _, form := range []string{"", "RFC 6749", "API"} {
		h.tenant.refuse(form)
		alone.hunt(true, []string{"api", "proj/count"})
		alone.hunt(false, []string{"doctor"}, []string{"status"}, []string{"exec", "--", "true"})
	}

	for folder, what := range map[string]string{w.home: "home", temporary: "temporary", h.opener: "the opener's arguments and environment"} {
		h.inFiles(folder, what)
	}
}

// hunt runs commands at once; the stdout of each may be the answer that is meant to hold a secret.
func (h *leakHunt) hunt(answers bool, commands ...[]string) {
	h.t.Helper()
	processes := make([]*process, len(commands))
	for i, args := range commands {
		processes[i] = h.start(args...)
	}
	for _, p := range processes {
		p.wait()
		h.in(p.stderr.String(), p.cmd.Args[1]+": stderr")
		if !answers {
			h.in(p.stdout.String(), p.cmd.Args[1]+": stdout")
		}
	}
}

// in looks for every secret in a text.
func (h *leakHunt) in(text, where string) {
	h.t.Helper()
	if name, piece := h.tenant.found(text); name != "" {
		before, after, _ := strings.Cut(text, piece)
		h.t.Errorf("%s holds the %s: …%s%s%s…", where, name, before[max(0, len(before)-200):], piece, after[:min(60, len(after))])
	}
}

func (h *leakHunt) inFiles(folder, what string) {
	h.t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if entry.Name() == "config.yaml" { // the organisation is a setting
			text = regexp.MustCompile(`(?m)^ *ims_org:.*$`).ReplaceAll(text, nil)
		}
		h.in(string(text), what+": "+entry.Name())
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// browserLogin opens the browser that only writes down what it was called with, and brings a code to the redirect URL.
func (h *leakHunt) browserLogin(status int) {
	h.t.Helper()
	p := h.start("login", h.url)
	shown := p.says(authorizeURL())
	address, err := url.Parse(shown)
	if err != nil {
		h.t.Fatal(err)
	}
	h.tenant.learn("state", address.Query().Get("state"))
	h.logins++
	eventually(h.t.Context(), h.t, "the browser is opened", func() bool {
		calls, err := filepath.Glob(filepath.Join(h.opener, "argv-*"))
		return err == nil && len(calls) == h.logins
	})
	answer := url.Values{"code": {h.tenant.secret("code")}, "state": {address.Query().Get("state")}}
	resp, err := demoClient().Get(h.redirect + "?" + answer.Encode())
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if p.wait() != status {
		h.t.Errorf("login: exit status %d, not %d: %s", p.status, status, p.stderr.String())
	}
	if out := p.stdout.String(); out != "" {
		h.t.Errorf("login: stdout has %q", out)
	}
	h.in(strings.Replace(p.stderr.String(), shown, "", 1), "login: stderr, but for the address that is shown")
	h.in(string(page), "login: the page")
}

func keyFile(t *testing.T, tenant *echo) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for line := range strings.SplitSeq(string(text), "\n") {
		if !strings.HasPrefix(line, "-") {
			tenant.learn("line of the key", line)
		}
	}
	path := filepath.Join(t.TempDir(), "private.key")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
