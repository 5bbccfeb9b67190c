//go:build !linux && !darwin

package terminal

import (
	"context"
	"io"
	"os"
)

// foreground is always so: there are no jobs.
func foreground(*os.File) bool { return true }

// lines leaves editing and echo to the console, which cuts nothing of this length.
func lines(_ context.Context, in *os.File, _ io.Writer) (<-chan string, func()) {
	return Lines(in), func() {}
}
