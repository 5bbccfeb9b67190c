package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSafeName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 300)
	for name, want := range map[string]string{
		"Brief Q3 – „final“ ünï.pdf":      "Brief Q3 – „final“ ünï.pdf",
		"../../x":                         "_._.._x",
		"/etc/passwd":                     "_etc_passwd",
		`C:\Windows\system.ini`:           "C__Windows_system.ini",
		`\\server\share`:                  "__server_share",
		"a\x00b.pdf":                      "ab.pdf",
		"a\x1b[31mred\r\n.txt":            "a[31mred  .txt",
		"photo.\u202egnp.exe":             "photo.gnp.exe",
		"a\u200bb\ufeffc":                 "abc",
		"👩\u200d💻.png":                    "👩\u200d💻.png",
		"\xff\xfe.bin":                    "_.bin",
		"CON":                             "_CON",
		"con.txt":                         "_con.txt",
		"Aux .tar.gz":                     "_Aux .tar.gz",
		"COM1":                            "_COM1",
		"lpt\u00b9.x":                     "_lpt\u00b9.x",
		"COM":                             "COM",
		"COM10":                           "COM10",
		"console":                         "console",
		"NUL.":                            "_NUL",
		"name. . .":                       "name",
		"  name ":                         "name",
		".bashrc":                         "_bashrc",
		"-rf":                             "_rf",
		"~root":                           "_root",
		".wfauth-0-0.part":                "_wfauth-0-0.part",
		"a*b?c\"d<e>f|g:h.pdf":            "a_b_c_d_e_f_g_h.pdf",
		"tab\tand\u2028line":              "tab and line",
		"":                                "",
		".":                               "",
		"..":                              "",
		"...":                             "",
		"//":                              "",
		" \u00a0. ":                       "",
		"\x00\x01":                        "",
		long:                              strings.Repeat("ä", 127),
		long + ".pdf":                     strings.Repeat("ä", 125) + ".pdf",
		strings.Repeat("a", 254) + ". .b": strings.Repeat("a", 253) + ".b",
		"a." + long:                       "a." + strings.Repeat("ä", 126),
		strings.Repeat("a", 250) + strings.Repeat(".", 50) + "b": strings.Repeat("a", 250) + ".b",
	} {
		if got := SafeName(name); got != want {
			t.Errorf("%.40q is %q, want %q", name, got, want)
		}
	}
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"name.pdf", 1, "name.pdf"},
		{"name.pdf", 2, "name (2).pdf"},
		{"archive.tar.gz", 3, "archive.tar (3).gz"},
		{"name", 12, "name (12)"},
		{"a. b c d e f g h i j k l m n o p q r s t u v", 2, "a. b c d e f g h i j k l m n o p q r s t u v (2)"},
		{strings.Repeat("ä", 125) + ".pdf", 1000, strings.Repeat("ä", 122) + " (1000).pdf"},
	} {
		if got := numbered(c.name, c.n); got != c.want {
			t.Errorf("%d of %.40q: %q, want %q", c.n, c.name, got, c.want)
		}
	}
}

// Whatever the name, the file is in the folder, and can be found by the name that it got.
func TestSafeNameStaysInItsFolder(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom([]rune("ab./\\:*?\"<>|-~ \t\x00\x1b\u202e\u200b\u0301ä€😀CONAUX1.. "))
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		raw := rapid.OneOf(rapid.StringOfN(letters, 0, 400, -1), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) string { return string(b) })).Draw(rt, "name")
		name := SafeName(raw)
		if name == "" {
			return
		}
		if len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, `/\:`) ||
			strings.Trim(name, ". ") != name || isDevice(name) || name[0] == '-' {
			rt.Fatalf("%q", name)
		}
		if SafeName(name) != name {
			rt.Fatalf("%q becomes %q", name, SafeName(name))
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			rt.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || entries[0].Name() != name {
			rt.Fatalf("%v, %v", entries, err)
		}
		if second := numbered(name, 2); second == name || len(second) > maxName || SafeName(second) != second {
			rt.Fatalf("the second of %q is %q", name, second)
		}
		_ = os.RemoveAll(dir)
	})
}
