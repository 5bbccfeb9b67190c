package output

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isPlain reports whether a text may stand in YAML without quotes, outside
// brackets. Only what is plainly a text does: it begins with a letter, so it is
// no number, date or sign of YAML's, and it is no word that YAML 1.1 or 1.2
// takes for null or a truth value.
func isPlain(text []byte) bool {
	var last rune
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError || i == 0 && !unicode.IsLetter(r):
			return false
		case r == ' ' && last == ':', r > 0x7f && !unicode.In(r, unicode.L, unicode.M, unicode.N):
			return false
		case r <= 0x7f && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-./$()@+,':%", r):
			return false
		}
		last = r
		i += size
	}
	return last != 0 && last != ' ' && last != ':' && !isWord(text)
}

// isWord reports whether YAML 1.1 or 1.2 gives a word a meaning.
func isWord(text []byte) bool {
	if len(text) > len("false") {
		return false
	}
	switch strings.ToLower(string(text)) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// appendQuoted appends a text in double quotes. Whatever is not seen is
// escaped; bytes that are not UTF-8, for which YAML has no notation, become
// U+FFFD.
func (y *yaml) appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, r := range string(text) {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r > 0xffff && y.acts(r):
			dst = fmt.Appendf(dst, `\U%08x`, r)
		case y.acts(r), r&0xfffe == 0xfffe:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
