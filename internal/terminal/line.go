package terminal

import (
	"io"
	"unicode/utf8"
)

// maxLine bounds a line: no address is that long.
const maxLine = 64 << 10

// line is what was typed since the last Enter, where the terminal itself does not keep it.
type line struct {
	echo io.Writer
	text []byte
}

// The keys that edit a line. The terminal's Enter is "\n".
const (
	keyEnd       = 0x04 // Ctrl-D
	keyBackspace = 0x08
	keyKill      = 0x15 // Ctrl-U
	keyDelete    = 0x7f // what most keyboards send for Backspace
)

// take adds what was typed, shows it, and returns the lines that have ended with it. Ctrl-D on an empty line is [io.EOF]. What
// cannot be shown, such as the marks around a paste, is kept all the same.
func (l *line) take(keys []byte) (ended []string, err error) {
	var shown []byte
	defer func() { _, _ = l.echo.Write(shown) }() // a person who sees nothing can type all the same
	for _, key := range keys {
		switch {
		case key == '\n' || key == '\r':
			ended = append(ended, string(l.text))
			l.text, shown = l.text[:0], append(shown, '\n')
		case key == keyEnd && len(l.text) == 0:
			return ended, io.EOF
		case key == keyBackspace || key == keyDelete:
			shown = l.erase(shown)
		case key == keyKill:
			for len(l.text) > 0 {
				shown = l.erase(shown)
			}
		case len(l.text) < maxLine:
			l.text = append(l.text, key)
			if key >= ' ' {
				shown = append(shown, key)
			}
		}
	}
	return ended, nil
}

// erase takes away the last character, on the screen too if it was shown.
func (l *line) erase(shown []byte) []byte {
	r, size := utf8.DecodeLastRune(l.text)
	l.text = l.text[:len(l.text)-size]
	if size > 0 && r >= ' ' {
		shown = append(shown, "\b \b"...)
	}
	return shown
}
