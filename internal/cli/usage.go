package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command line that is wrong.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }

func usagef(hint, format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...), hint: hint}
}

// commandLineError is cobra's or pflag's complaint as ours: what is wrong, without a word of a library's, and the command that helps.
// cmd is the command that was meant, as far as it was understood.
func (a *app) commandLineError(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	help := cmd.CommandPath() + " --help"
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return a.unknownFlag(cmd, e.GetSpecifiedName(), e.GetSpecifiedShortnames())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef(help, "%s wants a value", flagName(e.GetFlag(), e.GetSpecifiedShortnames()))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return a.invalidValue(help, e.GetFlag(), e.GetValue())
	}
	if _, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return usagef(help, "a flag is a word with two dashes before it")
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return usagef(help, "%s", text)
}

// unknownFlag names the flag that was meant: a near one, or what wfauth has for another tool's habit.
func (a *app) unknownFlag(cmd *cobra.Command, name, shorthands string) error {
	help := cmd.CommandPath() + " --help"
	if shorthands != "" {
		if shorthands[0] == 'v' {
			return usagef(a.typedInstead("-v", "--debug", help), "there is no flag -v")
		}
		return usagef(help, "there is no flag -%c", shorthands[0])
	}
	wrong := "--" + name
	switch name {
	case "client-secret", "secret":
		return usagef("wfauth login --client-secret-stdin < FILE", "there is no flag %s: its value would stand in the process list; give the secret on stdin, or by WFAUTH_CLIENT_SECRET", wrong)
	case "passphrase", "password":
		return usagef(setVariable("WFAUTH_PASSPHRASE_FILE", "FILE"), "there is no flag %s: its value would stand in the process list", wrong)
	case "session-id", "token":
		return usagef("wfauth token --help", "there is no flag %s: its value would stand in the process list; give it by WFAUTH_SESSION_ID", wrong)
	case "verbose":
		return usagef(a.typedInstead(wrong, "--debug", help), "there is no flag %s", wrong)
	}
	var known []string
	cmd.InitDefaultHelpFlag()
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := nearest(name, known); near != "" {
		return usagef(a.typedInstead(wrong, "--"+near, help), "there is no flag %s", wrong)
	}
	return usagef(help, "there is no flag %s", wrong)
}

// invalidValue says what a flag wants. The value of one that takes none is not repeated: it may be a secret.
func (a *app) invalidValue(help string, f *pflag.Flag, value string) error {
	name := "--" + f.Name
	switch f.Value.Type() {
	case "bool":
		return usagef(help, "%s takes no value", name)
	case "duration":
		if isNumber(value) {
			return usagef(a.typedInstead(value, value+"s", help), "%s %s: a time has a unit, as 30s, 10m or 8h", name, value)
		}
		return usagef(help, "%s %q is no time: it is written 30s, 10m or 8h", name, value)
	case "int", "uint", "uint64":
		return usagef(help, "%s %q is no whole number", name, value)
	}
	return usagef(help, "%s does not take %q", name, value)
}

func isNumber(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// typedInstead is the command line as it was typed but for one word, or otherwise where it may hold what is not to be shown again.
func (a *app) typedInstead(wrong, right, otherwise string) string {
	args := slices.Clone(a.env.Args)
	if slices.ContainsFunc(args, maySecret) {
		return otherwise
	}
	found := false
	for i, arg := range args {
		name, value, has := strings.Cut(arg, "=")
		switch {
		case found:
		case arg == wrong:
			args[i], found = right, true
		case has && name == wrong:
			args[i], found = right+"="+value, true
		case has && value == wrong && strings.HasPrefix(name, "--"):
			args[i], found = name+"="+right, true
		}
	}
	if !found {
		return otherwise
	}
	return "wfauth " + typed(args)
}

// typedAnd is the command line as it was typed, with one more word.
func (a *app) typedAnd(word, otherwise string) string {
	if slices.ContainsFunc(a.env.Args, maySecret) {
		return otherwise
	}
	return "wfauth " + typed(append(slices.Clone(a.env.Args), word))
}

// maySecret tells a word that may hold what is not to be shown again.
func maySecret(arg string) bool {
	arg = strings.ToLower(arg)
	for _, name := range [...]string{"secret=", "password", "apikey", "sessionid", "token=", "authorization", "passphrase"} {
		if strings.Contains(arg, name) {
			return true
		}
	}
	return false
}

func flagName(f *pflag.Flag, shorthands string) string {
	if shorthands != "" {
		return "-" + shorthands[:1]
	}
	return "--" + f.Name
}

// nearest is the known name that was most likely meant, or empty where none is near.
func nearest(name string, known []string) string {
	best, least := "", 1+max(1, len(name)/3)
	for _, k := range known {
		if d := edits(strings.ToLower(name), strings.ToLower(k)); d < least || d == least && best != "" && len(k) < len(best) {
			best, least = k, d
		}
	}
	return best
}

// edits counts the letters that were added, left out, mistaken or swapped with their neighbour (Damerau).
func edits(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 0
			if a[i] != b[j] {
				cost = 1
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
