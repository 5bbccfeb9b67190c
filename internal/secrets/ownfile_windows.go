package secrets

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow: a file that must be new is never a link's target.
const noFollow = 0

func openOwn(path string) (*os.File, error) { return os.Open(path) }

// stranger and tooWide leave it to the folder, which is in the user's profile:
// a file in it has the access list of its folder.
func stranger(fs.FileInfo) (uid uint32, ok bool) { return 0, false }

func tooWide(fs.FileInfo) fs.FileMode { return 0 }

// diskFull are ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED.
var diskFull = [...]error{syscall.Errno(112), syscall.Errno(39), syscall.Errno(1295)}
