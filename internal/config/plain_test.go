package config_test

import (
	"testing"

	"github.com/wfauth/wfauth/internal/config"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ plain, line string }{
		"":                                     {"", ""},
		"x":                                    {"x", "x"},
		"abc":                                  {"abc", "abc"},
		" a b \r\n":                            {"a b", " a b "},
		"abc\n":                                {"abc", "abc"},
		"abc\r\n":                              {"abc", "abc"},
		"abc\n\n":                              {"abc", "abc\n"},
		"abc\r":                                {"abc", "abc"},
		"\tabc\u00a0\u200b":                    {"abc", "\tabc\u00a0\u200b"},
		"\xef\xbb\xbfabc\r\n":                  {"abc", "abc"},
		"\xff\xfea\x00b\x00\r\x00\n\x00":       {"ab", "ab"},
		"\xfe\xff\x00a\x00b\x00\n":             {"ab", "ab"},
		"a\x00b\x00\n\x00":                     {"ab", "ab"},
		"\x00a\x00b":                           {"ab", "ab"},
		"\xff\xfe\xfc\x00\x3d\xd8\x00\xde":     {"ü😀", "ü😀"},
		"\xff\xfea\x00b":                       {"a", "a"}, // cut within a character
		"-----BEGIN X-----\r\nAA\r\n--END--\n": {"-----BEGIN X-----\r\nAA\r\n--END--", "-----BEGIN X-----\r\nAA\r\n--END--"},
	} {
		if got := config.Plain(text); got != want.plain {
			t.Errorf("Plain(%q) = %q, want %q", text, got, want.plain)
		}
		if got := config.Line(text); got != want.line {
			t.Errorf("Line(%q) = %q, want %q", text, got, want.line)
		}
		if twice := config.Plain(config.Plain(text)); twice != want.plain {
			t.Errorf("Plain of Plain(%q) = %q", text, twice)
		}
	}
}
