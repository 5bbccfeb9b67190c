package objectstore

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// JSON is written by appending: a page of 2,000 rows is made while a client waits.

// AppendString appends text, which must be UTF-8, as JSON.
func AppendString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i, r := range s {
		var escape string
		switch {
		case r == '"':
			escape = `\"`
		case r == '\\':
			escape = `\\`
		case r == '\n':
			escape = `\n`
		case r == '\r':
			escape = `\r`
		case r == '\t':
			escape = `\t`
		case r < ' ':
			escape = `\u00` + string(digits[r>>4]) + string(digits[r&15])
		default:
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, escape...)
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// appendValue writes a field that is not nested.
func appendValue(dst []byte, f *field, v value, version int, target *table) []byte {
	if v.null {
		return append(dst, "null"...)
	}
	switch f.kind {
	case kindInt:
		return strconv.AppendInt(dst, int64(v.number), 10)
	case kindDouble:
		return strconv.AppendFloat(dst, v.number, 'f', -1, 64)
	case kindCurrency:
		if version < 20 {
			return strconv.AppendFloat(dst, v.number, 'f', -1, 64)
		}
		dst = append(dst, '"')
		dst = strconv.AppendFloat(dst, v.number, 'f', 2, 64)
		return append(dst, '"')
	case kindBool:
		return appendBool(dst, v.number != 0)
	case kindDate:
		dst = append(dst, '"')
		return append(appendDate(dst, v.number), '"')
	case kindDateTime:
		dst = append(dst, '"')
		return append(appendDateTime(dst, v.number), '"')
	case kindReference:
		dst = append(dst, '"')
		dst = hex.AppendEncode(dst, target.ids[int(v.number)][:])
		return append(dst, '"')
	}
	return AppendString(dst, v.text)
}

// jsonMember and jsonObject serve where answers are small.
func jsonMember(name, value string) string { return string(AppendString(nil, name)) + ":" + value }

func jsonObject(members []string) string { return "{" + strings.Join(members, ",") + "}" }

func jsonArray(elements []string) string { return "[" + strings.Join(elements, ",") + "]" }
