package output

import (
	"fmt"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rivo/uniseg"
)

const (
	tableGap    = "  " // between two columns
	narrowest   = 6    // a wider column is not made narrower than this to fit
	widestInAll = 1000 // of a column where everything fits
)

// A table aligns columns for people. The rows that have come when it begins
// settle the widths: the first page of named columns, or else all, of very many
// the first. Where the
// width is bounded, a longer text is cut and what does not fit is left out;
// elsewhere it is written whole.
type table struct {
	width   int                 // of a line; 0 is unbounded
	line    func(string) string // makes a text fit for one line
	note    func(string)
	columns []tableColumn // those that fit
	text    []byte        // reused between cells
}

type tableColumn struct {
	width int
	right bool // numbers stand below each other
}

func (t *table) appendHeader(dst []byte, names []string, sample iter.Seq[[]cell]) []byte {
	t.measure(names, sample)
	if t.width > 0 {
		t.fit()
	}
	if left := len(names) - len(t.columns); left > 0 {
		t.note(fmt.Sprintf("%d of %d columns fit; left out from %s on", len(t.columns), len(names), names[len(t.columns)]))
	}
	return t.appendLine(dst, func(i int) string { return t.line(names[i]) })
}

func (t *table) appendRow(dst []byte, cells []cell) []byte {
	return t.appendLine(dst, func(i int) string { return t.show(cells[i].value) })
}

// show is a value's text on one line.
func (t *table) show(value jsontext.Value) string {
	t.text = appendText(t.text[:0], value)
	return t.line(string(t.text))
}

// measure makes every column as wide as its widest text.
func (t *table) measure(names []string, sample iter.Seq[[]cell]) {
	t.columns = make([]tableColumn, len(names))
	others := make([]bool, len(names)) // columns with something else than numbers
	for i, name := range names {
		t.columns[i].width = max(textWidth(t.line(name)), 1) // room for an ellipsis
	}
	for cells := range sample {
		for i, cell := range cells {
			c := &t.columns[i]
			c.width = min(max(c.width, textWidth(t.show(cell.value))), widestInAll)
			switch cell.value.Kind() {
			case jsontext.KindNumber:
				c.right = true
			case jsontext.KindNull, jsontext.KindInvalid:
			default:
				others[i] = true
			}
		}
	}
	for i := range t.columns {
		t.columns[i].right = t.columns[i].right && !others[i]
	}
}

// fit leaves out the last columns that do not fit even when all are narrow,
// though never the first, and then takes from the widest until the rest fits.
func (t *table) fit() {
	least, n := -len(tableGap), 0
	for n < len(t.columns) {
		least += len(tableGap) + min(t.columns[n].width, narrowest)
		if n > 0 && least > t.width {
			break
		}
		n++
	}
	t.columns = t.columns[:n]
	total := -len(tableGap)
	for _, c := range t.columns {
		total += len(tableGap) + c.width
	}
	for ; total > t.width; total-- {
		widest := &t.columns[0]
		for i := range t.columns {
			if t.columns[i].width > widest.width {
				widest = &t.columns[i]
			}
		}
		if widest.width <= 1 {
			return
		}
		widest.width--
	}
}

func (t *table) appendLine(dst []byte, text func(column int) string) []byte {
	blanks := "" // wanted before the next text, and not at the end of a line
	for i, c := range t.columns {
		s := text(i)
		if t.width > 0 {
			s = cut(s, c.width)
		}
		pad := strings.Repeat(" ", max(c.width-textWidth(s), 0))
		if c.right {
			s, pad = pad+s, ""
		}
		if strings.TrimSpace(s) != "" {
			dst = append(append(dst, blanks...), s...)
			blanks = ""
		} else {
			pad = s + pad
		}
		blanks += pad + tableGap
	}
	return append(dst, '\n')
}

// textWidth is how many columns of a terminal s takes.
func textWidth(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// cut shortens s to a width, at the end of a character as people see it, and
// marks that with an ellipsis.
func cut(s string, width int) string {
	if textWidth(s) <= width {
		return s
	}
	taken, end := 0, 0
	for rest, state := s, -1; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if taken += w; taken > width-1 {
			break
		}
		end += len(cluster)
	}
	return s[:end] + "…"
}
