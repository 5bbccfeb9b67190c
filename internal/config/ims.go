package config

import (
	"errors"
	"fmt"
	"strings"
)

const flowIMS = "ims"

// Defaults of the flow ims: Adobe's identity service, and the scopes that its console gives a credential for Workfront.
const (
	defaultIMSURL = "https://ims-na1.adobelogin.com"
	defaultScopes = "openid,AdobeID,additional_info.roles,profile"
)

// completeIMS fills in what a login by the flow ims leaves out. A login keeps it in config.yaml, so that a later wfauth with other
// defaults asks for the same.
func (p *Profile) completeIMS() {
	if p.Flow != flowIMS {
		return
	}
	if p.IMSURL == "" {
		p.IMSURL = defaultIMSURL
	}
	if p.Scopes == "" {
		p.Scopes = defaultScopes
	}
}

// DropIMS takes the settings away that only the flow ims has a use for.
func (p *Profile) DropIMS() { p.IMSURL, p.IMSOrg, p.Scopes = "", "", "" }

// imsURL reads an origin as [ParseHost] does, also where Adobe's console has it, with the path of the endpoint; none stays none. The
// client secret goes there, so http:// is for loopback addresses only.
func imsURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	scheme, authority, rest := cutAddress(text)
	if scheme == "" {
		scheme = "https"
	}
	if rest == "/ims/token/v3" {
		rest = ""
	}
	host, err := ParseHost(scheme + "://" + authority + rest)
	if e, ok := errors.AsType[*HostError](err); ok {
		return "", errors.New("IMS URL" + strings.TrimPrefix(e.Text, "host"))
	}
	if strings.HasPrefix(rest, "/attask") {
		return "", fmt.Errorf("IMS URL %q: it is Adobe's identity service that is meant, and not the tenant", text)
	}
	return host.String(), err
}

// CheckIMSOrg refuses what cannot stand in a header, and what a script has in place of an ID that it did not find: Workfront would say
// that "undefined" is no organisation of the user's.
func CheckIMSOrg(org string) error {
	switch {
	case strings.EqualFold(org, "undefined"), strings.EqualFold(org, "null"):
		return fmt.Errorf("IMS organisation %q: that is no ID; leave it out where there is none", org)
	case !headerSafe(org):
		return errors.New("IMS organisation: it has a character that cannot stand in a header")
	}
	return nil
}

// scopes reads a list as people copy it, with commas, blanks or both, and gives it as Adobe's examples have it. None stays none.
func scopes(text string) (string, error) {
	list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	for _, scope := range list {
		if !headerSafe(scope) || strings.ContainsAny(scope, `"\`) { // RFC 6749 section 3.3
			return "", fmt.Errorf("scope %q: it has a character that no scope has", scope)
		}
	}
	return strings.Join(list, ","), nil
}
