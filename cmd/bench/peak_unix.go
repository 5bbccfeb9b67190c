//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakOf is the most memory that a process had in use. On Linux it includes what bench itself had before it became that process,
// which is little.
func peakOf(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) //nolint:unconvert // of 32 bits on some systems
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // of 32 bits on some systems
}
