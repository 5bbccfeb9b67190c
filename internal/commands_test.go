package internal_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/cli"
)

// Every command has an example in its help, and a script that runs it. Of the objects one stands for all.
func TestCommands(t *testing.T) {
	t.Parallel()
	scripts := readScripts(t)
	commands := ownCommands(cli.Tree("proj"))
	for _, cmd := range ownCommands(cli.Tree("docu")) {
		if name := cmd.CommandPath(); name == "wfauth docu upload" || name == "wfauth docu download" { // which no other has
			commands = append(commands, cmd)
		}
	}
	if len(commands) < 10 {
		t.Fatalf("only %d commands found", len(commands))
	}
	for _, cmd := range commands {
		for _, problem := range commandProblems(cmd, scripts) {
			t.Error(problem)
		}
	}
	bare := &cobra.Command{Use: "bare"}
	(&cobra.Command{Use: "wfauth"}).AddCommand(bare)
	if found := commandProblems(bare, scripts); len(found) != 2 {
		t.Errorf("a command with neither example nor script has the problems %q", found)
	}
}

func commandProblems(cmd *cobra.Command, scripts string) (found []string) {
	if cmd.Example == "" {
		found = append(found, cmd.CommandPath()+" has no example")
	}
	run := regexp.MustCompile(`(?m)^!? ?(exec|exits \d+) wfauth( --\S+( \S+)?)* ` + regexp.QuoteMeta(strings.TrimPrefix(cmd.CommandPath(), "wfauth ")) + `( |$)`)
	if !run.MatchString(scripts) {
		found = append(found, cmd.CommandPath()+" is run by no script")
	}
	return found
}

// ownCommands are those that do something; completion's children are cobra's.
func ownCommands(parent *cobra.Command) (commands []*cobra.Command) {
	for _, cmd := range parent.Commands() {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		if cmd.Runnable() {
			commands = append(commands, cmd)
		}
		commands = append(commands, ownCommands(cmd)...)
	}
	return commands
}

func readScripts(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("cli/testdata/script/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var all bytes.Buffer
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// The linker has left out the engines of template packages, which some library imports, and everything for tests.
func TestBinary(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "tool", "nm", build(t, t.TempDir())).Output()
	if err != nil {
		t.Fatal(err)
	}
	symbols := string(out)
	for name, why := range map[string]string{
		" text/template.(*state)": "the engine that both template packages run on: cobra's Set…Template functions link it",
		" golang.org/x/oauth2":    "decision 0001",
		" testing.":               "a test package",
		" net/http/httptest.":     "a test package",
	} {
		if strings.Contains(symbols, name) {
			t.Errorf("the binary has%s: %s", name, why)
		}
	}
	if !strings.Contains(symbols, " github.com/spf13/cobra.(*Command).AddCommand") {
		t.Error("the list of symbols does not show what is surely there")
	}
}
