package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A reader that goes away, as head does, ends a command quietly; a full disk does not.
func TestStdoutEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { full.Close() })
	for _, args := range [][]string{
		{"token"}, {"token", "--header"}, {"token", "--json"}, {"token", "--curl"},
		{"api", "proj/search"}, {"api", "proj/search", "-i", "--silent"}, {"api", "proj/search", "--jq", ".data[].name"},
		{"status"}, {"status", "--json"}, {"version"}, {"version", "--json"}, {"emulator"}, {"emulator", "--json"},
		{"help"}, {"token", "--help"}, {"completion", "bash"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			read.Close()
			defer write.Close()
			for _, c := range []struct {
				name   string
				stdout *os.File
				status int
				stderr string
			}{
				{"closed", write, 0, `^$`},
				{"full", full, 1, `^wfauth: [^\n]*no space left on device\n$`},
			} {
				p := &process{cmd: w.command(args...)}
				p.cmd.Stdout = c.stdout
				p.start(t)
				if p.wait() != c.status {
					t.Errorf("%s: exit status %d, not %d", c.name, p.status, c.status)
				}
				if !regexp.MustCompile(c.stderr).MatchString(p.stderr.String()) {
					t.Errorf("%s: stderr does not match %s: %s", c.name, c.stderr, p.stderr.String())
				}
			}
		})
	}
}
