package internal_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/wfauth/wfauth/internal/cli"
)

// Every command line in a document, in a block of whatever language or among the words, is one that wfauth has: command, flags, and
// in blocks how many arguments, too.
func TestDocumentedCommandsExist(t *testing.T) {
	t.Parallel()
	lines := 0
	pages(&project{fsys: os.DirFS("..")}, func(page, text string) {
		for _, line := range commandLines(t, text) {
			lines++
			if problem := line.problem(); problem != "" {
				t.Errorf("%s: wfauth %q: %s", page, line.args, problem)
			}
		}
	})
	if lines < 200 {
		t.Errorf("only %d command lines found", lines)
	}
	for _, wrong := range []string{
		"```sh\nwfauth lodgin\n```\n", "see `wfauth token --heather`", "```text\nx=$(wfauth api x -Z)\n```\n", "```sh\nwfauth api\n```\n",
		"```yaml\nimage: ghcr.io/wfauth/wfauth:1\nargs: [task, serch]\n```\n", "```ini\nExecStart=/usr/bin/wfauth task search --al\n```\n",
		"```powershell\n$x = wfauth task search `\n  --limt 5\n```\n", "1. so:\n\n   ```sh\n   wfauth api x \\\n     --limit many\n   ```\n",
		"```yaml\nrun: wfauth events lst\n```\n", "```crontab\n1 * * * *  A=b wfauth switch a b\n```\n",
	} {
		if found := commandLines(t, wrong); len(found) != 1 || found[0].problem() == "" {
			t.Errorf("%q is not seen to be wrong: %v", wrong, found)
		}
	}
}

// A commandLine is what follows the program's name. In the middle of a sentence it may be short of arguments.
type commandLine struct {
	args  []string
	words bool
}

func commandLines(t *testing.T, text string) (lines []commandLine) {
	t.Helper()
	for _, b := range blocks(text) {
		joined := regexp.MustCompile("[\\\\`]\n *").ReplaceAllString(b.text, " ")
		for _, args := range calls(joined) {
			lines = append(lines, commandLine{args: args})
		}
		if b.language == "yaml" {
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(b.text), &document); err != nil {
				t.Errorf("%v\n%s", err, b.text)
			}
			for _, args := range containerArgs(&document) {
				lines = append(lines, commandLine{args: args})
			}
		}
	}
	for _, m := range regexp.MustCompile("`(wfauth [^`\n]+)`").FindAllStringSubmatch(fence().ReplaceAllString(text, ""), -1) {
		for _, args := range calls(m[1]) {
			lines = append(lines, commandLine{args: args, words: true})
		}
	}
	return lines
}

// calls finds the program's name where a command may stand, and takes the words behind it as a shell would, up to what ends a command.
func calls(text string) (found [][]string) {
	for _, at := range regexp.MustCompile(`(?m)(?:^|[\s;|&(`+"`"+`"'=/])wfauth(?:\.exe)?[ \t]+`).FindAllStringIndex(text, -1) {
		if args := words(text[at[1]:]); len(args) > 0 {
			found = append(found, args)
		}
	}
	return found
}

func words(text string) (args []string) {
	var word strings.Builder
	started := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return args
			}
			word.WriteString(text[i+1 : i+1+end])
			i, started = i+1+end, true
		case strings.IndexByte(" \t\n|;&<>()`", c) >= 0 || c == '#' && !started:
			if started {
				args = append(args, word.String())
			}
			word.Reset()
			if started = false; c != ' ' && c != '\t' {
				return args
			}
		default:
			word.WriteByte(c)
			started = true
		}
	}
	if started {
		args = append(args, word.String())
	}
	return args
}

// containerArgs are the arguments that stand beside the image of wfauth.
func containerArgs(n *yaml.Node) (found [][]string) {
	var image string
	var args []string
	for i, child := range n.Content {
		found = append(found, containerArgs(child)...)
		if n.Kind != yaml.MappingNode || i%2 == 0 {
			continue
		}
		switch n.Content[i-1].Value {
		case "image":
			image = child.Value
		case "args":
			for _, arg := range child.Content {
				args = append(args, arg.Value)
			}
		}
	}
	if strings.Contains(image, "wfauth/wfauth") {
		found = append(found, args)
	}
	return found
}

func (l commandLine) problem() string {
	cmd, rest, err := cli.Tree(l.args...).Find(l.args)
	if err != nil {
		return err.Error()
	}
	cmd.InitDefaultHelpFlag()
	for i, arg := range rest {
		if l.words && arg == "…" { // and so on
			rest = rest[:i]
			break
		}
	}
	if err := cmd.ParseFlags(rest); err != nil && (!l.words || !strings.Contains(err.Error(), "needs an argument")) {
		return err.Error()
	}
	args := cmd.Flags().Args()
	if cmd.HasSubCommands() && len(args) > 0 && args[0] != "…" {
		return "there is no such command"
	}
	if help, _ := cmd.Flags().GetBool("help"); !l.words && !help {
		if err := cmd.ValidateArgs(args); err != nil {
			return err.Error()
		}
	}
	return ""
}
