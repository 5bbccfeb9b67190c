package internal_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What CONTRIBUTING.md and the workflows tell people and machines to run is there: packages, tests, scripts and their parts,
// tools in the versions of .ci, variables. It is not run here, for most of it runs the tests.
func TestContributing(t *testing.T) {
	t.Parallel()
	ours := parse(t, os.DirFS(".."))
	names := []string{"CONTRIBUTING.md"}
	workflows, err := fs.Glob(ours.fsys, ".github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatal(workflows, err)
	}
	commands := 0
	for _, name := range append(names, workflows...) {
		text, err := fs.ReadFile(ours.fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range toolCommands(string(text)) {
			commands++
			for _, problem := range toolProblems(ours, command) {
				t.Errorf("%s: %s: %s", name, command, problem)
			}
		}
		for _, variable := range regexp.MustCompile(`WFAUTH_[A-Z_]+`).FindAllString(string(text), -1) {
			if !strings.HasSuffix(variable, "_") && !variableIsRead(ours, variable) {
				t.Errorf("%s: nothing reads %s", name, variable)
			}
		}
	}
	if commands < 20 {
		t.Errorf("only %d commands found", commands)
	}
	sample := parse(t, fstest.MapFS{
		".ci/gates":       {Data: []byte("parts=(size)\nlint=example.com/lint@v2\n")},
		"internal/a/a.go": {Data: []byte("package a")}, "internal/a/a_test.go": {Data: []byte("package a\nfunc TestA() {}\n")},
	})
	for _, wrong := range []string{
		"go test ./internal/b", "go test -run TestB ./internal/a", "go test -fuzz '^FuzzB$' ./internal/a", "go test -run TestScripts/b ./internal/a",
		"go run ./cmd/a", "go run example.com/lint@v1 ./...", ".ci/gates sise", ".ci/gate size",
	} {
		if len(toolProblems(sample, wrong)) == 0 {
			t.Errorf("%s is not seen to be wrong", wrong)
		}
	}
	for _, right := range []string{"go test -race ./internal/a", "go test -run TestA ./internal/a", "go run example.com/lint@v2 ./...", ".ci/gates size"} {
		if problems := toolProblems(sample, right); len(problems) > 0 {
			t.Errorf("%s: %s", right, problems)
		}
	}
}

// toolCommands are the calls of go and of the scripts of .ci, of a document's blocks or a workflow's steps.
func toolCommands(text string) (commands []string) {
	call := regexp.MustCompile(`(?m)(?:^|run: |&& )((?:go (?:build|get|run|test|vet)|gofmt|\.ci/\w+)(?: [^&|#\n]+)?)`)
	for _, m := range call.FindAllStringSubmatch(text, -1) {
		commands = append(commands, strings.TrimSpace(m[1]))
	}
	return commands
}

func toolProblems(p *project, command string) (problems []string) {
	words := strings.Fields(strings.ReplaceAll(command, "'", ""))
	scripts := ciScripts(p)
	if script, ok := strings.CutPrefix(words[0], ".ci/"); ok {
		text, ok := scripts[script]
		if !ok {
			return []string{"there is no such script"}
		}
		parts := strings.Join(regexp.MustCompile(`(?m)^(?:parts|others)=\((.*)\)$`).FindAllString(text, -1), " ")
		for _, part := range words[1:] {
			if !strings.HasPrefix(part, "./") && !regexp.MustCompile(`[( ]`+regexp.QuoteMeta(part)+`[) ]`).MatchString(parts+" ") {
				problems = append(problems, "it has no part "+part)
			}
		}
	}
	for i, word := range words {
		folder, ok := strings.CutPrefix(word, "./")
		switch tool, version, _ := strings.Cut(word, "@"); {
		case ok && folder != "..." && len(p.where(func(s source) bool { return s.pkg() == folder })) == 0:
			problems = append(problems, "there is no package "+word)
		case strings.Contains(tool, ".") && strings.HasPrefix(version, "v") && !strings.Contains(strings.Join(slices.Collect(maps.Values(scripts)), ""), word):
			problems = append(problems, "no script of .ci uses "+word)
		case i > 0 && (words[i-1] == "-run" || words[i-1] == "-fuzz") && word != "^$":
			if test, part, _ := strings.Cut(strings.Trim(word, "^$"), "/"); !isTest(p, topFunctions(p), test, part) {
				problems = append(problems, "there is no test "+word)
			}
		}
	}
	return problems
}

// ciScripts are the texts of the scripts of .ci, by name.
func ciScripts(p *project) map[string]string {
	scripts := map[string]string{}
	names, _ := fs.Glob(p.fsys, ".ci/*")
	for _, name := range names {
		text, _ := fs.ReadFile(p.fsys, name)
		scripts[path.Base(name)] = string(text)
	}
	return scripts
}

// variableIsRead says whether code, a test or a script reads a variable of the environment.
func variableIsRead(p *project, variable string) bool {
	for _, text := range ciScripts(p) {
		if regexp.MustCompile(`\$\{` + variable + `\b`).MatchString(text) {
			return true
		}
	}
	return slices.ContainsFunc(p.sources, func(s source) bool {
		text, _ := fs.ReadFile(p.fsys, s.path)
		return strings.Contains(string(text), `"`+variable+`"`)
	})
}
