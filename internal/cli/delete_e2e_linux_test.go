package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// At a terminal delete asks, by name, and anything but a yes leaves all as it was.
func TestTerminalDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.env = append(w.env, "WFAUTH_HOST="+w.url, "WFAUTH_SESSION_ID="+w.tenant.NewSession(""))
	id := strings.TrimSpace(w.must("proj", "create", "name=Road works", "--jq", ".ID"))
	host := strings.TrimPrefix(w.url, "http://")
	question := `Delete proj "Road works" (` + id + `) at ` + host + `? [y/N]`
	for _, c := range []struct {
		keys   string
		status int
		says   string
	}{
		{enter, 1, `wfauth: nothing was deleted`}, {"no" + enter, 1, `wfauth: nothing was deleted`}, {ctrlC, 130, `wfauth: interrupted`},
		{"y" + enter, 0, `\{"row":1,"ID":"` + id + `"\}`},
	} {
		m := w.atTerminal("proj", "delete", id)
		m.asked(question, c.keys)
		if m.wait() != c.status {
			t.Errorf("%q: exit status %d: %s", c.keys, m.status, m.stderr.String())
		}
		m.says(regexp.MustCompile(`(?m)^` + c.says))
	}
	if status := w.run("proj", "get", id).status; status != 3 {
		t.Errorf("it is still there: %d", status)
	}
}
