package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
)

// run starts the command and exits as it does. The console hands Ctrl-C to it as well, so it is not passed on here.
func (a *app) run(path string, args, environ []string) error {
	cmd := &exec.Cmd{Path: path, Args: args, Env: environ, Stdin: a.env.Stdin, Stdout: a.env.Stdout, Stderr: a.env.Stderr}
	signal.Ignore(os.Interrupt) // the command's to answer
	defer signal.Reset(os.Interrupt)
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return statusError(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}
