package cli

import (
	"strings"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// imsSettings are what a login by Adobe's identity service is typed with. What stands in the environment needs no repeating.
func (a *app) imsSettings(s *config.Settings) [][2]string {
	if s.Flow != auth.FlowIMS {
		return nil
	}
	standard := config.Profile{Flow: auth.FlowIMS}.WithDefaults()
	settings := [][2]string{{"flow", s.Flow}, {"ims-url", s.IMSURL}, {"ims-org", s.IMSOrg}, {"scopes", s.Scopes}}
	for i, usual := range [...]string{a.env.Getenv("WFAUTH_FLOW"), standard.IMSURL, config.Plain(a.env.Getenv("WFAUTH_IMS_ORG")), standard.Scopes} {
		if settings[i][1] == usual {
			settings[i][1] = ""
		}
	}
	return settings
}

// loginInstead is the login that mends what a server has refused, as far as it says; refused may be nil.
func (a *app) loginInstead(refused *auth.RefusedError) string {
	flag, variable, value := mend(refused)
	switch s := a.loaded; {
	case s == nil, s.SessionID != "", s.Flow != auth.FlowIMS, flag == "":
		return a.loginCommand()
	case s.EnvOnly:
		return setVariable(variable, value)
	case flag == "client-secret-stdin":
		return a.loginAgain(s, flag) + " --client-secret-stdin < FILE"
	default:
		return a.loginAgain(s, flag) + " --" + flag + " " + value
	}
}

// mend names what is wrong where Adobe, or Workfront of Adobe's token, says so. A secret that was stored is taken again by every login,
// and at Adobe secrets are changed.
func mend(refused *auth.RefusedError) (flag, variable, value string) {
	switch says := func(part string) bool { return strings.Contains(strings.ToLower(refused.Description), part) }; {
	case refused == nil:
	case refused.Code == "invalid_scope":
		return "scopes", "WFAUTH_SCOPES", "SCOPES"
	case says("org id"):
		return "ims-org", "WFAUTH_IMS_ORG", "ORG-ID"
	case refused.Code == "invalid_client" && says("client_id"):
		return "client-id", "WFAUTH_CLIENT_ID", "CLIENT-ID"
	case refused.Code == "invalid_client":
		return "client-secret-stdin", "WFAUTH_CLIENT_SECRET", `"$(cat FILE)"`
	}
	return "", "", ""
}
