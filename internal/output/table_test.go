package output

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"github.com/wfauth/wfauth/internal/terminal"
)

func TestTableAlignsWideCharacters(t *testing.T) {
	t.Parallel()
	got, _ := write(t, Table, Options{Fields: []string{"name", "n"}}, values(
		`{"name":"plain","n":1.50}`,
		`{"name":"漢字","n":-100}`,
		`{"name":"e\u0301 👩‍🚀","n":null}`,
		`{"name":"two\n lines\u001b[2J","n":7}`,
	), values(`{"name":"a longer text on a later page","n":123456789}`))
	want := strings.Join([]string{
		"name             n",
		"plain         1.50",
		"漢字          -100",
		"e\u0301 👩‍🚀",
		"two lines[2J     7",
		"a longer text on a later page  123456789",
		"",
	}, "\n")
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Where the columns are not named, all rows have come before the widths are settled.
func TestTableAlignsAllPages(t *testing.T) {
	t.Parallel()
	got, _ := write(t, Table, Options{}, values(`{"n":1,"name":"a"}`), values(`{"n":1000,"name":"漢字"}`), values(`{"n":2,"more":"x"}`))
	if want := "   n  name  more\n   1  a\n1000  漢字\n   2        x\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableAlignsOnlyNumbersRight(t *testing.T) {
	t.Parallel()
	got, _ := write(t, Table, Options{}, values(`{"a":1,"b":"x","c":null,"d":2}`, `{"a":"long","b":1000,"c":3,"d":1000}`))
	if want := "a     b     c     d\n1     x           2\nlong  1000  3  1000\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	rows := values(`{"ID":"4c78821c0000d6fa8d5e52f07a1d54d0","name":"Road works, phase one","status":"CUR","s2":"x"}`)
	for width, want := range map[int]string{
		80: "ID                                name                   status  s2\n" +
			"4c78821c0000d6fa8d5e52f07a1d54d0  Road works, phase one  CUR     x\n",
		40: "ID             name           status  s2\n" +
			"4c78821c0000…  Road works, …  CUR     x\n",
		27: "ID      name     status  s2\n" +
			"4c788…  Road w…  CUR     x\n",
		20: "ID         name\n" +
			"4c78821c…  Road wor…\n",
		1: "…\n…\n",
	} {
		got, notes := write(t, Table, Options{Width: width}, rows)
		if got != want {
			t.Errorf("width %d:\n%swant\n%s", width, got, want)
		}
		if width < 27 != (len(notes) == 1) {
			t.Errorf("width %d: notes %q", width, notes)
		}
	}
	_, notes := write(t, Table, Options{Width: 20}, rows)
	if want := "2 of 4 columns fit; left out from status on"; len(notes) != 1 || notes[0] != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

// Whatever the texts and the width: a row is one line, none is too wide, none
// ends in blanks, and nothing acts on the terminal.
func TestTableLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("a漢🚀\x1b\n\u202e\u0301\u200d "))))
		names := rapid.SliceOfNDistinct(text, 1, 8, rapid.ID[string]).Draw(rt, "names")
		width := rapid.IntRange(0, 60).Draw(rt, "width")
		pages := rapid.IntRange(1, 3).Draw(rt, "pages")
		var out strings.Builder
		w, err := newWriter(&out, Table, Options{Fields: names, Width: width})
		if err != nil {
			rt.Fatal(err)
		}
		for range pages {
			texts := rapid.SliceOfN(text, len(names), len(names)).Draw(rt, "texts")
			if err := w.Page(values(string(rowOf(names, texts)))); err != nil {
				rt.Fatal(err)
			}
		}
		if err := w.Close(); err != nil { // one of the names may be a star
			rt.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if len(lines) != pages+2 {
			rt.Fatalf("%d lines for %d rows: %q", len(lines), pages, out.String())
		}
		for _, line := range lines {
			if width > 0 && uniseg.StringWidth(line) > width {
				rt.Errorf("%q is wider than %d", line, width)
			}
			if strings.HasSuffix(line, " ") {
				rt.Errorf("%q ends in blanks", line)
			}
			for _, r := range line {
				if terminal.Acts(r) {
					rt.Errorf("%q has %U", line, r)
				}
			}
		}
	})
}

func TestTableOfManyColumnsAndHugeTexts(t *testing.T) {
	t.Parallel()
	var names, texts []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("field%d", i))
		texts = append(texts, strings.Repeat("x", 10_000))
	}
	got, _ := write(t, Table, Options{Width: 100}, values(string(rowOf(names, texts))))
	for line := range strings.Lines(got) {
		if n := len([]rune(line)); n > 101 {
			t.Errorf("a line of %d characters", n)
		}
	}
	// Where nothing bounds the width, nothing is cut.
	got, _ = write(t, Table, Options{}, values(string(rowOf(names, texts))))
	if n := strings.Count(got, "x"); n != 300*10_000 {
		t.Errorf("%d characters are left", n)
	}
}
