package cli

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/network/porttest"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// within runs one command in a world of its own, in this process.
func within(t *testing.T, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Run(t.Context(), Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return env[name] },
	})
	return status, out.String(), errs.String()
}

// A company's own authority is trusted where WFAUTH_CA_CERT names it, and nowhere else; older TLS than 1.2 is not spoken.
func TestCompanyAuthority(t *testing.T) {
	t.Parallel()
	serve := func(newest uint16) (*httptest.Server, string) {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":{"count":7}}`)
		}))
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: newest}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		path := filepath.Join(t.TempDir(), "ca.pem")
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		if err := os.WriteFile(path, block, 0o600); err != nil {
			t.Fatal(err)
		}
		return server, path
	}
	server, ca := serve(tls.VersionTLS13)
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "CANARY-session"}
	if status, out, stderr := within(t, env, "api", "proj/count"); status != exitFailed || out != "" || !strings.Contains(stderr, "WFAUTH_CA_CERT") {
		t.Errorf("not trusted: status %d, %q, %q", status, out, stderr)
	}
	env["WFAUTH_CA_CERT"] = ca
	if status, out, stderr := within(t, env, "api", "proj/count"); status != exitDone || out != `{"data":{"count":7}}` {
		t.Errorf("trusted: status %d, %q, %q", status, out, stderr)
	}
	old, ca := serve(tls.VersionTLS11)
	env["WFAUTH_HOST"], env["WFAUTH_CA_CERT"] = old.URL, ca
	if status, out, stderr := within(t, env, "api", "proj/count", "-X", "POST"); status != exitFailed || out != "" {
		t.Errorf("TLS 1.1: status %d, %q, %q", status, out, stderr)
	}
	for name, path := range map[string]string{"no file": filepath.Join(t.TempDir(), "none"), "no certificate": filepath.Join("testdata", "script", "version.txtar")} {
		env["WFAUTH_CA_CERT"] = path
		if status, _, stderr := within(t, env, "api", "proj/count"); status != exitUsage || !strings.Contains(stderr, "WFAUTH_CA_CERT: ") {
			t.Errorf("%s: status %d, %q", name, status, stderr)
		}
	}
}

// doctor names each state of the keyring, with what to do.
func TestDoctorOnKeyrings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		session func(t *testing.T) *secrettest.Session
		verdict string
		words   string
	}{
		"fine":       {func(t *testing.T) *secrettest.Session { return secrettest.Keyring(t) }, "ok ", "the keyring takes a secret"},
		"absent":     {func(t *testing.T) *secrettest.Session { return secrettest.NoBus(t) }, "failed", "no session bus"},
		"no keyring": {func(t *testing.T) *secrettest.Session { return secrettest.Bus(t) }, "failed", "no keyring is running"},
		"silent":     {func(t *testing.T) *secrettest.Session { return secrettest.SilentBus(t) }, "failed", "no answer within 5s"},
		"locked": {func(t *testing.T) *secrettest.Session {
			s := secrettest.Keyring(t)
			s.Lock(t)
			return s
		}, "failed", "it is locked"},
		"frozen": {func(t *testing.T) *secrettest.Session {
			s := secrettest.Keyring(t)
			s.Freeze(t)
			return s
		}, "failed", "no answer within 5s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := c.session(t)
			home := t.TempDir()
			env := map[string]string{"HOME": home, "WFAUTH_REDIRECT_URI": "http://127.0.0.1:" + porttest.Free(t) + "/callback"}
			for _, pair := range session.Env {
				key, value, _ := strings.Cut(pair, "=")
				env[key] = value
			}
			status, out, stderr := within(t, env, "doctor")
			_, line, _ := strings.Cut(out, "\n")
			for line != "" && !strings.Contains(strings.SplitN(line, "\n", 2)[0], " store ") {
				_, line, _ = strings.Cut(line, "\n")
			}
			line, rest, _ := strings.Cut(line, "\n")
			if !strings.HasPrefix(line, c.verdict) || !strings.Contains(line, c.words) || stderr != "" {
				t.Errorf("status %d, %q, stderr %q", status, out, stderr)
			}
			if wrong := c.verdict == "failed"; (status == exitFailed) != wrong || wrong != strings.HasPrefix(strings.TrimSpace(rest), "→ ") {
				t.Errorf("status %d, then %q", status, rest)
			}
		})
	}
}
