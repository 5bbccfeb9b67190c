package internal_test

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repositoryRules are about what lies around the code.
var repositoryRules = []rule{
	{
		"top level", "what a newcomer sees first should be little, and each of it needed",
		func(p *project) (found []string) {
			allowed := []string{"cmd", "internal", "docs", "go.mod", "go.sum", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
			ignored, _ := fs.ReadFile(p.fsys, ".gitignore")
			entries, err := fs.ReadDir(p.fsys, ".")
			if err != nil {
				return []string{err.Error()}
			}
			for _, e := range entries {
				dot := strings.HasPrefix(e.Name(), ".")
				if !dot && !slices.Contains(allowed, e.Name()) && !strings.Contains("\n"+string(ignored), "\n/"+e.Name()) {
					found = append(found, e.Name())
				}
			}
			return found
		},
		map[string]string{"Makefile": "", ".gitignore": "/wfauth\n"},
	}, {
		"pinned tools", "a build that worked yesterday must work tomorrow",
		onLine(func(line string) string {
			if floating := "@" + "latest"; strings.Contains(line, floating) {
				return floating
			}
			return ""
		}),
		map[string]string{".ci/run": "go run example.com/tool@" + "latest"},
	}, {
		"no replace", "go install ignores the file's author and fails on it",
		func(p *project) (found []string) {
			text, _ := fs.ReadFile(p.fsys, "go.mod")
			for line := range strings.Lines(string(text)) {
				if fields := strings.Fields(line); len(fields) > 0 && fields[0] == "replace" {
					found = append(found, "go.mod: "+strings.TrimSpace(line))
				}
			}
			return found
		},
		map[string]string{"go.mod": "module x\nreplace a => ../a\n"},
	}, {
		"names for every system", "Windows cannot check out a file whose name has a colon, nor the module's archive hold it",
		func(p *project) (found []string) {
			err := fs.WalkDir(p.fsys, ".", func(name string, d fs.DirEntry, err error) error {
				if err == nil && d.Name() == ".git" {
					return fs.SkipDir
				}
				if strings.ContainsAny(d.Name(), "<>:\"|?*\\") {
					found = append(found, name)
				}
				return err
			})
			if err != nil {
				found = append(found, err.Error())
			}
			return found
		},
		map[string]string{"internal/cli/PATH=a:b": ""},
	}, {
		"pipes are read to their end", "with pipefail, a reader that has enough ends the writer by SIGPIPE now and then, and so the whole: grep -q WORD < <(COMMAND) does not",
		func(p *project) (found []string) {
			early := regexpFinder(`\| *([efz]?grep +-\w*[qm]|head\b)`)
			for _, at := range onLine(func(line string) string {
				if strings.HasSuffix(line, "|| true") {
					return ""
				}
				return early(line)
			})(p) {
				if strings.HasPrefix(at, ".ci/") || strings.HasPrefix(at, ".github/") {
					found = append(found, at)
				}
			}
			return found
		},
		map[string]string{".ci/run": "unzip -l file.zip | grep -q wfauth"},
	}, {
		"no machine's paths", "a path of one machine is an error on every other",
		onLine(regexpFinder(`(^|[\s"'=:(])/(work|farm|root|home/\w+|Users/\w+)/`)),
		map[string]string{"README.md": "see /home" + "/ann/notes"},
	}, {
		"links lead somewhere", "a reader who follows one believes the page, or stops believing it",
		deadLinks,
		map[string]string{"docs/a.md": "[b](b.md)"},
	}, {
		"anchors are headings", "the same, for a reader who lands at the top of a long page instead",
		deadLinks,
		map[string]string{"docs/a.md": "# Where it is\n\n[b](a.md#where-it-was)"},
	}, {
		"documents name real tests", "a claim is as good as the test that guards it",
		unknownTests,
		map[string]string{"docs/security.md": "guarded by `TestNobodyWrote`"},
	}, {
		"variables are documented", "a variable that nobody can know of is a trap for whoever has it set",
		func(p *project) (found []string) {
			documented := documentedVariables(p)
			for variable, at := range readVariables(p) {
				if !documented[variable] {
					found = append(found, at+variable+" does not stand in docs/environment.md")
				}
			}
			return found
		},
		map[string]string{"internal/cli/a.go": `package cli; var name = "WFAUTH_SECRET_SWITCH"`},
	}, {
		"documented variables are read", "who sets one that nobody reads believes that it does something",
		func(p *project) (found []string) {
			read := readVariables(p)
			for variable := range documentedVariables(p) {
				if read[variable] == "" && byOthers()[variable] == "" {
					found = append(found, "docs/environment.md: nothing reads "+variable)
				}
			}
			return found
		},
		map[string]string{"docs/environment.md": "| variable | meaning |\n|---|---|\n| `WFAUTH_OLD_SWITCH` | it did something |\n"},
	}, {
		"every decision has its guard", "a decision that no test watches is undone by the next one in a hurry",
		func(p *project) (found []string) {
			notes, _ := fs.Glob(p.fsys, "docs/decisions/*.md")
			for _, note := range notes {
				text, _ := fs.ReadFile(p.fsys, note)
				if !strings.Contains(string(text), "`Test") {
					found = append(found, note+" names no test")
				}
			}
			return found
		},
		map[string]string{"docs/decisions/0001-a.md": "We do as we like."},
	},
}

func TestRepository(t *testing.T) {
	t.Parallel()
	check(t, repositoryRules)
}

// onLine looks at each line of each text file that is committed.
func onLine(problem func(line string) string) func(*project) []string {
	return func(p *project) (found []string) {
		err := fs.WalkDir(p.fsys, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.Contains([]string{".git", "dist", "node_modules"}, d.Name()):
				return fs.SkipDir
			case d.IsDir() || !slices.Contains([]string{".go", ".md", ".yaml", ".yml", ".mod", ".txtar", ".cjs", ".json", ""}, path.Ext(name)):
				return nil
			}
			text, err := fs.ReadFile(p.fsys, name)
			for i, line := range strings.Split(string(text), "\n") {
				if what := problem(line); what != "" {
					found = append(found, fmt.Sprintf("%s:%d: %s", name, i+1, what))
				}
			}
			return err
		})
		if err != nil {
			found = append(found, err.Error())
		}
		return found
	}
}

func regexpFinder(expression string) func(string) string {
	return regexp.MustCompile(expression).FindString
}

// pages calls f for each Markdown page that people wrote.
func pages(p *project, f func(name, text string)) {
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md"} {
		names, _ := fs.Glob(p.fsys, pattern)
		for _, name := range names {
			text, _ := fs.ReadFile(p.fsys, name)
			f(name, string(text))
		}
	}
}

func deadLinks(p *project) (found []string) {
	link := regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)\s]*))?\)`)
	pages(p, func(page, text string) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path.Join(path.Dir(page), m[1])
			if m[1] == "" {
				target = page
			}
			if _, err := fs.Stat(p.fsys, target); err != nil {
				found = append(found, page+": "+m[1])
			} else if there, _ := fs.ReadFile(p.fsys, target); m[2] != "" && !slices.Contains(anchors(string(there)), m[2]) {
				found = append(found, page+": "+target+" has no heading #"+m[2])
			}
		}
	})
	return found
}

// anchors are what headings are called in links, as GitHub makes them: small letters, no punctuation, dashes for blanks.
func anchors(text string) (names []string) {
	for _, m := range regexp.MustCompile("(?m)^#+ (.*)$").FindAllStringSubmatch(fence().ReplaceAllString(text, ""), -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// unknownTests finds `TestX` and `TestX/sub test` in documents where there is no function TestX, or, for the scripts of
// the binary, no such script.
func unknownTests(p *project) (found []string) {
	known := topFunctions(p)
	quoted := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)(?:/([\\w -]+))?`")
	pages(p, func(page, text string) {
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			if !isTest(p, known, m[1], m[2]) {
				found = append(found, page+": "+m[0])
			}
		}
	})
	return found
}

func topFunctions(p *project) map[string]bool {
	known := map[string]bool{}
	for _, s := range p.sources {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				known[f.Name.Name] = true
			}
		}
	}
	return known
}

// isTest looks for a test, and for the script that is a part of it where it runs scripts.
func isTest(p *project, known map[string]bool, name, part string) bool {
	if name == "TestScripts" && part != "" {
		_, err := fs.Stat(p.fsys, "internal/cli/testdata/script/"+part+".txtar")
		return err == nil && known[name]
	}
	return known[name]
}
