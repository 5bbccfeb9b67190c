package output

import (
	"os"

	"golang.org/x/sys/unix"
)

// temporary opens a file for this process alone that never has a name, where the
// file system has such files: a kill leaves nothing, whenever it comes.
func temporary() (*os.File, error) {
	file, err := os.OpenFile(os.TempDir(), os.O_RDWR|os.O_EXCL|unix.O_TMPFILE, 0o600)
	if err != nil {
		return unlinked()
	}
	return file, nil
}
