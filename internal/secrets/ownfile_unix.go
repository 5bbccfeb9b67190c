//go:build unix

package secrets

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow refuses a link in the place of a file.
const noFollow = syscall.O_NOFOLLOW

// openOwn opens a file to read it, and never waits: a pipe in its place would
// have it wait for a writer.
func openOwn(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// stranger is the owner of a file that is not this user's.
func stranger(info fs.FileInfo) (uid uint32, ok bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return stat.Uid, int64(stat.Uid) != int64(os.Geteuid())
}

// tooWide is the mode of a file that others can read or change, else 0.
func tooWide(info fs.FileInfo) fs.FileMode {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return mode
	}
	return 0
}

// diskFull are the errors of a disk, or of a share of it, with no room left.
var diskFull = [...]error{syscall.ENOSPC, syscall.EDQUOT}
