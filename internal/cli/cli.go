// Package cli is the wfauth program: the command tree, and the one place where an error becomes words and an exit
// status. What the words are about is the other packages' work.
//
// The rules of its output are:
//
//   - stdout carries the answer and nothing else.
//   - Everything for a person goes to stderr: messages begin with "wfauth: ", lower case, without a period; what to type
//     next stands on a line of its own that begins with "  hint: ".
//   - Cursor control, colour and spinners need the stream to be a terminal.
//   - Every line that reaches stderr has the secrets of this run masked, whoever wrote it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pkg/browser"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// Env is the outside world as the program sees it.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Environ        func() []string // what wfauth exec hands on
	Terminal       terminal.Streams
	OpenURL        func(url string) error // shows a page in the user's browser; may take as long as that is open

	// HeedSignals, if set, is called before a command that may wait or start another program: from then on signals end the context.
	HeedSignals func()

	// PassphraseWork is what a guess at the passphrase of a file sealed by this run costs, as a power of two; 0: secrets' own.
	PassphraseWork int
	// StoreDeadline is how long a store may take for one operation; 0: secrets' own.
	StoreDeadline time.Duration

	// Store, if set, keeps every profile's secrets in the place of the one in the settings: the demonstration's is memory.
	Store *secrets.Item
}

// Main is the program on this system: it runs until done or told to stop. Tests change what it takes the world to be.
func Main(change ...func(*Env)) int {
	signal.Ignore(syscall.SIGQUIT)            // until it is heeded: it would print the stack
	cobra.MousetrapHelpText = ""              // would sleep for five seconds when started from the Windows Explorer
	browser.Stdout, browser.Stderr = nil, nil // what a launcher prints is no answer of ours
	getenv, environ := takeEnvironment()
	env := Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: getenv, Environ: environ,
		Terminal: terminal.System(os.Stdin, os.Stdout, os.Stderr),
		OpenURL:  func(url string) error { return terminal.OpenBrowser(getenv, url) },
	}
	if signal.Ignored(syscall.SIGHUP) { // as by nohup
		env.Terminal.Gone = nil
	}
	for _, change := range change {
		change(&env)
	}
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	// Writing to a reader that has gone is to be an error and not the end. SIGPIPE is asked for later, with the others, since what is
	// ignored would be ignored by the children, too; but asking starts a thread, which is a tenth of the time of wfauth version.
	signals := make(chan os.Signal, 8)
	signal.Ignore(syscall.SIGPIPE)
	env.HeedSignals = func() {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGPIPE)
		if !signal.Ignored(syscall.SIGHUP) { // as by nohup
			signal.Notify(signals, syscall.SIGHUP)
		}
	}
	done := make(chan int, 1)
	go func() { done <- Run(ctx, env) }()
	var first os.Signal
	for {
		select {
		case status := <-done:
			return status
		case s := <-signals:
			if s == syscall.SIGPIPE || s == syscall.SIGHUP && first != nil {
				continue // the write says it too; and as a window closes systems send several, which is no second wish
			}
			if first != nil { // the second time nothing is waited for
				fmt.Fprintf(env.Stderr, "wfauth: %s a second time: nothing was waited for\n", &interrupted{s})
				return (&interrupted{first}).status()
			}
			first = s
			interrupt(&interrupted{s})
		}
	}
}

// Run is the program: one command, from its arguments to its exit status.
func Run(ctx context.Context, env Env) int {
	answer := &answerWriter{w: env.Stdout}
	env.Stdout = answer
	if env.Terminal.Shared {
		env.Stderr = afterAnswer{answer, env.Stderr}
	}
	a := &app{env: env}
	defer a.bus.Close()
	root := newRootCmd(a)
	a.addObject(root, env.Args)
	if completes(env.Args) {
		a.addCompletion(root)
	}
	root.SetArgs(withVersion(env.Args))
	root.SetIn(env.Stdin)
	root.SetErr(a.stderr())
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		err = answer.failed() // help is written without a look at the outcome
	case !a.running:
		err = a.commandLineError(root, err)
	}
	if err != nil && env.Terminal.Gone != nil && env.Terminal.Gone() {
		terminal.HungUp(ctx, syscall.EIO) // then that is why, whatever it has made fail
	}
	_, own := errors.AsType[statusError](err) // of a command that wfauth exec ran
	if cause, ok := errors.AsType[*interrupted](context.Cause(ctx)); ok && err != nil && !own {
		err = interruptedAs(err, cause)
	}
	return a.report(err)
}

// withVersion takes what other programs are asked for their version by.
func withVersion(args []string) []string {
	if len(args) > 0 && (args[0] == "--version" || args[0] == "-v") {
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

// interruptedAs is an interruption with what err leaves open.
func interruptedAs(err error, cause *interrupted) error {
	if partial, ok := errors.AsType[*partialError](err); ok {
		return &partialError{partial.written, partial.read, cause}
	}
	if _, ok := errors.AsType[*workfront.MaybeDoneError](err); ok {
		return &workfront.MaybeDoneError{Err: cause}
	}
	return cause
}

// interrupted is why a context ended that a signal ended.
type interrupted struct{ signal os.Signal }

func (i *interrupted) Error() string {
	switch i.signal {
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "hung up"
	case syscall.SIGQUIT:
		return "quit"
	}
	return "interrupted"
}

// status is the shell's: 128 and the signal's number.
func (i *interrupted) status() int {
	if s, ok := i.signal.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 130
}

// note prints one line for a person, unless --quiet.
func (a *app) note(text string) {
	if a.quiet {
		return
	}
	a.say(text)
}

// say prints one line that --quiet does not silence.
func (a *app) say(text string) { fmt.Fprintf(a.stderr(), "wfauth: %s\n", a.printable(text)) }
