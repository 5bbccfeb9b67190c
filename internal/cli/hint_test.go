package cli

import (
	"slices"
	"strings"
	"testing"
)

// hintProblems tells what is wrong with the hints in what went to stderr: each is a command that can be typed as it stands, and those of
// wfauth's own are ones that it takes.
func hintProblems(stderr string) (problems []string) {
	for line := range strings.Lines(stderr) {
		hint, ok := strings.CutPrefix(line, "  hint: ")
		if !ok {
			continue
		}
		if problem := hintProblem(strings.TrimSuffix(hint, "\n")); problem != "" {
			problems = append(problems, line+problem)
		}
	}
	return problems
}

func hintProblem(hint string) string {
	words, ok := shellWords(hint)
	switch {
	case !ok:
		return "has a quote that does not end"
	case strings.Contains(hint, "…") || strings.Contains(hint, "..."):
		return "has an ellipsis, which would be typed with it"
	case slices.Contains([]string{"export", "unset", "set", "df", "(umask"}, words[0]):
		return ""
	case words[0] != "wfauth":
		return "is no command"
	}
	words = words[1:]
	if len(words) > 1 && words[0] == "help" {
		words = words[1:]
	}
	if i := slices.IndexFunc(words, func(w string) bool { return w == "<" || w == "|" || w == ">" }); i >= 0 {
		words = words[:i]
	}
	a := &app{}
	root := newRootCmd(a)
	a.addObject(root, words)
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err.Error()
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err.Error()
	}
	if help, _ := cmd.Flags().GetBool("help"); help {
		return ""
	}
	if cmd == root && cmd.Flags().NArg() > 0 {
		return "names no command of wfauth"
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err.Error()
	}
	return ""
}

// shellWords takes a line apart as a shell does, as far as hints go.
func shellWords(line string) (words []string, ok bool) {
	var word strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			quoted, begun = !quoted, true
		case c == '\\' && !quoted && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			begun = true
		case c == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, !quoted && len(words) > 0
}

// The rule sees what it is there for.
func TestHintProblems(t *testing.T) {
	t.Parallel()
	for hint, good := range map[string]bool{
		"wfauth login":                              true,
		"wfauth api 'proj/search?a=b' --jq .":       true,
		"wfauth login --client-secret-stdin < FILE": true,
		"wfauth api --help":                         true,
		"export WFAUTH_HOST=acme":                   true,
		"wfauth lodgin":                             false,
		"wfauth login --client-id …":                false,
		"wfauth api PATH --pagniate":                false,
		"wfauth api":                                false,
		"wfauth token or login":                     false,
		"restart it, or: wfauth login":              false,
		"wfauth api 'proj":                          false,
	} {
		if problem := hintProblem(hint); (problem == "") != good {
			t.Errorf("%s: %q", hint, problem)
		}
	}
}
