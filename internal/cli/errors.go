package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/workfront"
)

// The exit statuses, which scripts depend on; signals have 128 and their number.
const (
	exitDone    = 0
	exitFailed  = 1 // network, server fault after retries, store
	exitUsage   = 2 // the command line or the configuration is wrong
	exitRefused = 3 // by Workfront
	exitLogin   = 4 // one is needed, or was not completed
	exitSome    = 5 // of several things were done, and others not
)

// statusError is an exit status whose reason has been printed as the answer itself, as by status and doctor.
type statusError int

func (statusError) Error() string { return "" }

// hinted adds what to type next to an error that cannot know it.
type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() }
func (e *hinted) Unwrap() error { return e.err }

// report prints an error and gives its exit status. It is the only place that does either.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	if status, ok := errors.AsType[statusError](err); ok {
		return int(status)
	}
	if e, ok := errors.AsType[*answerError](err); ok && output.ReaderGone(e.err) {
		return exitDone // as after | head: nothing failed that anyone still wants
	}
	status, hint := a.classify(err)
	if h, ok := errors.AsType[*hinted](err); ok {
		hint = h.hint
	}
	a.say(err.Error())
	if hint != "" {
		fmt.Fprintf(a.stderr(), "  hint: %s\n", a.printable(hint))
	}
	return status
}

// classify knows every kind of error that someone acts on, its exit status and the next command.
func (a *app) classify(err error) (status int, hint string) {
	if e, ok := errors.AsType[*interrupted](err); ok {
		return e.status(), ""
	}
	if e, ok := errors.AsType[*usageError](err); ok {
		return exitUsage, e.hint
	}
	if e, ok := errors.AsType[*config.UsageError](err); ok {
		return exitUsage, e.Hint
	}
	if _, ok := errors.AsType[*network.SettingError](err); ok {
		return exitUsage, ""
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitUsage, ""
	}
	if _, ok := errors.AsType[*auth.RedirectURIError](err); ok {
		return exitUsage, "wfauth login --redirect-uri " + config.DefaultRedirectURI
	}
	if _, ok := errors.AsType[*workfront.UsageError](err); ok {
		return exitUsage, "wfauth api --help"
	}
	if _, ok := errors.AsType[*workfront.RemovedVersionError](err); ok {
		return exitUsage, ""
	}
	if refusal, ok := errors.AsType[*workfront.Refusal](err); ok {
		if refusal.SessionGone { // a new session is not taken either
			return exitLogin, a.loginInstead(&auth.RefusedError{Code: refusal.Class, Description: refusal.Message})
		}
		return exitRefused, ""
	}
	if _, ok := errors.AsType[*someError](err); ok {
		return exitSome, ""
	}
	if e, ok := errors.AsType[*missingError](err); ok {
		return e.status(), ""
	}
	if e, ok := errors.AsType[*unfinishedError](err); ok {
		return e.status(), ""
	}
	if e, ok := errors.AsType[*auth.LoginRequiredError](err); ok {
		return exitLogin, a.loginInstead(e.Refused)
	}
	if e, ok := errors.AsType[*auth.NotCompletedError](err); ok {
		return exitLogin, strings.TrimSpace(a.loginInstead(e.Refused) + " " + e.Flag)
	}
	if e, ok := errors.AsType[*auth.PortsTakenError](err); ok {
		return exitFailed, "register a second redirect URL in Workfront, then: wfauth login --redirect-uri URL,OTHER-URL" + portOwnerHint(e.InUse)
	}
	if _, ok := errors.AsType[*auth.DamagedError](err); ok {
		return exitFailed, a.loginCommand()
	}
	if e, ok := errors.AsType[*secrets.Error](err); ok {
		return storeStatus(e.Kind), a.storeHint(e.Kind)
	}
	return exitFailed, a.otherNameHint(err)
}

func storeStatus(kind secrets.Kind) int {
	if kind == secrets.MissingPassphrase || kind == secrets.NoPassphrase {
		return exitUsage
	}
	return exitFailed
}

// printable makes any text fit for one line: first goes what acts on a terminal, then what is secret, and only then what is too long, for
// a cut or a character that is not seen could hide a secret from the mask.
func (a *app) printable(s string) string { return a.secrets.Printable(s) }
