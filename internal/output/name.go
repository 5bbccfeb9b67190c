package output

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName      = 255 // bytes of a file's name, on every system that is in use
	maxExtension = 32  // bytes of it that are kept when a name is cut
)

// SafeName makes a name that somebody else has chosen fit for a file in a folder of this user's, and the same on every system: it is one
// name and no path, is no hidden file and no device, looks like no option, and holds nothing that acts on a terminal, that a system keeps
// for itself or that is not seen. It is empty if nothing is left by which anyone would know the file.
func SafeName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(name, "_") {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r):
			b.WriteByte('_')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d: // the joiners are a part of words and emoji
		default:
			b.WriteRune(r)
		}
	}
	name = trimmed(b.String())
	if strings.Trim(name, "._-~ ") == "" {
		return ""
	}
	if strings.ContainsRune(".-~", rune(name[0])) {
		name = "_" + name[1:]
	}
	if isDevice(name) {
		name = "_" + name
	}
	return numbered(name, 1)
}

// trimmed leaves out what Windows would, at the end, and what nobody sees, at the beginning.
func trimmed(name string) string { return strings.TrimLeft(strings.TrimRight(name, ". "), " ") }

// isDevice knows the names that Windows keeps for devices, whatever follows a dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	switch stem = strings.ToUpper(strings.TrimRight(stem, " ")); stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	if !strings.HasPrefix(stem, "COM") && !strings.HasPrefix(stem, "LPT") {
		return false
	}
	digit := stem[3:]
	return len(digit) == 1 && digit[0] >= '0' && digit[0] <= '9' || digit == "¹" || digit == "²" || digit == "³"
}

// numbered is the nth name of those that are like it: "name (2).pdf". A long one is cut before its extension.
func numbered(name string, n int) string {
	stem, extension := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= maxExtension {
		stem, extension = name[:i], name[i:]
	}
	suffix := extension
	if n > 1 {
		suffix = fmt.Sprintf(" (%d)%s", n, extension)
	}
	if most := maxName - len(suffix); len(stem) > most {
		for most > 0 && !utf8.RuneStart(stem[most]) {
			most--
		}
		stem = trimmed(stem[:most])
	}
	return stem + suffix
}
