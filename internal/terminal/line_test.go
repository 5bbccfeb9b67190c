package terminal

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// What is typed and edited without the terminal's line mode gives the lines that were meant, however long and however it
// arrives, and shows nothing that acts on the terminal.
func TestLine(t *testing.T) {
	t.Parallel()
	long := "http://127.0.0.1:8765/callback?code=" + strings.Repeat("x", 9000)
	for keys, want := range map[string][]string{
		"one\ntwo\r":                       {"one", "two"},
		"\n":                               {""},
		"on\x7fe\n":                        {"oe"},
		"\x7f\x08a\n":                      {"a"},
		"é\x7fa\n":                         {"a"},
		"wrong\x15right\n":                 {"right"},
		"a\x04b\n":                         {"a\x04b"},
		"\x1b[200~" + long + "\x1b[201~\n": {"\x1b[200~" + long + "\x1b[201~"},
		"unfinished":                       nil,
	} {
		for _, size := range []int{1, 7, 1 << 20} {
			var screen strings.Builder
			l := line{echo: &screen}
			var got []string
			for chunk := range slices.Chunk([]byte(keys), size) {
				ended, err := l.take(chunk)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ended...)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%.60q by %d: %.60q", keys, size, got)
			}
			if strings.ContainsAny(screen.String(), "\x1b\x04\x15\x7f") {
				t.Errorf("%.60q is shown as %q", keys, screen.String())
			}
		}
	}
	l := line{echo: io.Discard}
	if got, err := l.take([]byte("last\n\x04more\n")); !errors.Is(err, io.EOF) || !slices.Equal(got, []string{"last"}) {
		t.Errorf("%q, %v", got, err)
	}
	endless := line{echo: io.Discard}
	for range 100 {
		if _, err := endless.take(make([]byte, 1<<20)); err != nil || len(endless.text) > maxLine {
			t.Fatalf("%d bytes are held, %v", len(endless.text), err)
		}
	}
}
