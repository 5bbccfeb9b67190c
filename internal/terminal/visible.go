package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible returns a writer that shows a terminal what w is given, with
// every character that could act on the terminal or disguise the text written
// as in JSON (\u001b). JSON therefore stays the same JSON. Line ends and tabs
// pass; bytes that are not UTF-8 become U+FFFD. A character may be split over
// two writes; one that is never completed is not shown.
func Visible(w io.Writer) io.Writer { return &visible{w: w} }

type visible struct {
	w       io.Writer
	pending []byte // the beginning of a character, or a CR that may belong to a CRLF
	shown   []byte // reused between writes
}

func (v *visible) Write(p []byte) (int, error) {
	in := p
	if len(v.pending) > 0 {
		in = append(v.pending, p...)
	}
	var rest []byte
	v.shown, rest = appendVisible(v.shown[:0], in)
	v.pending = append([]byte(nil), rest...)
	if _, err := v.w.Write(v.shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// appendVisible appends p as [Visible] shows it. The rest, at most three
// bytes, cannot be judged before the bytes that follow it are known.
func appendVisible(dst, p []byte) (shown, rest []byte) {
	for i := 0; i < len(p); {
		if c := p[i]; ' ' <= c && c < 0x7f || c == '\n' || c == '\t' {
			dst = append(dst, c)
			i++
			continue
		}
		if p[i] == '\r' {
			if i+1 == len(p) {
				return dst, p[i:]
			}
			if p[i+1] == '\n' {
				dst = append(dst, '\r')
				i++
				continue
			}
		}
		if !utf8.FullRune(p[i:]) {
			return dst, p[i:]
		}
		r, size := utf8.DecodeRune(p[i:])
		i += size
		if Acts(r) {
			dst = appendEscaped(dst, r)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst, nil
}

func appendEscaped(dst []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// Acts reports whether r does something to a terminal or to the characters
// around it instead of being seen: C0, DEL and C1 controls, the line and
// paragraph separators, the bidirectional controls of Unicode TR 9 that make
// text read in another order than it is stored, the byte order mark, and the
// invisible tag characters. The joiners stay, for emoji and Persian need them.
func Acts(r rune) bool {
	switch {
	case unicode.IsControl(r),
		r == 0x061c, r == 0x200e, r == 0x200f,
		0x2028 <= r && r <= 0x202e,
		0x2066 <= r && r <= 0x2069,
		r == 0xfeff,
		0xe0000 <= r && r <= 0xe007f:
		return true
	}
	return false
}

// maxPrintable bounds what a message may quote of a server's words.
const maxPrintable = 500

// Printable makes a server's words fit for one line of a message: as [Line], and
// of more than 500 characters the first 499 and an ellipsis remain.
func Printable(s string) string { return Clip(Line(s)) }

// Clip leaves of more than 500 characters the first 499 and an ellipsis.
func Clip(s string) string { return clip(s, maxPrintable) }

// Line makes a text fit to stand on one line: white space is folded to single
// spaces, and what acts on a terminal is left out.
func Line(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
		case Acts(r):
		default:
			if gap {
				b.WriteByte(' ')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// clip cuts s to at most n characters, the last of which is then an ellipsis.
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			return s[:i] + "…"
		}
	}
	return s
}
