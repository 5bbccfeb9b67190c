package cli

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// standardServer starts oidc-provider, installed in a folder, on the paths of a tenant, in the place of the world's own.
func (w *world) standardServer(folder, secret string) *world {
	w.t.Helper()
	cmd := exec.Command("node", "script.mjs", w.redirect, secret)
	cmd.Dir = folder
	alive, err := cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	var log transcript
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		alive.Close()
		_ = cmd.Wait() // says nothing that the test has not seen
		if w.t.Failed() {
			w.t.Logf("the server's log: %s", log.String())
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		w.t.Fatalf("the server does not start: %v: %s", err, log.String())
	}
	other := *w
	other.url = strings.TrimSpace(line)
	return &other
}

// allow plays the browser at the server's pages for developers, which take any name and password.
func (w *world) allow(address string) {
	w.t.Helper()
	client := demoClient()
	client.Jar, _ = cookiejar.New(nil) // never fails without a suffix list
	action := regexp.MustCompile(`action="([^"]+)" method="post"`)
	page, _, err := demoPage(w.t.Context(), client, http.MethodGet, address, nil)
	for _, form := range []url.Values{
		{"prompt": {"login"}, "login": {"ann"}, "password": {"any"}},
		{"prompt": {"consent"}},
	} {
		if err != nil {
			w.t.Fatal(err)
		}
		found := action.FindStringSubmatch(page)
		if found == nil {
			w.t.Fatalf("the server's page has no form: %s", page)
		}
		page, _, err = demoPage(w.t.Context(), client, http.MethodPost, found[1], form)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// A server by other hands, which knows nothing of Workfront: logins with and without a secret, refresh tokens that are good
// once, and a login that ends when one comes twice.
func TestStandardServer(t *testing.T) {
	t.Parallel()
	folder := nodeModules(t, filepath.Join("testdata", "standardserver"))
	for _, c := range []struct{ client, secret, flow string }{
		{"public", "", "pkce"},
		{"confidential", "CANARY-of-the-application", "code"},
	} {
		t.Run(c.client, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Options{}, nil).standardServer(folder, "CANARY-of-the-application").
				with("WFAUTH_CLIENT_ID="+c.client, "WFAUTH_CLIENT_SECRET="+c.secret)
			login := func() {
				t.Helper()
				p, address := w.startLogin()
				w.allow(address)
				if p.wait() != 0 {
					t.Fatalf("login: exit status %d: %s", p.status, p.stderr.String())
				}
			}
			login()
			if status := w.must("status", "--json"); !strings.Contains(status, fmt.Sprintf(`"flow":%q`, c.flow)) {
				t.Errorf("the flow is not %s: %s", c.flow, status)
			}
			sealed, err := filepath.Glob(filepath.Join(w.home, ".config", "wfauth", "sealed", "*.age"))
			if err != nil || len(sealed) != 1 {
				t.Fatalf("%q is not one sealed file: %v", sealed, err)
			}
			spent, err := os.ReadFile(sealed[0])
			if err != nil {
				t.Fatal(err)
			}

			seen := map[string]bool{w.must("token"): true}
			for range 3 {
				seen[w.must("token", "--refresh")] = true
			}
			var group sync.WaitGroup
			for range 8 {
				p := w.start("token", "--refresh")
				group.Go(func() { <-p.ended })
				t.Cleanup(func() {
					if p.status != 0 {
						t.Errorf("of several refreshes at once, one failed with %d: %s", p.status, p.stderr.String())
					}
				})
			}
			group.Wait()
			seen[w.must("token")] = true
			if len(seen) != 5 {
				t.Errorf("there were %d sessions, not 5", len(seen))
			}

			// The store of long ago comes back, as from a backup: its refresh token is refused, and the login with it.
			if err := os.WriteFile(sealed[0], spent, 0o600); err != nil {
				t.Fatal(err)
			}
			refused := w.run("token", "--refresh")
			if refused.status != 4 || !strings.Contains(refused.stderr.String(), "Workfront refused to refresh the session: invalid_grant") ||
				!strings.HasSuffix(refused.stderr.String(), "\n  hint: wfauth login\n") {
				t.Errorf("a spent refresh token: exit status %d: %s", refused.status, refused.stderr.String())
			}
			login()
			w.must("token", "--refresh")
			w.must("logout")
			if p := w.run("token"); p.status != 4 {
				t.Errorf("after logout: exit status %d: %s", p.status, p.stderr.String())
			}
		})
	}
}
