// Package output turns the bytes a server sent into the formats that wfauth
// prints. It makes no request, reads no flag and decides nothing about what is
// printed: bytes go in, bytes go out.
//
// The rules are:
//
//   - What the server sent is kept byte for byte. Numbers are never parsed and
//     strings only where the format asks for another notation.
//   - To a terminal no control character goes that the server chose, because
//     it would let the server move the cursor and forge what stands there.
//   - A page of rows is one write, and nothing is held back between two pages,
//     so that what was written before a failure is whole.
package output

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Document writes one answer: exactly as the server sent it, or, for a
// terminal, indented by two spaces a level and passed through [ForTerminal].
// Keys keep their order, numbers and strings their notation. A body that is
// not JSON is not an error.
func Document(w io.Writer, body []byte, terminal bool) error {
	if !terminal {
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
	_, err := ForTerminal(w).Write(shown)
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
