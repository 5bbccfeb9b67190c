//go:build unix

package gateway

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openKeyFile never waits: a pipe in the place of the file would have it wait for a writer.
func openKeyFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// shared tells why others have a file, too; empty if they have not.
func shared(info fs.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int64(stat.Uid) != int64(os.Geteuid()) {
		return fmt.Sprintf("belongs to another user (%d)", stat.Uid)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Sprintf("can be read or changed by others (mode %04o)", mode)
	}
	return ""
}
