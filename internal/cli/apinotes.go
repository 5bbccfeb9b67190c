package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/workfront"
)

// noteDollars says where a shell seems to have replaced $$, which Workfront answers with other rows or none, and no error.
func (a *app) noteDollars(r workfront.Request) {
	for _, fields := range [...][]workfront.Field{workfront.QueryOf(r.Path), r.Fields} {
		for _, f := range fields {
			if meant, ok := workfront.MeantDollars(f); ok {
				a.note(fmt.Sprintf("%s=%s looks as if the shell had put a number of its own for $$: in single quotes it stays, as in -f '%s=%s'",
					f.Key, f.Value, meant.Key, strings.ReplaceAll(meant.Value, "'", `'\''`)))
			}
		}
	}
}

// noteHundred says that an answer is probably not the whole list.
func (a *app) noteHundred(r workfront.Request, answer *workfront.Response) {
	if !workfront.FirstHundred(r, answer) {
		return
	}
	more := "--paginate reads the whole list"
	for _, f := range append(workfront.QueryOf(r.Path), r.Fields...) {
		if f.Key == "map" {
			more = "-f '$$LIMIT=2000' asks for more" // a map has no pages
		}
	}
	a.note("these are 100 rows, as many as Workfront sends where nothing says how many, and perhaps not all: " + more)
}

// apiHint adds to an error of the API the call that is right.
func (a *app) apiHint(cmd *cobra.Command, r workfront.Request, err error) error {
	if e, ok := errors.AsType[*workfront.PathError](err); ok && e.Instead != "" {
		return &hinted{err, retyped(cmd, e.Instead, nil)}
	}
	if refusal, ok := errors.AsType[*workfront.Refusal](err); ok && refusal.OverLimit() && !cmd.Flag("paginate").Changed {
		window := func(key string) bool { return key == "$$LIMIT" || key == "$$FIRST" }
		return &hinted{err, retyped(cmd, workfront.WithoutInPath(r.Path, window), window, "--paginate")}
	}
	return err
}
