package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// The programs of docs/emulator.md, each under the name that the page gives it, with wfauth on PATH. TestLoginGuides runs its commands.
func TestEmulatorGuide(t *testing.T) {
	t.Parallel()
	wfauth := build(t, t.TempDir())
	text := string(must(os.ReadFile("../docs/emulator.md")))
	for language, program := range map[string]struct {
		file    string
		command []string
		says    string // when its one test has passed
	}{
		"go":     {"tenant_test.go", []string{"go", "test", "-count=1", "-v", "tenant_test.go"}, "--- PASS: TestCount"},
		"python": {"test_tenant.py", []string{"python3", "-m", "unittest"}, "Ran 1 test"},
		"js":     {"tenant.test.mjs", []string{"node", "--test"}, "# pass 1"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			wants(t, program.command[0])
			work, found := t.TempDir(), 0
			for _, b := range blocks(text) {
				if b.language == language {
					found++
					if err := os.WriteFile(filepath.Join(work, program.file), []byte(b.text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if found != 1 || !strings.Contains(text, "as `"+program.file+"`") {
				t.Fatalf("%d programs, for %s", found, program.file)
			}
			cmd := exec.CommandContext(t.Context(), program.command[0], program.command[1:]...)
			cmd.Dir = work
			cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(wfauth)+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_PROXY=*", "NODE_OPTIONS=--test-reporter=tap")
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), program.says) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// The page's table has the faults that there are, and no other.
func TestEmulatorGuideFaults(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(string(must(os.ReadFile("../docs/emulator.md"))), "\n## Faults\n")
	table, _, _ = strings.Cut(table, "\n## ")
	listed := 0
	for line := range strings.Lines(table) {
		name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` |")
		if !ok || !strings.HasPrefix(line, "| `") {
			continue
		}
		listed++
		if _, err := emulator.ParseRule(name); err != nil || !strings.Contains(emulator.RuleForms, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forms, _, _ := strings.Cut(emulator.RuleForms, ", and after it")
	if there := len(strings.Split(strings.ReplaceAll(forms, " or ", ", "), ", ")); listed != there {
		t.Errorf("%d faults are listed, of %d", listed, there)
	}
}
