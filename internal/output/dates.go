package output

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Workfront writes 2017-03-08T17:00:00:123+0400 where RFC 3339 has
// 2017-03-08T17:00:00.123+04:00: a colon before the milliseconds, and none in
// the offset. In JSON such a text stands in quotes, and nothing else has a digit
// right after its first quote, so that dates are found without a look at what
// is around them, wherever in an answer they stand.

// longestDate is that of Workfront's form, with its quotes.
const longestDate = len(`"2017-03-08T17:00:00:123+0400"`)

// AppendISODates appends JSON with each date of Workfront's as RFC 3339 has it:
// in the same offset, Z for none, and with milliseconds where they are not zero.
// Every other byte stays.
func AppendISODates(dst, document []byte) []byte {
	dst, _ = appendISODates(dst, document, true)
	return dst
}

// ISODates returns a writer that gives the dates of the rows to another as
// [AppendISODates] has them.
func ISODates(w RowWriter) RowWriter { return &isoRows{RowWriter: w} }

type isoRows struct {
	RowWriter
	rows []jsontext.Value // reused between pages
	buf  []byte           // what they are parts of
}

func (d *isoRows) Page(rows []jsontext.Value) error {
	d.rows, d.buf = d.rows[:0], d.buf[:0]
	for _, row := range rows {
		begin := len(d.buf)
		d.buf = AppendISODates(d.buf, row)
		d.rows = append(d.rows, d.buf[begin:])
	}
	return d.RowWriter.Page(d.rows)
}

// ISODatesWriter returns a writer of one document to w, as [AppendISODates]
// has it. Close writes what may have become a date; it does not close w.
func ISODatesWriter(w io.Writer) io.WriteCloser { return &isoWriter{w: w} }

type isoWriter struct {
	w         io.Writer
	rest, buf []byte
}

func (d *isoWriter) Write(p []byte) (int, error) {
	d.rest = append(d.rest, p...)
	var rest []byte
	d.buf, rest = appendISODates(d.buf[:0], d.rest, false)
	d.rest = append(d.rest[:0], rest...)
	if _, err := d.w.Write(d.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *isoWriter) Close() error {
	if len(d.rest) == 0 {
		return nil
	}
	_, err := d.w.Write(AppendISODates(nil, d.rest))
	return err
}

// appendISODates appends p up to what may be the beginning of a date, the rest,
// of which there is none at the end.
func appendISODates(dst, p []byte, end bool) (done, rest []byte) {
	from := 0 // of what is not appended yet
	for at := 0; ; {
		i := bytes.IndexByte(p[at:], '"')
		if i < 0 {
			break
		}
		i += at
		escaped := i > 0 && p[i-1] == '\\'
		if !end && len(p)-i < longestDate {
			if escaped {
				i--
			}
			return append(dst, p[from:i]...), p[i:]
		}
		at = i + 1
		if escaped {
			continue
		}
		if text := p[i:]; isDate(text) {
			dst = appendISODate(append(dst, p[from:i]...), text)
			at = i + 1 + bytes.IndexByte(text[1:], '"')
			from = at // the quote after it is copied with what follows
			at++
		}
	}
	if n := len(p) - 1; !end && n >= from && p[n] == '\\' {
		return append(dst, p[from:n]...), p[n:]
	}
	return append(dst, p[from:]...), nil
}

// isDate tells whether JSON begins with a date of Workfront's form, in quotes;
// events have a point in place of the third colon.
func isDate(text []byte) bool {
	const form = `"0000-00-00T00:00:00:000`
	if len(text) <= len(form) {
		return false
	}
	for i := range len(form) {
		c, want := text[i], form[i]
		if c != want && !(want == '0' && isDigit(c)) && !(i == len(form)-4 && c == '.') {
			return false
		}
	}
	month, day, hour, minute, second := text[6:8], text[9:11], text[12:14], text[15:17], text[18:20]
	if !within(month, "01", "12") || !within(day, "01", "31") || !within(hour, "00", "23") || !within(minute, "00", "59") || !within(second, "00", "60") {
		return false
	}
	switch zone := text[len(form):]; zone[0] {
	case 'Z': // with a point it is RFC 3339 as it stands
		return len(zone) > 1 && zone[1] == '"' && text[len(form)-4] == ':'
	case '+', '-':
		if len(zone) < len(`+0000"`) || zone[5] != '"' {
			return false
		}
		return isDigit(zone[1]) && isDigit(zone[2]) && isDigit(zone[3]) && isDigit(zone[4]) && within(zone[1:3], "00", "23") && within(zone[3:5], "00", "59")
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// within compares numbers of two digits.
func within(number []byte, least, most string) bool {
	return string(number) >= least && string(number) <= most
}

// appendISODate appends what isDate has seen to be a date, with its first quote.
func appendISODate(dst, text []byte) []byte {
	dst = append(dst, text[:20]...)
	if milli := text[21:24]; string(milli) != "000" {
		dst = append(append(dst, '.'), milli...)
	}
	zone := text[24:]
	if zone[0] == 'Z' || string(zone[:5]) == "+0000" {
		return append(dst, 'Z')
	}
	return append(append(append(dst, zone[:3]...), ':'), zone[3:5]...)
}
