package config

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// jwtVariables describe a jwt login together, and what to type to set one that is missing. Those with own set serve nothing but
// such a login; the others also name the application of a login in a browser.
var jwtVariables = [...]struct {
	name, or, set string
	own           bool
}{
	{"WFAUTH_HOST", "", "WFAUTH_HOST=acme", false},
	{"WFAUTH_CLIENT_ID", "", "WFAUTH_CLIENT_ID=CLIENT-ID", false},
	{"WFAUTH_CLIENT_SECRET", "", `WFAUTH_CLIENT_SECRET="$(cat FILE)"`, false},
	{"WFAUTH_CUSTOMER_ID", "", "WFAUTH_CUSTOMER_ID=CUSTOMER-ID", true},
	{"WFAUTH_USER_ID", "", "WFAUTH_USER_ID=USER-ID", true},
	{"WFAUTH_KEY_FILE", "WFAUTH_PRIVATE_KEY", "WFAUTH_KEY_FILE=FILE", true},
}

// environmentLogin is how much of a jwt login the environment describes.
type environmentLogin struct {
	whole   bool  // CI needs no config and no store then
	meant   bool  // enough of it to be meant, whatever profiles there are
	missing error // names what there is not, where there is some of it
}

// readEnvironmentLogin looks for a jwt login in the environment; hostGiven says that a flag names the host.
//
// One variable alone is no such login, if there is a profile: people keep WFAUTH_CUSTOMER_ID or WFAUTH_KEY_FILE for wfauth
// login. From two on it is, or a script on a machine with a profile would act as someone else when one of its secrets is empty.
// WFAUTH_PRIVATE_KEY is read for nothing else.
func readEnvironmentLogin(getenv func(string) string, hostGiven bool) (l environmentLogin) {
	own := 0
	var missing, set []string
	for _, v := range jwtVariables {
		switch {
		case getenv(v.name) != "" || v.or != "" && getenv(v.or) != "":
			if v.own {
				own++
			}
		case v.name == "WFAUTH_HOST" && hostGiven:
		default:
			name := v.name
			if v.or != "" {
				name += " or " + v.or
			}
			missing, set = append(missing, name), append(set, v.set)
		}
	}
	l.whole = missing == nil
	l.meant = own > 1 || getenv("WFAUTH_PRIVATE_KEY") != ""
	if own > 0 && !l.whole {
		be := " is"
		if len(missing) > 1 {
			be = " are"
		}
		l.missing = &UsageError{
			Text: "the environment describes a jwt login, of which " + strings.Join(missing, ", ") + be + " missing",
			Hint: "export " + strings.Join(set, " "),
		}
	}
	return l
}

// checkCustomer tells the profile in use, or the environment, where to have its customer ID mended.
func (s *Settings) checkCustomer() error {
	err := s.CheckCustomer()
	if usage, ok := errors.AsType[*UsageError](err); ok {
		usage.Hint = "wfauth login --profile " + s.Name + " --customer-id CUSTOMER-ID"
		if s.EnvOnly {
			usage.Hint = "export WFAUTH_CUSTOMER_ID=CUSTOMER-ID"
		}
	}
	return err
}

// headerSafe says whether a session can be sent: visible ASCII (RFC 9110 section 5.5).
func headerSafe(session string) bool {
	for _, c := range []byte(session) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// changed says whether a flag was given with a value.
func changed(flags *pflag.FlagSet, name string) bool {
	f := flags.Lookup(name)
	return f != nil && f.Changed && f.Value.String() != ""
}

func boolean(name, text string) (bool, error) {
	if text == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, usagef("%s=%s: 1 or 0 is wanted", name, text)
	}
	return b, nil
}
