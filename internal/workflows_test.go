package internal_test

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflowRules are about what GitHub runs and shows: workflows, actions, and the forms for issues.
var workflowRules = []rule{
	{
		"actions are pinned", "a tag can be moved to other code, which would then run with what this repository may; a commit cannot",
		onGitHub(func(name, text string) (found []string) {
			uses := regexp.MustCompile(`^\s*-?\s*["']?uses["']?:\s*(.*)$`)
			pinned := regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+(\.\d+){2}$`)
			for i, line := range strings.Split(text, "\n") {
				if m := uses.FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[1], "./") && !pinned.MatchString(m[1]) {
					found = append(found, fmt.Sprintf("%s:%d: %s", name, i+1, m[1]))
				}
			}
			return found
		}),
		map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6 # v6.0.2\n"},
	}, {
		"one commit for one action", "two versions of one action are twice what somebody has to look at",
		func(p *project) (found []string) {
			known := map[string]string{}
			action := regexp.MustCompile(`uses: ([\w./-]+)@(\S+)`)
			return onGitHub(func(name, text string) (found []string) {
				for _, m := range action.FindAllStringSubmatch(text, -1) {
					if known[m[1]] == "" {
						known[m[1]] = m[2]
					}
					if known[m[1]] != m[2] {
						found = append(found, name+": "+m[0]+", elsewhere "+known[m[1]])
					}
				}
				return found
			})(p)
		},
		map[string]string{".github/workflows/a.yml": "- uses: a/b@1\n- uses: a/b@2\n"},
	}, {
		"workflows may only read", "what a step may do, code of others may do that gets into it; the one job that releases says what it writes",
		onWorkflow(func(w workflow) (found []string) {
			if w.Permissions == nil {
				found = append(found, "says no permissions for all its jobs")
			}
			for scope, may := range w.Permissions {
				if may != "read" && may != "none" {
					found = append(found, "lets all its jobs "+may+" "+scope)
				}
			}
			for name, job := range w.Jobs {
				for scope, may := range job.Permissions {
					if may == "write" && name != "release" {
						found = append(found, "lets "+name+" write "+scope)
					}
				}
			}
			return found
		}),
		map[string]string{".github/workflows/a.yml": "permissions:\n  contents: write\njobs: {}\n"},
	}, {
		"checkout keeps no token", "a later step, or a test of somebody's branch, could read it in .git",
		onWorkflow(func(w workflow) (found []string) {
			for name, job := range w.Jobs {
				for _, step := range job.Steps {
					if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
						found = append(found, name+" keeps it")
					}
				}
			}
			return found
		}),
		map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@1\n"},
	}, {
		"one version of Go", "what is tested by another Go than go.mod's is another program",
		func(p *project) (found []string) {
			text, _ := fs.ReadFile(p.fsys, "go.mod")
			var want string
			if m := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(text); m != nil {
				want = string(m[1]) + ".x"
			}
			return onWorkflow(func(w workflow) (found []string) {
				for name, job := range w.Jobs {
					for _, step := range job.Steps {
						if strings.HasPrefix(step.Uses, "actions/setup-go@") && step.With["go-version"] != want {
							found = append(found, name+" has Go "+step.With["go-version"]+", and go.mod "+want)
						}
					}
				}
				return found
			})(p)
		},
		map[string]string{"go.mod": "go 1.26.0\n", ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - uses: actions/setup-go@1\n        with:\n          go-version: stable\n"},
	}, {
		"issue forms are forms", "GitHub shows none that it cannot read, and nobody notices",
		brokenForms,
		map[string]string{".github/ISSUE_TEMPLATE/a.yml": "name: A\ndescription: B\nbody:\n  - type: text\n    attributes:\n      label: C\n"},
	},
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	check(t, workflowRules)
}

// workflow is what the rules want to know of one.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []struct {
			Uses string
			With map[string]string
		}
	}
}

// onGitHub looks at each file of YAML that is GitHub's to read.
func onGitHub(problems func(name, text string) []string) func(*project) []string {
	return func(p *project) (found []string) {
		err := fs.WalkDir(p.fsys, ".github", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".yml", ".yaml"}, path.Ext(name)) {
				return err
			}
			text, err := fs.ReadFile(p.fsys, name)
			found = append(found, problems(name, string(text))...)
			return err
		})
		if err != nil {
			found = append(found, err.Error())
		}
		return found
	}
}

func onWorkflow(problems func(workflow) []string) func(*project) []string {
	return onGitHub(func(name, text string) (found []string) {
		if path.Dir(name) != ".github/workflows" {
			return nil
		}
		var w workflow
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			return []string{name + ": " + err.Error()}
		}
		for _, problem := range problems(w) {
			found = append(found, name+": "+problem)
		}
		return found
	})
}

// form is one for issues, as GitHub's documentation describes it.
type form struct {
	Name, Description string
	Body              []struct {
		Type, ID   string
		Attributes map[string]any
	}
	BlankIssues  *bool                               `yaml:"blank_issues_enabled"`
	ContactLinks []struct{ Name, URL, About string } `yaml:"contact_links"`
}

// brokenForms also wants security to be pointed elsewhere, and the form for bugs to ask for what is always asked for next.
func brokenForms(p *project) (found []string) {
	texts := map[string]string{}
	found = onGitHub(func(name, text string) (found []string) {
		if path.Dir(name) != ".github/ISSUE_TEMPLATE" {
			return nil
		}
		texts[path.Base(name)] = text
		var f form
		if err := yaml.Unmarshal([]byte(text), &f); err != nil {
			return []string{name + ": " + err.Error()}
		}
		if path.Base(name) == "config.yml" {
			return nil
		}
		if f.Name == "" || f.Description == "" || len(f.Body) == 0 {
			found = append(found, name+": a form has a name, a description and a body")
		}
		ids := map[string]bool{}
		for i, part := range f.Body {
			needs := "label"
			if part.Type == "markdown" {
				needs = "value"
			}
			known := slices.Contains([]string{"markdown", "input", "textarea", "dropdown", "checkboxes"}, part.Type)
			if text, _ := part.Attributes[needs].(string); !known || text == "" || part.ID != "" && ids[part.ID] {
				found = append(found, fmt.Sprintf("%s: part %d of the body is none", name, i+1))
			}
			ids[part.ID] = true
		}
		return found
	})(p)
	var config form
	if err := yaml.Unmarshal([]byte(texts["config.yml"]), &config); err != nil || config.BlankIssues == nil || *config.BlankIssues ||
		len(config.ContactLinks) == 0 || !strings.HasSuffix(config.ContactLinks[0].URL, "/security/advisories/new") {
		found = append(found, "config.yml does not lead weaknesses elsewhere")
	}
	for _, words := range []string{"wfauth version", "wfauth doctor --json", "Never paste a token"} {
		if !strings.Contains(texts["bug.yml"], words) {
			found = append(found, "bug.yml does not say: "+words)
		}
	}
	return found
}
