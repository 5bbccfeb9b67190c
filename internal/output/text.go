package output

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// appendText appends what a JSON value says: a string without its quotes and
// escapes, nothing for null, objects and arrays as compact JSON, and all else
// as it stands. Bytes that are not UTF-8 stay as they are.
func appendText(dst []byte, value jsontext.Value) []byte {
	switch value.Kind() {
	case jsontext.KindNull, jsontext.KindInvalid:
		return dst
	case jsontext.KindString:
		return appendUnescaped(dst, value[1:len(value)-1])
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		if compact, err := appendJSON(dst, value); err == nil {
			return compact
		}
	}
	return append(dst, value...)
}

// appendUnescaped appends the inside of a JSON string. It hands over to
// jsontext one run of escapes at a time (two \u may be one character), for over
// a whole string jsontext would replace bytes that are not UTF-8.
func appendUnescaped(dst, inside []byte) []byte {
	for {
		i := bytes.IndexByte(inside, '\\')
		if i < 0 {
			return append(dst, inside...)
		}
		dst = append(dst, inside[:i]...)
		inside = inside[i:]
		n := 0
		for n+1 < len(inside) && inside[n] == '\\' {
			if n += 2; inside[n-1] == 'u' {
				n += 4
			}
		}
		n = min(max(n, 1), len(inside))
		var room [64]byte
		run := append(append(append(room[:0], '"'), inside[:n]...), '"')
		// Lone surrogates have no character: they become U+FFFD, and that is
		// all the error can be about.
		dst, _ = jsontext.AppendUnquote(dst, run)
		inside = inside[n:]
	}
}
