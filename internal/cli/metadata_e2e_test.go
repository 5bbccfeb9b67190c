package cli

import (
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// Processes that find no metadata, all at once, and refresh it under each other's eyes: each has the whole, and so has whoever comes then,
// without a request.
func TestMetadataByProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w = w.with("WFAUTH_HOST="+w.url, "WFAUTH_SESSION_ID="+w.tenant.NewSession(""))
	want := w.must("proj", "describe", "--jq", "length", "--refresh")
	var processes []*process
	for range 4 {
		processes = append(processes, w.start("proj", "describe", "--jq", "length", "--refresh"), w.start("proj", "describe", "--jq", "length"))
	}
	for _, p := range processes {
		if p.wait() != 0 || p.stdout.String() != want || p.stderr.String() != "" {
			t.Errorf("exit status %d, %q: %s", p.status, p.stdout.String(), p.stderr.String())
		}
	}
	before := w.tenant.Counts().API
	if p := w.run("proj", "search", "stauts=CUR"); p.status != 2 || !strings.Contains(p.stderr.String(), "nearest: status") {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
	if n := w.tenant.Counts().API - before; n != 0 {
		t.Errorf("%d requests for what is known", n)
	}
}
