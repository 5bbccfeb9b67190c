package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What pages show of a console, wfauth says there, letter by letter.
func TestConsoles(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	wfauth := build(t, t.TempDir())
	r := newReader(t, wfauth)
	r.env = append(r.env, "WFAUTH_HOST="+r.tenant.URL, "WFAUTH_SESSION_ID="+r.tenant.SessionID)
	for _, object := range [...]string{"proj", "task"} { // what is known of them is there then
		r.types(t, "wfauth "+object+" describe")
	}
	shown := 0
	pages(&project{fsys: os.DirFS("..")}, func(page, text string) {
		for _, b := range blocks(text) {
			if b.language != "console" {
				continue
			}
			for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
				command, want, _ := strings.Cut(part+"\n", "\n")
				cmd := exec.CommandContext(t.Context(), "bash", "-c", command)
				cmd.Dir, cmd.Env = r.home, append([]string{"HOME=" + r.home}, r.env...)
				var messages strings.Builder
				cmd.Stderr = &messages
				_ = cmd.Run() // may be wrong
				if got := messages.String(); strings.TrimSpace(got) != strings.TrimSpace(want) {
					t.Errorf("%s: %s says\n%sand not\n%s", page, command, got, want)
				}
				shown++
			}
		}
	})
	if shown < 3 {
		t.Errorf("only %d commands on consoles are found", shown)
	}
}

// The commands of PowerShell blocks, as a program gets them: single quotes are the shell's here, too, and 5.1 takes the backslash away
// before a double quote.
func TestPowerShellCommands(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	wfauth := build(t, t.TempDir())
	ran := 0
	for _, page := range [...]string{"cookbook.md", "exit-statuses.md", "moving.md"} {
		r := newReader(t, wfauth)
		r.secrets(t)
		for _, b := range blocks(string(must(os.ReadFile(filepath.Join("../docs", page))))) {
			if b.language != "powershell" {
				continue
			}
			if !strings.Contains(b.text, "wfauth login") {
				r.env = append(r.env, "WFAUTH_HOST="+r.tenant.URL, "WFAUTH_SESSION_ID="+r.tenant.SessionID)
				r.types(t, "wfauth task search --limit 2 --fields ID,name -o csv --out rows.csv") // as Export-Csv would make it
			}
			for line := range strings.Lines(b.text) {
				command := powerShellCommand(line)
				if command == "" {
					continue
				}
				ran++
				if stdout, stderr := r.types(t, command); stdout+stderr == "" && !strings.Contains(command, "--out ") {
					t.Errorf("%s: %s printed nothing", page, command)
				}
			}
		}
	}
	if ran < 9 {
		t.Errorf("only %d commands are found", ran)
	}
}

// powerShellCommand is what a line runs of wfauth, for bash.
func powerShellCommand(line string) string {
	before, rest, found := strings.Cut(line, "wfauth ")
	if !found || strings.HasPrefix(line, "#") || strings.Count(before, "'")%2 == 1 { // a comment, or a text
		return ""
	}
	quoted := false
	end := strings.IndexFunc(rest, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return !quoted && strings.ContainsRune("|#)\n", r)
	})
	command := "wfauth " + strings.TrimSpace(strings.ReplaceAll(rest[:end], `\"`, `"`))
	if file, piped := strings.CutPrefix(before, "Get-Content "); piped {
		command += " < " + strings.TrimSuffix(file, " | ")
	}
	return command
}
