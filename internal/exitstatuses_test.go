package internal_test

import (
	"go/ast"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The statuses of docs/exit-statuses.md are those of the program, and each example ends with its own.
func TestExitStatuses(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	page, err := os.ReadFile("../docs/exit-statuses.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| (\\d) \\| .* \\| `([^`]*)`[^|]*\\|$")
	documented := map[int]string{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		status, _ := strconv.Atoi(m[1]) // a digit
		documented[status] = m[2]
	}
	if diff := cmp.Diff(statuses(parse(t, os.DirFS(".."))), slices.Sorted(maps.Keys(documented))); diff != "" {
		t.Errorf("docs/exit-statuses.md (- of the source, + of the page):\n%s", diff)
	}
	r := newReader(t, build(t, t.TempDir()))
	r.env = append(r.env, "WFAUTH_HOST="+r.tenant.URL, "WFAUTH_SESSION_ID="+r.tenant.SessionID)
	if out, _ := r.types(t, shellBlocks(t, "../docs/exit-statuses.md", 2)[1]); strings.TrimSpace(out) == "" {
		t.Error("the second script printed nothing")
	}
	id, _ := r.types(t, "wfauth proj search --limit 1 --quiet --jq '.[0].ID'")
	for status, example := range documented {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(example, "58d389be000000deb46805b72b41e3b4", strings.TrimSpace(id)))
		cmd.Dir, cmd.Env = r.home, append([]string{"HOME=" + r.home}, r.env...)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != status {
			t.Errorf("%s: exit status %d and not %d, %s", example, cmd.ProcessState.ExitCode(), status, out)
		}
	}
}

// statuses are the constants of internal/cli by which a command ends.
func statuses(p *project) (found []int) {
	for _, s := range p.in("internal/cli") {
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "exit") || len(spec.Values) != 1 {
				return true
			}
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.INT {
				status, _ := strconv.Atoi(value.Value) // the parser has checked it
				found = append(found, status)
			}
			return true
		})
	}
	slices.Sort(found)
	return found
}

// The script of the page does what it says at each status: with programs that end so in the place of wfauth, and one that takes the mail.
func TestExitStatusScript(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	script := shellBlocks(t, "../docs/exit-statuses.md", 2)[0]
	for status, want := range map[int]struct {
		status int
		said   string
	}{
		0: {0, "1\n"}, 1: {0, "cannot be reached"}, 2: {2, ""}, 3: {3, ""}, 4: {0, "mail: The job has to be logged in again"}, 5: {5, ""}, 143: {143, ""},
	} {
		folder := t.TempDir()
		for name, text := range map[string]string{
			"wfauth": "#!/bin/sh\necho a,b >new.csv\nexit " + strconv.Itoa(status) + "\n", "mail": "#!/bin/sh\nprintf 'mail: '\ncat\n",
		} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil { // a program
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-euc", script)
		cmd.Dir, cmd.Env = folder, []string{"PATH=" + folder + ":" + os.Getenv("PATH")}
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != want.status || !strings.Contains(string(out), want.said) {
			t.Errorf("at %d: exit status %d, %q", status, got, out)
		}
	}
}
