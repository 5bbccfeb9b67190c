package cli

import (
	"fmt"
	"io"
)

// maxDocument bounds an answer that has to be in memory as a whole, to be taken apart or to be masked, in bytes after unpacking. A
// tenant must not be able to use up the machine.
const maxDocument = 256 << 20

// readDocument reads an answer of at most so many bytes.
func readDocument(r io.Reader, most int64) ([]byte, error) {
	whole, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(whole)) > most {
		err = fmt.Errorf("the answer is larger than %d MiB, too large to be taken apart: ask for fewer rows or fields, or print it as it comes with --out FILE", most>>20)
	}
	return whole, err
}
