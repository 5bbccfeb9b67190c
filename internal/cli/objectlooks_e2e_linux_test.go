package cli

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/wfauth/wfauth/internal/emulator"
)

// Tables and charts at a terminal are as wide as it is, or less; in a pipe they are plain text.
func TestObjectsAtTerminals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{Projects: 40}, nil)
	w.env = append(w.env, "WFAUTH_HOST="+w.url, "WFAUTH_SESSION_ID="+w.tenant.NewSession(""), "TERM=xterm")
	colors := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	commands := map[string]string{
		"table":       "proj search status=CUR --fields name,owner:name,plannedCompletionDate,percentComplete,description",
		"all fields":  "task search --limit 20",
		"one chart":   "hour report --group-by project:name --agg sum:hours -o chart",
		"two charts":  "task report --group-by project:owner:name,status --agg count:ID,avg:percentComplete -o chart",
		"description": "proj describe",
		"objects":     "objects",
		"report":      "hour report --group-by project:name --agg sum:hours",
	}
	for _, columns := range []int{40, 60, 120} {
		for name, line := range commands {
			t.Run(name+" "+strconv.Itoa(columns), func(t *testing.T) {
				t.Parallel()
				at := w.with()
				at.t, at.columns = t, uint16(columns)
				p := at.atTerminal(append(strings.Fields(line), "--quiet")...)
				if status := p.wait(); status != 0 {
					t.Fatalf("exit status %d: %s", status, p.stderr.String())
				}
				<-p.shown
				screen := p.stderr.String()
				if strings.Contains(line, "chart") != colors.MatchString(screen) {
					t.Errorf("colours: %q", screen)
				}
				screen = colors.ReplaceAllString(screen, "")
				if strings.Contains(screen, "\x1b") || strings.Contains(screen, `\u001b`) || strings.HasPrefix(screen, "[") {
					t.Errorf("%q", screen)
				}
				for row := range strings.Lines(screen) {
					if width := uniseg.StringWidth(strings.TrimSuffix(row, "\n")); width > columns {
						t.Errorf("%d columns: %s", width, row)
					}
				}
			})
		}
	}
	chart := strings.Fields(commands["one chart"])
	plain := w.must(chart...)
	if strings.Contains(plain, "\x1b") || !strings.Contains(plain, "█") {
		t.Errorf("in a pipe: %q", plain)
	}
	for _, unwanted := range []string{"NO_COLOR=1", "TERM=dumb"} {
		p := w.with(unwanted).atTerminal(chart...)
		if p.wait(); strings.Contains(p.stderr.String(), "\x1b") {
			t.Errorf("%s: %q", unwanted, p.stderr.String())
		}
	}
}
