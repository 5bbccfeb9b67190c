package terminal

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

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

// start runs one command of $BROWSER; %s in it stands for the URL, which is added where there is none.
func start(command, url string) error {
	args := strings.Fields(command)
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
	if !placed {
		args = append(args, url)
	}
	cmd := exec.Command(args[0], args[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}
