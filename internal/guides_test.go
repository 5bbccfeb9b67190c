package internal_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The commands of a guide, in its order, with a session of the emulator's. Each prints something, or writes the file that it names.
func TestGuides(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	wfauth := build(t, t.TempDir())
	for page, least := range map[string]int{"objects.md": 12, "bulk.md": 2, "events.md": 1, "documents.md": 2} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, wfauth)
			r.env = append(r.env, "WFAUTH_HOST="+r.tenant.URL, "WFAUTH_SESSION_ID="+r.tenant.SessionID, "WFAUTH_EVENT_TOKEN=CANARY-event-token")
			id, _ := r.types(t, "wfauth proj search --limit 1 --quiet --jq '.[0].ID'")
			for _, script := range shellBlocks(t, filepath.Join("../docs", page), least) {
				for _, line := range commands(script) {
					stdout, _ := r.types(t, strings.ReplaceAll(line, "58d389be000000deb46805b72b41e3b4", strings.TrimSpace(id)))
					out := strings.TrimSpace(stdout)
					saves := strings.Contains(line, "--out ") && !strings.Contains(line, "docu download") // which says where
					if nothing := out == "" || out == "[]"; nothing != (strings.Contains(line, " >") || saves) {
						t.Errorf("%s printed %q", line, out)
					}
				}
			}
		})
	}
}

// Getting started, one line after the other as a person types them, from an empty home to one that holds what the page says.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	wants(t, "bash", "curl")
	r := newReader(t, build(t, t.TempDir()))
	prints := map[string]string{ // what a line that begins so has to print
		"wfauth version": "wfauth ", "wfauth login": "logged in", "wfauth status": "valid", "wfauth proj": `"name"`, "wfauth task describe": "plannedCompletionDate",
		"./late.sh": " tasks are late\n", "head": "ID,name,project:name,plannedCompletionDate\r\n", "wfauth token": `"count"`, "wfauth exec": "/attask/api/v22.0\n",
		"wfauth logout": "settings",
	}
	for _, script := range shellBlocks(t, "../docs/getting-started.md", 8) {
		for _, line := range commands(script) {
			stdout, stderr := r.types(t, line)
			for begin, want := range prints {
				if strings.HasPrefix(line, begin) {
					delete(prints, begin)
					if !strings.Contains(stdout+stderr, want) {
						t.Errorf("%s printed %q and not %q", line, stdout+stderr, want)
					}
				}
			}
		}
	}
	if len(prints) > 0 {
		t.Errorf("the page has no line that begins with any of %q", prints)
	}
}

// The commands of pages where one logs in.
func TestLoginGuides(t *testing.T) {
	t.Parallel()
	wants(t, "bash", "curl", "python3")
	wfauth := build(t, t.TempDir())
	for page, least := range map[string]int{"administrator.md": 6, "moving.md": 9, "emulator.md": 1} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, wfauth)
			r.secrets(t)
			for _, script := range shellBlocks(t, filepath.Join("../docs", page), least) {
				if stdout, stderr := r.types(t, script); stdout+stderr == "" && !strings.Contains(script, " --out ") && !strings.Contains(script, " > ") {
					t.Errorf("%s printed nothing", script)
				}
			}
		})
	}
}
