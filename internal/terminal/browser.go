package terminal

import (
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/pkg/browser"
)

// OpenBrowser shows a page in the user's browser: by $BROWSER, on WSL by the Windows side's, else as the system does.
// It returns when the launcher does, which can be when the browser is closed. What a launcher prints goes nowhere.
func OpenBrowser(getenv func(string) string, url string) error {
	for command := range slices.Values(filepath.SplitList(getenv("BROWSER"))) {
		if command = strings.TrimSpace(command); command != "" && start(command, url) == nil {
			return nil
		}
	}
	if getenv("WSL_DISTRO_NAME") != "" && start("wslview", url) == nil {
		return nil
	}
	return browser.OpenURL(url)
}

// start runs one command of $BROWSER.
func start(command, url string) error {
	args := browserArgs(command, url)
	if len(args) == 0 {
		return errors.New("no command")
	}
	cmd := exec.Command(args[0], args[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

// browserArgs takes a command of $BROWSER apart; %s in it stands for the URL, which is added where there is none.
func browserArgs(command, url string) []string {
	args := unquoted(command)
	if _, err := exec.LookPath(command); err == nil {
		args = []string{command} // a path with blanks in it
	}
	placed := false
	for i := range args {
		if strings.Contains(args[i], "%s") {
			args[i] = strings.ReplaceAll(args[i], "%s", url)
			placed = true
		}
	}
	if !placed && len(args) > 0 {
		args = append(args, url)
	}
	return args
}

// unquoted splits a command at its blanks, but for those in quotes. A backslash is itself, for Windows.
func unquoted(command string) (words []string) {
	var word strings.Builder
	quote, within := rune(0), false
	for _, r := range command {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, within = r, true
		case quote == 0 && unicode.IsSpace(r):
			if within {
				words = append(words, word.String())
			}
			word.Reset()
			within = false
		default:
			word.WriteRune(r)
			within = true
		}
	}
	if within {
		words = append(words, word.String())
	}
	return words
}
