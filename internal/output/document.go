// Package output turns the bytes a server sent into the formats that wfauth
// prints. It makes no request, reads no flag and decides nothing about what is
// printed: bytes go in, bytes go out.
//
// The rules are:
//
//   - What the server sent is kept byte for byte. Numbers are never parsed and
//     strings only where the format asks for another notation.
//   - Whoever prints to a terminal wraps it, so that no control character of
//     the server's acts there. A table leaves such characters out, and YAML
//     escapes them, because they decide what a line looks like.
//   - A page of rows is one write, and nothing is held back between two pages,
//     so that what was written before a failure is whole. The exception is a
//     table whose columns only its last row may complete.
package output

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Document writes one answer: exactly as the server sent it, or indented for
// people, by two spaces a level and with a line end.
// Keys keep their order, numbers and strings their notation. A body that is
// not JSON is not an error.
func Document(w io.Writer, body []byte, indent bool) error {
	if !indent {
		_, err := w.Write(body)
		return err
	}
	shown := jsontext.Value(bytes.Clone(body))
	if depth(body) <= maxIndented {
		// What cannot be indented is left as it is, and so shown.
		_ = shown.Indent(jsontext.WithIndent("  "))
	}
	if len(shown) > 0 && !bytes.HasSuffix(shown, []byte("\n")) {
		shown = append(shown, '\n')
	}
	_, err := w.Write(shown)
	return err
}

// maxIndented bounds the nesting that is indented: 20 kB of brackets, as deep
// as JSON is taken, would become 200 MB of spaces.
const maxIndented = 200

// depth tells how deep body is nested, as far as it is JSON.
func depth(body []byte) int {
	deepest := 0
	var r reader
	for r.reset(body); ; {
		if _, err := r.decoder.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, r.decoder.StackDepth())
	}
}
