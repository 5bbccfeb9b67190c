//go:build linux || darwin

package terminal

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// readSecret turns the echo off and on itself: a read that is left behind must not touch the terminal any more.
func readSecret(ctx context.Context, in *os.File) (string, error) {
	fd := int(in.Fd())
	before, err := getTermios(fd)
	if err != nil {
		return "", err
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	silent.Lflag |= unix.ICANON | unix.ISIG
	silent.Iflag |= unix.ICRNL
	if err := setTermios(fd, &silent); err != nil {
		return "", err
	}
	defer func() { _ = setTermios(fd, before) }() // it may be gone
	return awaited(ctx, func() (string, error) { return readLine(in) })
}
