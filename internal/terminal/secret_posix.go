//go:build linux || darwin

package terminal

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// hush turns the echo off, if in is a terminal.
func hush(in *os.File) (restore func()) {
	before, err := silence(int(in.Fd()))
	if err != nil {
		return func() {} // nothing shows what is typed, or reading says what is wrong
	}
	return func() { _ = setTermios(int(in.Fd()), before) } // it may be gone
}

// silence has a terminal take lines without showing them, and returns what it was like.
func silence(fd int) (before *unix.Termios, err error) {
	if before, err = getTermios(fd); err != nil {
		return nil, err
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	silent.Lflag |= unix.ICANON | unix.ISIG
	silent.Iflag |= unix.ICRNL
	return before, setTermios(fd, &silent)
}

// readSecret turns the echo off and on itself: a read that is left behind must not touch the terminal any more.
func readSecret(ctx context.Context, in *os.File) (string, error) {
	before, err := silence(int(in.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { _ = setTermios(int(in.Fd()), before) }() // it may be gone
	return awaited(ctx, func() (string, error) { return readLine(in) })
}
