package cli

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// An echo is a tenant that gives sessions, and in its refusals says back whatever it was sent, in many forms.
type echo struct {
	mu       sync.Mutex
	refusing string            // "" grants; else the form of the refusals
	given    map[string]string // by the name of each secret, a piece of it that no encoding changes
}

func (e *echo) refuse(form string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusing = form
}

// secret makes one with what encodings change, and remembers it.
func (e *echo) secret(name string) string {
	piece := rand.Text()
	e.learn(name, piece)
	return "CANARY/" + name + "+%&" + piece
}

// learn remembers a secret that consists of letters and digits. Half of its end is looked for: a message may be cut.
func (e *echo) learn(name, value string) {
	if len(value) < 20 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.given[fmt.Sprintf("%s %d", name, len(e.given))] = value[len(value)-20 : len(value)-10]
}

// found names a secret of which there is a piece in a text.
func (e *echo) found(text string) (name, piece string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, piece := range e.given {
		if strings.Contains(text, piece) {
			return name, piece
		}
	}
	return "", ""
}

// said is a value in the ways in which a server may say it back.
func said(value string) string {
	return strings.Join([]string{value, html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value)}, " ")
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	for _, name := range [...]string{"code_verifier", "jwt_token"} {
		e.learn(name, form.Get(name))
	}
	e.mu.Lock()
	refusing := e.refusing
	e.mu.Unlock()
	if refusing != "" {
		e.sayBack(w, r, refusing, string(body), form)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/revoke"):
		fmt.Fprint(w, "{}")
	case strings.HasPrefix(r.URL.Path, "/integrations/"):
		answer := map[string]any{"token_type": "sessionID", "access_token": e.secret("session"), "expires_in": 3600}
		if form.Get("grant_type") != "" {
			answer["refresh_token"] = e.secret("refresh token")
		}
		_ = json.NewEncoder(w).Encode(answer)
	default:
		http.SetCookie(w, &http.Cookie{Name: "attask", Value: url.QueryEscape(r.Header.Get("sessionID"))})
		w.Header().Set("sessionID", r.Header.Get("sessionID"))
		fmt.Fprint(w, `{"data":{"count":1}}`)
	}
}

// sayBack refuses with all that came, in the form that is asked for.
func (e *echo) sayBack(w http.ResponseWriter, r *http.Request, as, body string, form url.Values) {
	plain := r.Header.Get("sessionID")
	text := r.URL.String() + " " + body + " " + said(plain)
	for _, values := range form {
		plain += " " + values[0]
		text += " " + said(values[0])
	}
	w.Header().Set("Content-Type", "application/json")
	var refusal any
	status := http.StatusBadRequest
	switch as {
	case "RFC 6749":
		refusal = map[string]any{"error": "invalid_grant", "error_description": text}
	case "Workfront":
		refusal = map[string]any{"statusCode": 400, "error": true, "type": "bad request", "message": text}
	case "API":
		refusal = map[string]any{"error": map[string]any{"message": text, "class": text}}
	case "200":
		status, refusal = http.StatusOK, map[string]any{"error": map[string]any{"message": text}}
	case "HTML":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "<html><title>%s</title><body>%s</body></html>", text, text)
		return
	case "text":
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, text)
		return
	case "redirect":
		w.Header().Set("Location", "/elsewhere?"+url.Values{"all": {plain}}.Encode())
		w.WriteHeader(http.StatusFound)
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(refusal)
}

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
		"WFAUTH_PASSPHRASE="+h.tenant.secret("passphrase"), "WFAUTH_CLIENT_SECRET="+h.tenant.secret("client secret"))
	machine := []string{"login", w.url, "--profile", "machine", "--flow", "jwt", "--customer-id", "c", "--user-id", "u", "--key", keyFile(t, h.tenant)}

	h.browserLogin(0)
	h.hunt(false, machine, []string{"api", "proj/count", "-i", "--silent"}, []string{"status", "--check"}, []string{"doctor"}, []string{"exec", "--", "true"})
	h.hunt(true, []string{"token", "--refresh"}, []string{"token", "--profile", "machine", "--refresh"})
	forms := []struct {
		form   string
		status int // of a login
		logout bool
	}{{"RFC 6749", 4, false}, {"HTML", 1, true}, {"redirect", 1, false}, {"Workfront", 4, true}, {"API", 4, false}, {"200", 4, false}, {"text", 4, false}}
	for _, c := range forms[:inFull(len(forms), 3)] {
		h.tenant.refuse(c.form)
		h.browserLogin(c.status)
		h.hunt(false, machine, []string{"token", "--refresh"}, []string{"status", "--check"}, []string{"doctor"}, []string{"exec", "--", "true"})
		h.hunt(true, []string{"api", "proj/search"}, []string{"api", "proj", "-X", "POST", "-f", "name=x"}, []string{"api", "proj/search", "--paginate"})
		if c.logout {
			h.hunt(false, []string{"logout"})
			h.tenant.refuse("")
			h.browserLogin(0)
		}
	}
	wrong := *h
	wrong.world = h.with("WFAUTH_PASSPHRASE=" + h.tenant.secret("wrong passphrase"))
	wrong.hunt(false, []string{"token"}, []string{"status"}, []string{"doctor"}, []string{"logout"}, []string{"api", "proj/search"})

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
