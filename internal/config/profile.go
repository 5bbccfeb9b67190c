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
	Flow        string // code, pkce, jwt or ims
	ClientID    string
	RedirectURI string // the registered one, or a comma-separated list of them
	Storage     string // keyring or file
	APIVersion  string
	CustomerID  string // jwt: the claim iss
	UserID      string // jwt: the claim sub
	KeyFile     string // jwt: the private key's path

	RedirectCert, RedirectKey string // of an https redirect on this machine: paths; empty for one made at each login
	NoPKCE                    string // "true": code without a challenge

	IMSURL string // ims: the origin of Adobe's identity service
	IMSOrg string // ims: the organisation's ID; empty: none is named
	Scopes string // ims: with commas between them
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

// CheckCustomer refuses the slip that Workfront answers with a refusal only: its page shows the two IDs one above the other.
// The error is a [*UsageError].
func (p Profile) CheckCustomer() error {
	if p.Flow != "jwt" || p.CustomerID == "" || !strings.EqualFold(p.CustomerID, p.ClientID) {
		return nil
	}
	return usagef("the customer ID is the client ID once more: both stand in the details of the application in Workfront")
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
	p.completeIMS()
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
	case "", "code", "pkce", "jwt", flowIMS:
		return nil
	}
	return fmt.Errorf("flow %q: code, pkce, jwt or ims is wanted", flow)
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

// apiVersion reads a version as people write it (v22.0, v22, 22.0, 22) and gives the form that stands in a path; none stays
// none. Whether Workfront still serves it is another question.
func apiVersion(text string) (string, error) {
	number, _ := strings.CutPrefix(strings.ToLower(text), "v")
	number, _ = strings.CutSuffix(number, ".0")
	n, err := strconv.ParseUint(number, 10, 16) // unlike Atoi it takes no sign
	switch {
	case text == "":
		return "", nil
	case err != nil || n < 1 || n > 999 || number[0] == '0':
		return "", fmt.Errorf("API version %q: the form is v22.0", text)
	}
	return fmt.Sprintf("v%d.0", n), nil
}
