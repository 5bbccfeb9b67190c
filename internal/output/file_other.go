//go:build !linux

package output

import (
	"errors"
	"io/fs"
	"os"
)

// createPart creates the file that is to take path's place.
func createPart(path string, mode fs.FileMode) (part *os.File, temp string, err error) {
	return createNamed(path, mode)
}

// link is for files without a name, which are Linux's.
func link(*os.File, string) error { return errors.ErrUnsupported }
