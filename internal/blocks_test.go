package internal_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A block is what stands between fences in a page.
type block struct {
	language, text string
	notRun         string // why, where a comment above it says so
}

func fence() *regexp.Regexp {
	return regexp.MustCompile("(?ms)(?:^ *<!-- not run: ([^\n]*) -->\n)?^( *)```(\\w*)\n(.*?)^ *```$")
}

func blocks(text string) (found []block) {
	for _, m := range fence().FindAllStringSubmatch(text, -1) {
		inner := regexp.MustCompile("(?m)^"+m[2]).ReplaceAllString(m[4], "")
		found = append(found, block{language: m[3], text: inner, notRun: m[1]})
	}
	return found
}

// shellBlocks are those to run that have wfauth in them: go run and go test are for the reader's own clone.
func shellBlocks(t *testing.T, page string, least int) (scripts []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(string(text)) {
		if b.language == "sh" && b.notRun == "" && !strings.HasPrefix(b.text, "go ") {
			scripts = append(scripts, b.text)
		}
	}
	if len(scripts) < least {
		t.Fatalf("only %d blocks of commands found in %s", len(scripts), page)
	}
	return scripts
}

// commands takes a script apart into what a person types before each Enter that runs something: a line, with those that it goes
// on in and its here-document.
func commands(script string) (typed []string) {
	var text, end string
	for line := range strings.Lines(script) {
		text += line
		if m := regexp.MustCompile(`<<'?(\w+)'?\s*$`).FindStringSubmatch(line); m != nil && end == "" {
			end = m[1]
		} else if strings.TrimSpace(line) == end {
			end = ""
		}
		if end == "" && !strings.HasSuffix(line, "\\\n") {
			if strings.TrimSpace(text) != "" {
				typed = append(typed, text)
			}
			text = ""
		}
	}
	return typed
}
