package cli

import (
	"crypto/tls"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// chooseFlow follows what was given: a key, a secret, what the profile has, else no secret at all.
func (a *app) chooseFlow(cmd *cobra.Command, s *config.Settings, secret string) error {
	fromStdin := cmd.Flag("client-secret-stdin").Changed
	claims := "" // a flag that only an assertion has a use for
	for _, name := range [...]string{"user-id", "customer-id"} {
		if cmd.Flag(name).Changed {
			claims = "--" + name
		}
	}
	switch explicit := s.FlowGiven; {
	case explicit && s.Flow == auth.FlowPKCE && fromStdin:
		return usagef("wfauth login --flow code --client-secret-stdin", "the flow pkce has no client secret")
	case explicit:
	case cmd.Flag("key").Changed, claims != "" && s.KeyFile != "":
		s.Flow = auth.FlowJWT
	case s.Flow == auth.FlowJWT, s.Flow == auth.FlowIMS:
	case secret != "" || fromStdin:
		s.Flow = auth.FlowCode
	case s.Flow == "":
		s.Flow = auth.FlowPKCE
	}
	if claims != "" && s.Flow != auth.FlowJWT {
		return usagef(a.loginAgain(s)+" --key FILE", "%s belongs to a login with a key: give --key, too", claims)
	}
	return nil
}

// browserFlags are of a login by a browser alone.
var browserFlags = [...]string{"redirect-uri", "redirect-cert", "redirect-key", "no-browser", "timeout", "allow-missing-state", "no-pkce"}

// checkFlags refuses a flag of one flow where another was chosen: it would be passed over in silence, and was meant.
func checkFlags(cmd *cobra.Command, s *config.Settings) error {
	if err := checkIMSFlags(cmd, s); err != nil {
		return err
	}
	if !byBrowser(s.Flow) {
		for _, name := range browserFlags {
			if cmd.Flag(name).Changed {
				return usagef("wfauth login --help", "--%s is for a login in the browser (code, pkce), and this one is of the flow %s", name, s.Flow)
			}
		}
	}
	if s.Flow == auth.FlowJWT {
		return nil
	}
	if cmd.Flag("key").Changed { // with --flow, for otherwise it makes the flow
		return usagef("wfauth login --help", "--key is for the flow jwt, and this login is of the flow %s", s.Flow)
	}
	if (s.RedirectCert == "") != (s.RedirectKey == "") {
		return usagef("wfauth login --help", "--redirect-cert and --redirect-key belong together: give both")
	}
	if s.NoPKCE != "" && s.Flow != auth.FlowCode {
		if cmd.Flag("no-pkce").Changed {
			return usagef("wfauth login --help", "--no-pkce is for the flow code: without a client secret (--client-secret-stdin, or WFAUTH_CLIENT_SECRET) nothing else protects the login")
		}
		s.NoPKCE = "" // of the profile's earlier flow
	}
	return nil
}

// imsFlags are of a login by Adobe's identity service alone.
var imsFlags = [...]string{"ims-org", "ims-url", "scopes"}

// checkIMSFlags keeps the settings of that flow out of the others.
func checkIMSFlags(cmd *cobra.Command, s *config.Settings) error {
	if s.Flow == auth.FlowIMS {
		if cmd.Flag("ims-org").Changed && cmd.Flag("ims-org").Value.String() == "" {
			s.IMSOrg = "" // none, also where the profile has one
		}
		return nil
	}
	for _, name := range imsFlags {
		if cmd.Flag(name).Changed {
			return usagef("wfauth login --flow ims --help", "--%s is for the flow ims, and this login is of the flow %s: give --flow ims, too", name, s.Flow)
		}
	}
	s.DropIMS() // of the environment, or of the profile's earlier flow
	return nil
}

// redirectCertificate loads the one for an https redirect on this machine, nil where one is made at each login; its paths become
// good for every folder that wfauth is started in.
func redirectCertificate(p *config.Profile) (*tls.Certificate, error) {
	if p.RedirectCert == "" {
		return nil, nil
	}
	for _, path := range [...]*string{&p.RedirectCert, &p.RedirectKey} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
		*path = absolute
	}
	certificate, err := tls.LoadX509KeyPair(p.RedirectCert, p.RedirectKey)
	if err != nil {
		return nil, &usageError{text: fmt.Sprintf("--redirect-cert %s, --redirect-key %s: %v", p.RedirectCert, p.RedirectKey, err)}
	}
	return &certificate, nil
}
