package config

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// loginVariable is one of those that describe a login together.
type loginVariable struct {
	name, or string // another one that will do
	set      string // what to type to set it
	own      bool   // it serves nothing but such a login; the others also name the application of a login in a browser
	optional bool
}

var (
	jwtVariables = [...]loginVariable{
		{name: "WFAUTH_HOST", set: "WFAUTH_HOST=acme"},
		{name: "WFAUTH_CLIENT_ID", set: "WFAUTH_CLIENT_ID=CLIENT-ID"},
		{name: "WFAUTH_CLIENT_SECRET", set: `WFAUTH_CLIENT_SECRET="$(cat FILE)"`},
		{name: "WFAUTH_CUSTOMER_ID", set: "WFAUTH_CUSTOMER_ID=CUSTOMER-ID", own: true},
		{name: "WFAUTH_USER_ID", set: "WFAUTH_USER_ID=USER-ID", own: true},
		{name: "WFAUTH_KEY_FILE", or: "WFAUTH_PRIVATE_KEY", set: "WFAUTH_KEY_FILE=FILE", own: true},
	}
	imsVariables = [...]loginVariable{
		{name: "WFAUTH_FLOW", set: "WFAUTH_FLOW=ims", own: true},
		{name: "WFAUTH_HOST", set: "WFAUTH_HOST=acme"},
		{name: "WFAUTH_CLIENT_ID", set: "WFAUTH_CLIENT_ID=CLIENT-ID"},
		{name: "WFAUTH_CLIENT_SECRET", set: `WFAUTH_CLIENT_SECRET="$(cat FILE)"`},
		{name: "WFAUTH_IMS_ORG", own: true, optional: true},
		{name: "WFAUTH_IMS_URL", own: true, optional: true},
		{name: "WFAUTH_SCOPES", own: true, optional: true},
	}
)

// environmentLogin is how much of a login without a person the environment describes.
type environmentLogin struct {
	flow    string
	whole   bool  // CI needs no config and no store then
	meant   bool  // enough of it to be meant, whatever profiles there are
	missing error // names what there is not, where there is some of it
}

// readEnvironmentLogin looks for a login without a person in the environment; hostGiven says that a flag names the host.
//
// One variable alone is no such login, if there is a profile: people keep WFAUTH_CUSTOMER_ID, WFAUTH_KEY_FILE or WFAUTH_IMS_ORG for
// wfauth login. From two on it is, or a script on a machine with a profile would act as someone else when one of its secrets is empty.
// For the same reason WFAUTH_FLOW=ims counts with any other: what else such a login needs is a browser's, too. WFAUTH_PRIVATE_KEY is
// read for nothing else.
func readEnvironmentLogin(getenv func(string) string, hostGiven bool) (environmentLogin, error) {
	flow := getenv("WFAUTH_FLOW")
	if err := checkFlow(flow); err != nil {
		return environmentLogin{}, usagef("WFAUTH_FLOW: %v", err)
	}
	if flow != flowIMS {
		if l, own := readLogin("jwt", jwtVariables[:], getenv, hostGiven); own > 0 {
			l.meant = own > 1 || getenv("WFAUTH_PRIVATE_KEY") != ""
			return l, nil
		}
	}
	ofIMS := func(name string) string {
		if name == "WFAUTH_FLOW" && flow != flowIMS {
			return ""
		}
		return getenv(name)
	}
	l, own := readLogin(flowIMS, imsVariables[:], ofIMS, hostGiven)
	shared := hostGiven || getenv("WFAUTH_HOST") != "" || getenv("WFAUTH_CLIENT_ID") != "" || getenv("WFAUTH_CLIENT_SECRET") != ""
	l.meant = own > 1 || flow == flowIMS && shared
	return l, nil
}

// readLogin tells what of a login there is, and how many of the variables that are its own.
func readLogin(flow string, variables []loginVariable, getenv func(string) string, hostGiven bool) (l environmentLogin, own int) {
	var missing, set []string
	for _, v := range variables {
		switch {
		case getenv(v.name) != "" || v.or != "" && getenv(v.or) != "":
			if v.own {
				own++
			}
		case v.optional, v.name == "WFAUTH_HOST" && hostGiven:
		default:
			name := v.name
			if v.or != "" {
				name += " or " + v.or
			}
			missing, set = append(missing, name), append(set, v.set)
		}
	}
	l.flow, l.whole = flow, missing == nil
	if own > 0 && !l.whole {
		be := " is"
		if len(missing) > 1 {
			be = " are"
		}
		l.missing = &UsageError{
			Text: "the environment describes " + inEnvironment(flow) + ", of which " + strings.Join(missing, ", ") + be + " missing",
			Hint: "export " + strings.Join(set, " "),
		}
	}
	return l, own
}

// LoginOfEnvironment is what the environment describes, where EnvOnly is true.
func (s *Settings) LoginOfEnvironment() string { return inEnvironment(s.Flow) }

func inEnvironment(flow string) string {
	if flow == flowIMS {
		return "an ims login"
	}
	return "a jwt login"
}

// chooseForSessionID needs a host only: the given one, or a profile's.
func (s *Settings) chooseForSessionID(name string, host Host) error {
	if !host.IsZero() {
		s.Host = host
		return nil
	}
	if err := s.choose(name, host); err != nil {
		return err
	}
	if s.Host.IsZero() {
		return &UsageError{Text: "WFAUTH_SESSION_ID is set, but no host", Hint: "export WFAUTH_HOST=acme"}
	}
	return nil
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
