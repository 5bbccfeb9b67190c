package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisibleJoinsSplitCharacters(t *testing.T) {
	t.Parallel()
	const text = "é 漢 👩‍🚀 \u009b \U000e0041 a\r\nb\rc\n"
	const want = "é 漢 👩‍🚀 \\u009b \\udb40\\udc41 a\r\nb\\u000dc\n"
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		w := Visible(&out)
		for rest := []byte(text); len(rest) > 0; {
			n := min(size, len(rest))
			if m, err := w.Write(rest[:n]); m != n || err != nil {
				t.Fatalf("Write = %d, %v", m, err)
			}
			rest = rest[n:]
		}
		if out.String() != want {
			t.Errorf("in writes of %d bytes: %q, want %q", size, out.String(), want)
		}
	}
}

func TestVisibleTwiceIsOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	io.WriteString(Visible(Visible(&out)), "\x1b[31m\u202e\xff\n")
	if want := `\u001b[31m\u202e` + "\ufffd\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":                  "plain",
		"":                       "",
		" \r\n\t ":               "",
		" two\r\n\t lines\n":     "two lines",
		"a\u2028b\u00a0c":        "a b c",
		"\x1b[31mred\x1b[0m\a":   "[31mred[0m",
		"\u009b2Jx\x00\x7f":      "2Jx",
		"\u202eevil\u2066\ufeff": "evil",
		"bad \xff byte":          "bad \ufffd byte",
		"family 👨‍👩‍👧 می‌خواهم":    "family 👨‍👩‍👧 می‌خواهم",
		strings.Repeat("é", 500):   strings.Repeat("é", 500),
		strings.Repeat("é", 501):   strings.Repeat("é", 499) + "…",
		strings.Repeat("x\n", 900): strings.Repeat("x ", 249) + "x…",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[2J\u202e \xf0\x9f")
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxPrintable {
			t.Errorf("Printable(%q) = %q", s, got)
		}
		for _, r := range got {
			if Acts(r) {
				t.Errorf("Printable(%q) keeps %U", s, r)
			}
		}
		if again := Printable(got); again != got {
			t.Errorf("Printable is not idempotent: %q, %q", got, again)
		}
	})
}
