package output

import (
	"errors"
	"io"
	"runtime"
	"syscall"
)

// ReaderGone reports whether err says that nobody reads what is written any
// more, as after | head. It is no failure of ours. On Unix a program sees it
// on its own stdout only if it has asked for SIGPIPE; otherwise it is killed.
func ReaderGone(err error) bool {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	const ( // of the Windows API, which package syscall knows only there
		brokenPipe = syscall.Errno(109) // ERROR_BROKEN_PIPE
		noData     = syscall.Errno(232) // ERROR_NO_DATA: the pipe is being closed
	)
	return runtime.GOOS == "windows" && (errors.Is(err, brokenPipe) || errors.Is(err, noData))
}
