package config

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Decoded is a text as an editor or a shell has left it, in UTF-8: without a byte order mark, and read as UTF-16 where one
// says so, or where every other byte of its beginning is zero, as PowerShell writes files.
func Decoded(text string) string {
	order, marked := utf16Order(text)
	if order == nil {
		return strings.TrimPrefix(text, "\ufeff")
	}
	if marked {
		text = text[2:]
	}
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16([]byte(text[2*i : 2*i+2]))
	}
	return string(utf16.Decode(units))
}

// utf16Order tells in which order of bytes a text is UTF-16, and whether a mark says so; nil is none.
func utf16Order(text string) (order binary.ByteOrder, marked bool) {
	switch {
	case len(text) < 2:
		return nil, false
	case strings.HasPrefix(text, "\xff\xfe"):
		return binary.LittleEndian, true
	case strings.HasPrefix(text, "\xfe\xff"):
		return binary.BigEndian, true
	case text[0] != 0 && text[1] == 0:
		return binary.LittleEndian, false
	case text[0] == 0 && text[1] != 0:
		return binary.BigEndian, false
	}
	return nil, false
}

// Plain is [Decoded] without what stands around an ID or a secret that was copied: blanks, line ends, and marks of no width.
func Plain(text string) string {
	return strings.TrimFunc(Decoded(text), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == 0
	})
}

// Line is [Decoded] without one final line end, for what may begin and end in blanks.
func Line(text string) string {
	text = strings.TrimSuffix(Decoded(text), "\n")
	return strings.TrimSuffix(text, "\r")
}
