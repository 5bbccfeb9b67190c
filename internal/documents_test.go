package internal_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// leftOut is how many blocks of a page no test runs, each for the reason above it. Whoever adds one says so here, too.
var leftOut = map[string]int{
	"README.md": 0, "SECURITY.md": 1, "docs/administrator.md": 1, "docs/cookbook.md": 2, "docs/emulator.md": 2, "docs/events.md": 1, "docs/getting-started.md": 1,
}

// What stands between fences is run, or looked at, by what it is.
func TestBlocks(t *testing.T) {
	t.Parallel()
	notRun := map[string]int{"README.md": 0}
	run := map[string]bool{ // by tests of their own; what contributors run is looked at by TestContributing
		"README.md": true, "CONTRIBUTING.md": true, "docs/getting-started.md": true, "docs/ims.md": true, "docs/excel-powerbi.md": true,
		"docs/exit-statuses.md": true,
	}
	for page := range sessionGuides() {
		run["docs/"+page] = true
	}
	for page := range loginGuides() {
		run["docs/"+page] = true
	}
	pages(&project{fsys: os.DirFS("..")}, func(page, text string) {
		found := blocks(text)
		if fences := len(regexp.MustCompile("(?m)^ *```").FindAllString(text, -1)); fences != 2*len(found) {
			t.Errorf("%s: %d fences, and %d blocks between them", page, fences, len(found))
		}
		for _, b := range found {
			if b.notRun != "" {
				notRun[page]++
			}
			if problem := b.problem(run[page]); problem != "" {
				t.Errorf("%s: %s\n%s", page, problem, b.text)
			}
		}
	})
	if diff := cmp.Diff(leftOut, notRun); diff != "" {
		t.Errorf("blocks that are not run (- as listed, + as found):\n%s", diff)
	}
	for _, wrong := range []block{
		{language: "sh", text: "wfauth status\n"}, {text: "x\n"}, {language: "perl", text: "x\n"}, {language: "yaml", text: "a: [b\n"},
		{language: "ini", text: "[Unit]\nDescription=x\n"}, {language: "ini", text: "[Service]\nType=oneshot\n[Unit]\n"}, {language: "ini", text: "[Unit]\n[Timer]\nOnCalendar=daily\n"},
		{language: "crontab", text: "* * * *  wfauth status\n"}, {language: "crontab", text: "1 2 * * *  date +%F\n"},
	} {
		if wrong.problem(false) == "" {
			t.Errorf("this block is not seen to be wrong: %+v", wrong)
		}
	}
}

func (b block) problem(run bool) string {
	switch b.language {
	case "sh":
		if !run && b.notRun == "" && !strings.HasPrefix(b.text, "go ") {
			return "no test runs the commands of this page: name it in one"
		}
	case "yaml":
		if err := yaml.Unmarshal([]byte(b.text), new(any)); err != nil {
			return err.Error()
		}
	case "ini":
		return unitProblem(b.text)
	case "crontab":
		for line := range strings.Lines(b.text) {
			if problem := crontabProblem(strings.TrimSpace(line)); problem != "" {
				return problem
			}
		}
	case "console", "csv", "go", "js", "powershell", "python", "sql", "text":
	default:
		return "a block of the language " + b.language + ", which no test knows how to look at"
	}
	return ""
}

// unitProblem looks for what systemd would refuse, or take without doing what is meant.
func unitProblem(text string) string {
	section, has := "", map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, _, assigned := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = line
			has[section] = true
		case line == "" || line[0] == '#':
		case assigned && section != "":
			has[section+key] = true
		default:
			return "no line of a unit: " + line
		}
	}
	if !has["[Unit]Description"] || !has["[Service]ExecStart"] && (!has["[Timer]OnCalendar"] || !has["[Install]WantedBy"]) {
		return "neither a service nor a timer that is whole"
	}
	return ""
}

func crontabProblem(line string) string {
	switch {
	case regexp.MustCompile(`^[A-Z_]+=\S+$`).MatchString(line):
	case !regexp.MustCompile(`^([\d*,/-]+ +){5}\S`).MatchString(line):
		return "five fields and a command is what cron wants"
	case regexp.MustCompile(`(^|[^\\])%`).MatchString(line):
		return "a % is a line end for cron"
	}
	return ""
}
