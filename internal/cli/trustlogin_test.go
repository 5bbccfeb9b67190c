package cli

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/network/porttest"
	"github.com/wfauth/wfauth/internal/secrets"
)

// Behind a front that inspects TLS a login says so at once, with what to do, and nobody signs in for nothing.
func TestUntrustedFrontIsSaidBeforeTheBrowser(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	home := t.TempDir()
	var stderr strings.Builder
	status := Run(t.Context(), Env{
		Args: []string{"login", server.URL, "--client-id", "app1", "--redirect-uri", "http://127.0.0.1:" + porttest.Free(t) + "/callback"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &stderr,
		Getenv: func(name string) string {
			return map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "c")}[name]
		},
		OpenURL: func(string) error { t.Error("the browser was opened"); return nil },
		Store:   secrets.OpenMemory(),
	})
	text := stderr.String()
	if status != exitFailed || !strings.Contains(text, "WFAUTH_CA_CERT") || strings.Contains(text, "authorize") || strings.Contains(text, "hint: wfauth login") {
		t.Errorf("status %d, %s", status, text)
	}
}
