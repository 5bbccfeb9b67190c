package cli

import "os"

// takeEnvironment copies the environment and takes the secrets out of the process's own: no program that wfauth starts
// has to know them, be it the browser or the system's keyring tool. Only wfauth exec hands on everything.
func takeEnvironment() (getenv func(string) string, environ func() []string) {
	whole := os.Environ()
	secrets := map[string]string{}
	for _, name := range [...]string{
		"WFAUTH_CLIENT_SECRET", "WFAUTH_IMS_ORG", "WFAUTH_PASSPHRASE", "WFAUTH_PRIVATE_KEY", "WFAUTH_SESSION_ID", "WFAUTH_EVENT_TOKEN",
	} {
		if value, set := os.LookupEnv(name); set {
			secrets[name] = value
			_ = os.Unsetenv(name) // fails for no name that is a name
		}
	}
	getenv = func(name string) string {
		if value, taken := secrets[name]; taken {
			return value
		}
		return os.Getenv(name)
	}
	return getenv, func() []string { return whole }
}
