package internal_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A pipeline is as much of what GitHub, GitLab and Kubernetes read as decides about a command and its environment.
type pipeline struct {
	Jobs map[string]struct { // GitHub
		Env   map[string]string
		Steps []struct {
			Run string
			Env map[string]string
		}
	}
	Tasks struct { // GitLab
		Variables map[string]string
		Script    []string
	}
	Spec struct { // Kubernetes
		JobTemplate struct {
			Spec struct {
				Template struct {
					Spec struct{ Containers []struct{ Args []string } }
				}
			}
		} `yaml:"jobTemplate"`
	}
}

// A scheduled is a command of a pipeline, and the variables that it finds.
type scheduled struct {
	args []string
	env  map[string]string
}

// commands of a pipeline in whose settings the variables of kept lie.
func (p pipeline) commands(text string, kept map[string]string) (all []scheduled) {
	for _, job := range p.Jobs {
		for _, step := range job.Steps {
			if step.Run == "" {
				continue
			}
			env := maps.Clone(job.Env)
			maps.Copy(env, step.Env)
			for name, value := range env {
				if m := regexp.MustCompile(`^\$\{\{ (?:vars|secrets)\.(\w+) \}\}$`).FindStringSubmatch(value); m != nil {
					env[name] = kept[m[1]]
				}
			}
			all = append(all, scheduled{[]string{"bash", "-e", "-c", step.Run}, env})
		}
	}
	for _, line := range p.Tasks.Script {
		env := maps.Clone(kept)
		maps.Copy(env, p.Tasks.Variables)
		all = append(all, scheduled{[]string{"bash", "-eo", "pipefail", "-c", line}, env})
	}
	for _, c := range p.Spec.JobTemplate.Spec.Template.Spec.Containers {
		args := []string{"wfauth"}
		for _, arg := range c.Args {
			args = append(args, strings.ReplaceAll(arg, "$$", "$")) // as Kubernetes does
		}
		env := map[string]string{}
		for _, m := range regexp.MustCompile(`(?:WFAUTH|, )(_\w+)`).FindAllStringSubmatch(text, -1) { // the Secret's, in a comment
			env["WFAUTH"+m[1]] = kept["WFAUTH"+m[1]]
		}
		all = append(all, scheduled{args, env})
	}
	return all
}

// The commands of the cookbook's pipelines run with the variables that those give them, and no other.
func TestPipelines(t *testing.T) {
	t.Parallel()
	wants(t, "bash")
	wfauth := build(t, t.TempDir())
	r := newReader(t, wfauth)
	robot := map[string]string{
		"WFAUTH_HOST": "acme", "WFAUTH_CLIENT_ID": r.tenant.Robot.ID, "WFAUTH_CLIENT_SECRET": r.tenant.Robot.Secret, "WFAUTH_CUSTOMER_ID": r.tenant.Robot.CustomerID,
		"WFAUTH_USER_ID": r.tenant.Robot.UserID, "WFAUTH_PRIVATE_KEY": string(must(os.ReadFile(r.real.Replace("keys/private.key")))),
	}
	ran := 0
	for _, b := range blocks(string(must(os.ReadFile("../docs/cookbook.md")))) {
		if b.language != "yaml" {
			continue
		}
		var p pipeline
		if err := yaml.Unmarshal([]byte(b.text), &p); err != nil {
			t.Fatal(err)
		}
		for _, s := range p.commands(b.text, robot) {
			ran++
			dir := t.TempDir()
			for i, arg := range s.args {
				s.args[i] = strings.Replace(arg, "/data/", dir+"/", 1)
			}
			cmd := exec.CommandContext(t.Context(), strings.Replace(s.args[0], "wfauth", wfauth, 1), s.args[1:]...)
			cmd.Dir, cmd.Env = dir, []string{r.env[0], "NO_PROXY=*", "HOME=" + t.TempDir()}
			for name, value := range s.env {
				if name == "WFAUTH_HOST" {
					value = strings.Replace(value, "acme", r.tenant.URL, 1)
				}
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%q: %v\n%s", s.args, err, out)
			}
			if rows, err := os.ReadFile(filepath.Join(dir, "new.csv")); err != nil || !strings.HasPrefix(string(rows), "ID,name\r\n") {
				t.Errorf("%q has written %.100q, %v", s.args, rows, err)
			}
		}
	}
	if ran != 3 {
		t.Errorf("%d commands were run, and GitHub, GitLab and Kubernetes have one each", ran)
	}
}
