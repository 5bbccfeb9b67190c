package terminal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// $BROWSER is taken apart as a shell would, as far as people write it there.
func TestBrowserArgs(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:8765/open/key"
	blanks := filepath.Join(t.TempDir(), "a browser")
	if err := os.WriteFile(blanks, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string][]string{
		"firefox":                              {"firefox", url},
		"firefox --new-window %s":              {"firefox", "--new-window", url},
		`"/opt/My Browser/run" --new-tab`:      {"/opt/My Browser/run", "--new-tab", url},
		`'/opt/My Browser/run' "--profile=%s"`: {"/opt/My Browser/run", "--profile=" + url},
		`open -a "Google Chrome"`:              {"open", "-a", "Google Chrome", url},
		`sh -c 'echo "%s"'`:                    {"sh", "-c", `echo "` + url + `"`},
		`run ""`:                               {"run", "", url},
		`"unfinished quote`:                    {"unfinished quote", url},
		`C:\Browser\run.exe`:                   {`C:\Browser\run.exe`, url},
		blanks:                                 {blanks, url},
		"  ":                                   nil,
	} {
		if got := browserArgs(command, url); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}
