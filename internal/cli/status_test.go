package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/terminal"
)

// A table where it fits; elsewhere a few lines for each profile, that fit on 40 columns.
func TestStatusFits(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	rows := []profileStatus{
		{Profile: "acme", Default: true, Host: "https://acme.my.workfront.com", Flow: "pkce", Storage: "keyring", State: auth.StateValid, ExpiresAt: &until, User: "Ann Müller"},
		{Profile: "acme-preview", Host: "https://acme.preview.workfront.com", Flow: "jwt", Storage: "file", State: auth.StateNone},
	}
	for width, wantTable := range map[int]bool{0: true, 40: false, 60: false, 80: false, 200: true} {
		var out bytes.Buffer
		a := &app{env: Env{Stdout: &out, Terminal: terminal.Streams{Out: width > 0, Width: func() int { return width }}}}
		if err := a.printStatuses(rows, false); err != nil {
			t.Fatal(err)
		}
		if table := strings.Contains(out.String(), "PROFILE"); table != wantTable || width > 0 && widest(out.String()) > width {
			t.Errorf("width %d:\n%s", width, out.String())
		}
		for _, want := range []string{"* ", "acme-preview", "https://acme.preview.workfront.com", "Ann Müller", "valid", "none"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("width %d: %q is missing in\n%s", width, want, out.String())
			}
		}
	}
}
