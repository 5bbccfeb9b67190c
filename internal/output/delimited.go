package output

import (
	"bytes"
	"iter"
)

// A delimited layout puts a separator between the texts of a row. Texts are
// what the server sent, also those that a spreadsheet takes for formulas: what
// is data here must stay data.
type delimited struct {
	head           string // before everything
	separator, end string
	lone           string // stands for a line's only text if that is empty
	appendSafe     func(dst, text []byte) []byte
	text           []byte // reused between cells
}

// newCSV is RFC 4180.
func newCSV(bom bool) *delimited {
	d := &delimited{separator: ",", end: "\r\n", appendSafe: appendQuoted}
	d.lone = `""` // readers take an empty line for no row
	if bom {
		d.head = "\ufeff"
	}
	return d
}

// newTSV has one row a line, whatever the texts.
func newTSV() *delimited {
	return &delimited{separator: "\t", end: "\n", appendSafe: appendBackslashed}
}

func (d *delimited) appendHeader(dst []byte, names []string, _ iter.Seq[[]cell]) []byte {
	dst = append(dst, d.head...)
	for i, name := range names {
		if i > 0 {
			dst = append(dst, d.separator...)
		}
		dst = d.appendSafe(dst, []byte(name))
	}
	return append(dst, d.end...)
}

func (d *delimited) appendRow(dst []byte, cells []cell) []byte {
	begin := len(dst)
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, d.separator...)
		}
		d.text = appendText(d.text[:0], cell.value)
		dst = d.appendSafe(dst, d.text)
	}
	if len(dst) == begin {
		dst = append(dst, d.lone...)
	}
	return append(dst, d.end...)
}

// appendQuoted appends a text, in quotes if it would break its line without.
func appendQuoted(dst, text []byte) []byte {
	breaks := func(c byte) bool { return bytes.IndexByte(text, c) >= 0 }
	if !breaks(',') && !breaks('"') && !breaks('\n') && !breaks('\r') {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			return append(append(dst, text...), '"')
		}
		dst = append(append(dst, text[:i]...), `""`...)
		text = text[i+1:]
	}
}

// appendBackslashed writes tabs, line ends and backslashes as \t, \n, \r and \\.
func appendBackslashed(dst, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\\':
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
