package output

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// createPart creates a file without a name in the folder of path, so that
// nothing is left of it however this process ends. Not every file system has
// such files, and without /proc they cannot be given a name.
func createPart(path string, mode fs.FileMode) (part *os.File, temp string, err error) {
	part, err = os.OpenFile(filepath.Dir(path), os.O_RDWR|unix.O_TMPFILE, mode)
	if err != nil {
		return createNamed(path, mode)
	}
	if _, err := os.Stat(descriptor(part)); err != nil {
		part.Close()
		return createNamed(path, mode)
	}
	return part, "", nil
}

// link gives a file without a name one.
func link(part *os.File, name string) error {
	return unix.Linkat(unix.AT_FDCWD, descriptor(part), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
}

func descriptor(file *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", file.Fd()) }
