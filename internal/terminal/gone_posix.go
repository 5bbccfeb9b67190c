//go:build linux || darwin

package terminal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// gone says whether a file is a terminal that was closed: its own reads say no more than an end of input, as Ctrl-D does.
func gone(file *os.File) bool {
	_, err := getTermios(int(file.Fd()))
	return errors.Is(err, unix.EIO)
}
