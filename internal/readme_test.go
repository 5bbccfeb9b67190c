package internal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The README's commands, in its order. A block under a comment that says "not run" is left out.
func TestREADME(t *testing.T) {
	t.Parallel()
	wants(t, "bash", "curl")
	r := newReader(t, build(t, t.TempDir()))
	r.secrets(t)
	for _, script := range shellBlocks(t, "../README.md", 6) {
		if stdout, stderr := r.types(t, script); stdout+stderr == "" {
			t.Errorf("no output\n%s", script)
		}
	}
	tasks, err := os.ReadFile(filepath.Join(r.home, "tasks.csv"))
	if err != nil || !strings.HasPrefix(string(tasks), "ID,name,project:name\r\n") || strings.Count(string(tasks), "\n") < 1000 {
		t.Errorf("tasks.csv is not the whole list: %d bytes, %v", len(tasks), err)
	}
}
