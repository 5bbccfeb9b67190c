//go:build linux || darwin

package terminal

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// lookAgain is how often a reader that must not read now looks whether it may.
const lookAgain = 50 * time.Millisecond

// foreground says whether what is typed is for this process: a job in the background that reads is stopped by the system.
func foreground(in *os.File) bool {
	group, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp() // not the terminal that controls us: nothing stops us
}

// lines reads a terminal without its line mode, which cuts a line at 4,095 bytes (1,023 on macOS), and shows what is typed
// itself. It reads only in the foreground.
func lines(ctx context.Context, in *os.File, echo io.Writer) (<-chan string, func()) {
	ctx, cancel := context.WithCancel(ctx)
	typed := make(chan string)
	var reading sync.WaitGroup
	signal.Ignore(unix.SIGTTIN, unix.SIGTTOU) // between the look and the read the terminal can pass to another
	reading.Go(func() {
		defer close(typed)
		r := &lineReader{fd: int(in.Fd()), in: in, line: line{echo: echo}}
		defer r.restore()
		for ctx.Err() == nil {
			more, err := r.read(ctx)
			if err != nil {
				return
			}
			for _, text := range more {
				select {
				case typed <- text:
				case <-ctx.Done():
				}
			}
		}
	})
	return typed, func() {
		cancel()
		reading.Wait()
		signal.Reset(unix.SIGTTIN, unix.SIGTTOU)
	}
}

// lineReader is a terminal that is read by the byte.
type lineReader struct {
	fd     int
	in     *os.File
	before *unix.Termios // what the terminal was like; nil while it is as it was
	line
}

// read waits for a moment, and returns the lines that have ended meanwhile.
func (r *lineReader) read(ctx context.Context) ([]string, error) {
	if !foreground(r.in) {
		r.before = nil // whoever has the terminal now has set it up as they want it
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
		}
		return nil, nil
	}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	var ready unix.FdSet
	ready.Set(r.fd)
	wait := unix.NsecToTimeval(lookAgain.Nanoseconds())
	if n, err := unix.Select(r.fd+1, &ready, nil, nil, &wait); n == 0 || errors.Is(err, unix.EINTR) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	buffer := make([]byte, 4096)
	n, err := unix.Read(r.fd, buffer)
	switch {
	case errors.Is(err, unix.EINTR), errors.Is(err, unix.EIO) && !foreground(r.in):
		return nil, nil
	case err != nil:
		return nil, err
	case n == 0:
		return nil, io.EOF
	}
	return r.take(buffer[:n])
}

// prepare takes the terminal out of its line mode, again where someone else had it in the meantime. Ctrl-C stays a signal.
func (r *lineReader) prepare() error {
	mode, err := getTermios(r.fd)
	if err != nil || mode.Lflag&unix.ICANON == 0 && r.before != nil {
		return err
	}
	before := *mode
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if err := setTermios(r.fd, mode); err != nil {
		return err
	}
	r.before = &before
	return nil
}

// restore leaves the terminal as it was found, unless it is another's by now.
func (r *lineReader) restore() {
	if r.before != nil && foreground(r.in) {
		_ = setTermios(r.fd, r.before)
	}
}
