package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// hush turns the echo off, if in is a console.
func hush(in *os.File) (restore func()) {
	console := windows.Handle(in.Fd())
	var before uint32
	if windows.GetConsoleMode(console, &before) != nil || windows.SetConsoleMode(console, before&^windows.ENABLE_ECHO_INPUT) != nil {
		return func() {} // nothing shows what is typed, or reading says what is wrong
	}
	return func() { _ = windows.SetConsoleMode(console, before) } // it may be gone
}
