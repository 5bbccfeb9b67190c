package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sessionGuides are pages whose commands want a session and no login, with how many blocks of them there are at least.
func sessionGuides() map[string]int {
	return map[string]int{"objects.md": 12, "formats.md": 5, "bulk.md": 2, "events.md": 1, "documents.md": 2}
}

// loginGuides are those where one logs in.
func loginGuides() map[string]int {
	return map[string]int{"administrator.md": 6, "moving.md": 9, "cookbook.md": 6, "emulator.md": 2, "environment.md": 5}
}

// The commands of a guide, in its order, with a session of the emulator's. Each prints something, or writes the file that it names.
func TestGuides(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	wfauth := build(t, t.TempDir())
	for page, least := range sessionGuides() {
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

// The commands of pages where one logs in, and those of crontabs and units on them.
func TestLoginGuides(t *testing.T) {
	t.Parallel()
	wants(t, "bash", "curl", "python3")
	wfauth := build(t, t.TempDir())
	for page, least := range loginGuides() {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, wfauth)
			r.secrets(t)
			for _, script := range shellBlocks(t, filepath.Join("../docs", page), least) {
				if stdout, stderr := r.types(t, script); stdout+stderr == "" && !strings.Contains(script, " --out ") && !strings.Contains(script, " > ") {
					t.Errorf("%s printed nothing", script)
				}
			}
			for _, b := range blocks(string(must(os.ReadFile(filepath.Join("../docs", page))))) {
				if b.language == "crontab" || b.language == "ini" {
					r.asCron(t, b)
				}
			}
		})
	}
}

// asCron runs the lines of a crontab with the little that cron gives them, and the first command of a unit as systemd would.
func (r *reader) asCron(t *testing.T, b block) {
	t.Helper()
	path := filepath.SplitList(strings.TrimPrefix(r.env[0], "PATH="))[0]
	run := func(command string, env ...string) {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
		cmd.Dir, cmd.Env = r.home, append(env, "HOME="+r.home, "NO_PROXY=*")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v, %s", command, err, out)
		}
		file := regexp.MustCompile(`--out "?(?:\$HOME|%h)/([\w.]+)`).FindStringSubmatch(command)
		if file == nil {
			t.Fatalf("%s does not say where its answer goes", command)
		}
		if text, err := os.ReadFile(filepath.Join(r.home, file[1])); err != nil || !strings.Contains(string(text), ",") && !strings.Contains(command, " report ") { // of a month without hours
			t.Errorf("%s: %v, and %s holds %q", command, err, file[1], text)
		}
	}
	var env []string
	for line := range strings.Lines(b.text) {
		line = strings.TrimSpace(line)
		switch name, value, _ := strings.Cut(line, "="); {
		case name == "PATH":
			env = append(env, "PATH="+path+":"+value)
		case name == "Environment":
			env = append(env, strings.ReplaceAll(value, "%h", r.home))
		case name == "ExecStart":
			run(strings.NewReplacer("/usr/bin/", path+"/", "$$", "$", "%h", "$HOME").Replace(value), env...)
		case b.language == "crontab":
			run(regexp.MustCompile(`^(\S+ +){5}`).ReplaceAllString(line, ""), env...)
		}
	}
}
