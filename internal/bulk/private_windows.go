package bulk

import (
	"crypto/rand"
	"os"
	"path/filepath"
)

// deleteOnClose is FILE_FLAG_DELETE_ON_CLOSE: the system deletes the file with its last handle, also that of a process that
// was killed.
const deleteOnClose = 0x04000000

// private opens a file in the user's own folder for such files, which others cannot read.
func private() (*os.File, error) {
	name := filepath.Join(os.TempDir(), "wfauth-"+rand.Text())
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|deleteOnClose, 0o600)
}

// syncFolder has nothing to do: Windows keeps its folders in a journal of its own.
func syncFolder(string) error { return nil }
