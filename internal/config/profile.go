package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Profile is a named login as config.yaml has it. It never holds a secret.
type Profile struct {
	Name        string
	Host        Host
	Flow        string // code, pkce or jwt
	ClientID    string
	RedirectURI string // the registered one, or a comma-separated list of them
	Storage     string // keyring or file
	APIVersion  string
	CustomerID  string // jwt: the claim iss
	UserID      string // jwt: the claim sub
	KeyFile     string // jwt: the private key's path

	RedirectCert, RedirectKey string // of an https redirect on this machine: paths; empty for one made at each login
	NoPKCE                    string // "true": code without a challenge
}

// RedirectURIs splits the list of registered redirect URIs; each is checked by the listener that uses it.
func (p Profile) RedirectURIs() ([]string, error) {
	var uris []string
	for uri := range strings.SplitSeq(p.RedirectURI, ",") {
		if uri = strings.TrimSpace(uri); uri != "" {
			uris = append(uris, uri)
		}
	}
	if len(uris) == 0 {
		return nil, errors.New("the redirect URI is empty")
	}
	return uris, nil
}

// WithDefaults fills in what the file leaves out.
func (p Profile) WithDefaults() Profile {
	for _, d := range [...]struct {
		field *string
		value string
	}{{&p.APIVersion, DefaultAPIVersion}, {&p.RedirectURI, DefaultRedirectURI}, {&p.Storage, defaultStorage}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	return p
}

// CheckName says whether a profile may have this name.
func CheckName(name string) error {
	ok := name != "" && len(name) <= 64 && name[0] != '-' && name[0] != '_'
	for i := range len(name) {
		c := name[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return fmt.Errorf("profile name %q: lower-case letters, digits, - and _ are wanted, at most 64, the first a letter or digit", name)
	}
	return nil
}

// checkFlow says whether a flow is one of those that wfauth has; none is one too.
func checkFlow(flow string) error {
	switch flow {
	case "", "code", "pkce", "jwt":
		return nil
	}
	return fmt.Errorf("flow %q: code, pkce or jwt is wanted", flow)
}

// checkNoPKCE reads a switch; off is as good as not there.
func checkNoPKCE(text *string) error {
	on, err := strconv.ParseBool(*text)
	switch {
	case *text == "":
		return nil
	case err != nil:
		return fmt.Errorf("no_pkce %q: true or false is wanted", *text)
	}
	if *text = ""; on {
		*text = "true"
	}
	return nil
}

// CheckStorage says whether secrets can be stored there; none is the default.
func CheckStorage(storage string) error {
	switch storage {
	case "", "keyring", "file":
		return nil
	}
	return fmt.Errorf("storage %q: keyring or file is wanted", storage)
}

// checkAPIVersion wants the form vN.0; whether Workfront still serves it is another question.
func checkAPIVersion(version string) error {
	number, ok := strings.CutPrefix(version, "v")
	if ok {
		number, ok = strings.CutSuffix(number, ".0")
	}
	n, err := strconv.Atoi(number)
	if version != "" && (!ok || err != nil || n < 1 || n > 999 || number[0] == '0' || number[0] == '+') {
		return fmt.Errorf("API version %q: the form is v22.0", version)
	}
	return nil
}
