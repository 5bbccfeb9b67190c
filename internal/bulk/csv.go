package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A table reads CSV by RFC 4180, in which lines may end with LF or CR as well. Unlike encoding/csv it keeps a CRLF inside
// quotes, for that is data, and finds out itself what parts the cells.
type table struct {
	r     *bufio.Reader
	meter *meter
	comma byte
	line  int   // in which the next character stands, from 1
	err   error // of reading, but for the end
	cell  []byte
}

var (
	errBareQuote = errors.New("a quote in a cell that does not begin with one: write the cell in quotes, and a quote in it twice")
	errAfter     = errors.New("text after the closing quote of a cell: write a quote in it twice")
	errOpenQuote = errors.New("a quote that is never closed")
)

// end is the character after the last one.
const end = -1

// read is the next character outside quotes, with every end of a line as '\n'.
func (t *table) read() int {
	c := t.raw()
	if c == '\r' {
		if next, err := t.r.Peek(1); err == nil && next[0] == '\n' {
			_ = t.raw() // it was there
		} else {
			t.line++
		}
		return '\n'
	}
	return c
}

// raw is the next character as it is.
func (t *table) raw() int {
	c, err := t.r.ReadByte()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			t.err = err
		}
		return end
	}
	if c == '\n' {
		t.line++
	}
	return int(c)
}

// next reads a row and tells in which line it begins; lines without a character are none. Its errors are io.EOF, those of
// reading, and those of CSV.
func (t *table) next() (line int, cells []string, err error) {
	t.meter.row()
	c := t.read()
	for c == '\n' {
		c = t.read()
	}
	if c == end && t.err == nil {
		return 0, nil, io.EOF
	}
	for line = t.line; ; c = t.read() {
		t.cell = t.cell[:0]
		if c == '"' {
			c, err = t.quoted()
		} else {
			c, err = t.plain(c)
		}
		if t.err != nil {
			err = t.err
		}
		if err != nil {
			return line, nil, err
		}
		cells = append(cells, string(t.cell))
		if c != int(t.comma) {
			return line, cells, nil
		}
	}
}

// plain reads a cell from its first character on, and returns what ended it.
func (t *table) plain(c int) (int, error) {
	for ; c != int(t.comma) && c != '\n' && c != end; c = t.read() {
		if c == '"' {
			return c, errBareQuote
		}
		t.cell = append(t.cell, byte(c))
	}
	return c, nil
}

// quoted reads a cell after its first quote.
func (t *table) quoted() (int, error) {
	for {
		switch c := t.raw(); c {
		case end:
			return c, errOpenQuote
		case '"':
			c = t.read()
			if c == int(t.comma) || c == '\n' || c == end {
				return c, nil
			}
			if c != '"' {
				return c, errAfter
			}
			t.cell = append(t.cell, '"')
		default:
			t.cell = append(t.cell, byte(c))
		}
	}
}

// header reads the first row, and takes for the separator what makes the most cells of it.
func (t *table) header() (line int, names []string, err error) {
	t.meter.row()
	var text []byte
	for inside := false; ; {
		c := t.raw()
		if c == end {
			break
		}
		if c == '"' {
			inside = !inside
		}
		isEnd := c == '\n' || c == '\r'
		if isEnd && len(text) == 0 {
			continue // the line is empty
		}
		if line == 0 {
			line = t.line
		}
		if isEnd && !inside {
			if next, err := t.r.Peek(1); c == '\r' && err == nil && next[0] == '\n' {
				_ = t.raw()
			} else if c == '\r' {
				t.line++
			}
			break
		}
		text = append(text, byte(c))
	}
	if t.err != nil {
		return line, nil, t.err
	}
	for _, comma := range [...]byte{',', ';', '\t'} {
		one := table{r: bufio.NewReader(bytes.NewReader(text)), meter: &meter{}, comma: comma, line: line}
		_, cells, wrong := one.next()
		if wrong != nil && err == nil {
			err = wrong
		}
		if wrong == nil && len(cells) > len(names) {
			names, t.comma = cells, comma
		}
	}
	if names != nil {
		err = nil
	}
	return line, names, err
}
