package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wfauth/wfauth/internal/objects"
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
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 && cmd.Args != nil {
		if unknown := cmd.Args(cmd, words); unknown != nil {
			return unknown // the flag belongs to the command that was meant
		}
	}
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
	if near := objects.Nearest(name, objects.Names(known)); near != nil {
		return usagef(a.typedInstead(wrong, "--"+near[0], help), "there is no flag %s", wrong)
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
	case "int":
		return outOfRange(help, name, value, math.MinInt64, math.MaxInt64)
	case "uint64":
		return outOfRange(help, name, value, 0, math.MaxUint64)
	}
	return usagef(help, "%s does not take %q", name, value)
}

// outOfRange says of what was taken for a whole number that it is none, or which ones fit.
func outOfRange(help, name, value string, least int64, most uint64) error {
	switch digits := strings.TrimPrefix(value, "-"); {
	case !isNumber(digits):
		return usagef(help, "%s %q is no whole number", name, value)
	case digits != value:
		return usagef(help, "%s %s: it is %d or more", name, value, least)
	}
	return usagef(help, "%s %s: it is %d at most", name, value, most)
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

// maySecret tells an argument that may hold what is not to be shown again.
func maySecret(arg string) bool {
	arg = strings.ToLower(arg)
	for _, secret := range [...]string{"secret=", "password", "apikey", "sessionid", "token=", "authorization", "passphrase"} {
		if strings.Contains(arg, secret) {
			return true
		}
	}
	return false
}

// renamed is the command line as it was typed but for a name, in whatever stands after the verb, or otherwise.
func (a *app) renamed(cmd *cobra.Command, u *objects.Unknown, otherwise string) string {
	args := slices.Clone(a.env.Args)
	if len(u.Nearest) == 0 || slices.ContainsFunc(args, maySecret) {
		return otherwise
	}
	right := u.Nearest[0]
	wrong := u.Name
	if u.Kind == objects.KindField && !strings.HasPrefix(u.Name, "DE:") { // what is near has the way to it before it
		below := right
		if before, _, ok := strings.Cut(right, "DE:"); ok {
			below = before
		}
		wrong = below[:strings.LastIndexByte(below, ':')+1] + u.Name
	}
	for i := slices.Index(args, cmd.Name()) + 1; i < len(args); i++ {
		if at := wholeName(args[i], wrong, u.Kind == objects.KindOperator); at >= 0 {
			args[i] = args[i][:at] + right + args[i][at+len(wrong):]
			return "wfauth " + typed(args)
		}
	}
	return otherwise
}

// wholeName finds a name in text where it is not a part of another one, or with part anywhere.
func wholeName(text, name string, part bool) int {
	letter := func(s string) bool {
		return s != "" && (s[0] == '_' || s[0] >= 0x80 || isNumber(s[:1]) || 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z')
	}
	for from := 0; name != ""; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			break
		}
		at += from
		before := ""
		if at > 0 {
			before = text[at-1 : at]
		}
		if part || !letter(before) && !letter(text[at+len(name):]) {
			return at
		}
		from = at + len(name)
	}
	return -1
}

func flagName(f *pflag.Flag, shorthands string) string {
	if shorthands != "" {
		return "-" + shorthands[:1]
	}
	return "--" + f.Name
}
