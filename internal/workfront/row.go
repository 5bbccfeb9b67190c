package workfront

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// row is one of the objects in data.
type row struct {
	value jsontext.Value // part of page.body
	id    []byte         // unquoted; part of value unless it was escaped
	from  int            // where in value the member ID begins, with its name
	to    int            // where it ends
}

// findID finds the member ID of an object that is known to be well-formed. Should there be two, the first counts; usually it is the
// first of all members, so nothing else needs to be looked at.
func (r *row) findID() error {
	if r.value.Kind() != '{' {
		return errors.New("is not an object")
	}
	for at := 1; ; at++ { // past the brace or a comma
		from := skipSpace(r.value, at)
		if r.value[from] == '}' {
			return errNoID
		}
		name := skipString(r.value, from)
		value := skipSpace(r.value, skipSpace(r.value, name)+1) // past the colon
		if isID(r.value[from:name]) {
			if r.value[value] != '"' {
				return errNoID
			}
			r.from, r.to = from, skipString(r.value, value)
			r.id = unquoted(r.value[value:r.to])
			return nil
		}
		if at = skipSpace(r.value, skipValue(r.value, value)); r.value[at] == '}' {
			return errNoID
		}
	}
}

var errNoID = errors.New("has no ID")

func isID(quoted []byte) bool {
	return string(quoted) == `"ID"` || bytes.IndexByte(quoted, '\\') >= 0 && string(unquoted(quoted)) == "ID"
}

// unquoted is the text of a string, part of it where nothing is escaped.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // its one error is of bytes that are not UTF-8
	return text
}

// The following skip what begins at a place in well-formed JSON, and give the place after it.

func skipSpace(v []byte, at int) int {
	for v[at] == ' ' || v[at] == '\n' || v[at] == '\t' || v[at] == '\r' {
		at++
	}
	return at
}

func skipString(v []byte, at int) int {
	for at++; ; {
		at += bytes.IndexByte(v[at:], '"')
		slash := at - 1
		for v[slash] == '\\' {
			slash--
		}
		at++
		if (at-slash)%2 == 0 { // as many escapes as escape each other
			return at
		}
	}
}

func skipValue(v []byte, at int) int {
	switch v[at] {
	case '"':
		return skipString(v, at)
	case '{', '[':
		for depth := 0; ; {
			switch v[at] {
			case '"':
				at = skipString(v, at)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return at + 1
				}
			}
			at++
		}
	}
	for ; ; at++ {
		switch v[at] {
		case ',', '}', ' ', '\n', '\t', '\r':
			return at
		}
	}
}

// withoutID removes the member ID and one comma, and leaves every other byte as it was. The row is overwritten, its id with it.
func (r row) withoutID() jsontext.Value {
	const space = " \t\r\n"
	from, to := r.from, r.to
	before := bytes.TrimRight(r.value[:from], space)
	after := bytes.TrimLeft(r.value[to:], space)
	if before[len(before)-1] == ',' {
		from = len(before) - 1
	} else if after[0] == ',' {
		to = len(r.value) - len(after) + 1
	}
	return append(r.value[:from], r.value[to:]...)
}
