package config

import (
	"strconv"

	"github.com/spf13/pflag"
)

// environmentLogin says whether the environment alone describes a jwt login: CI needs no config and no store then.
func environmentLogin(getenv func(string) string) bool {
	for _, key := range [...]string{"WFAUTH_HOST", "WFAUTH_CLIENT_ID", "WFAUTH_CLIENT_SECRET", "WFAUTH_CUSTOMER_ID", "WFAUTH_USER_ID"} {
		if getenv(key) == "" {
			return false
		}
	}
	return getenv("WFAUTH_KEY_FILE") != "" || getenv("WFAUTH_PRIVATE_KEY") != ""
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
