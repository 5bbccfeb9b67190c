//go:build unix

package cli

import (
	"fmt"
	"syscall"
)

// run becomes the command: signals, job control and the exit status are then the system's own. It returns only if that
// fails.
func (a *app) run(path string, args, environ []string) error {
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, args, environ))
}
