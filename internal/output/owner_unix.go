//go:build !windows

package output

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file that root writes to whom it was before. Others cannot
// give files away, and need not.
func keepOwner(file *os.File, old fs.FileInfo) {
	if stat, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = file.Chown(int(stat.Uid), int(stat.Gid))
	}
}

// ownAlone tells a file of this user's that has no other name.
func ownAlone(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && stat.Nlink == 1
}
