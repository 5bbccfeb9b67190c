package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/config"
)

func TestIMSSettings(t *testing.T) {
	t.Parallel()
	const service, scopes = "https://ims-na1.adobelogin.com", "openid,AdobeID,additional_info.roles,profile"
	for name, c := range map[string]struct {
		args             []string
		url, org, scopes string
		wrong            string
	}{
		"nothing said":              {nil, service, "", scopes, ""},
		"all":                       {[]string{"--ims-url=https://ims-na1-stg1.adobelogin.com", "--ims-org= A@AdobeOrg\n", "--scopes=openid,AdobeID"}, "https://ims-na1-stg1.adobelogin.com", "A@AdobeOrg", "openid,AdobeID", ""},
		"empty ones":                {[]string{"--ims-url=", "--ims-org=", "--scopes= "}, service, "", scopes, ""},
		"as the console shows them": {[]string{"--ims-url=https://IMS-na1.adobelogin.com/ims/token/v3", "--scopes=openid, AdobeID,\n profile "}, service, "", "openid,AdobeID,profile", ""},
		"with blanks alone":         {[]string{"--ims-url=ims-na1.adobelogin.com/", "--scopes=openid AdobeID"}, service, "", "openid,AdobeID", ""},
		"on this machine":           {[]string{"--ims-url=http://127.0.0.1:4711"}, "http://127.0.0.1:4711", "", scopes, ""},
		"on this machine, by name":  {[]string{"--ims-url=http://localhost:4711/ims/token/v3"}, "http://localhost:4711", "", scopes, ""},
		"http":                      {[]string{"--ims-url=http://ims-na1.adobelogin.com"}, "", "", "", "http:// is for loopback addresses only"},
		"another scheme":            {[]string{"--ims-url=ftp://ims-na1.adobelogin.com"}, "", "", "", "must be https"},
		"another path":              {[]string{"--ims-url=https://ims-na1.adobelogin.com/ims/authorize/v2"}, "", "", "", "without a path"},
		"a query":                   {[]string{"--ims-url=https://ims-na1.adobelogin.com/ims/token/v3?client_id=CANARY"}, "", "", "", "IMS URL"},
		"a password":                {[]string{"--ims-url=https://a:CANARY@ims-na1.adobelogin.com"}, "", "", "", "IMS URL"},
		"the tenant's API":          {[]string{"--ims-url=https://acme.my.workfront.com/attask/api"}, "", "", "", "not the tenant"},
		"no URL":                    {[]string{"--ims-url=https://"}, "", "", "", "IMS URL"},
		"a script's nothing":        {[]string{"--ims-org=undefined"}, "", "", "", "that is no ID"},
		"another script's":          {[]string{"--ims-org=null"}, "", "", "", "that is no ID"},
		"two lines":                 {[]string{"--ims-org=a\nb"}, "", "", "", "cannot stand in a header"},
		"no scope":                  {[]string{`--scopes=["openid"]`}, "", "", "", "no scope has"},
	} {
		s, err := load(t, "", nil, true, append([]string{"--host=acme", "--flow=ims"}, c.args...)...)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, want something about %q", name, err, c.wrong)
			}
			continue
		}
		if err != nil || s.IMSURL != c.url || s.IMSOrg != c.org || s.Scopes != c.scopes || !s.FlowGiven {
			t.Errorf("%s: %q %q %q, %v", name, s.IMSURL, s.IMSOrg, s.Scopes, err)
		}
	}
	// No other flow has any of it.
	for _, flow := range []string{"code", "pkce", "jwt"} {
		if s, err := load(t, "", nil, true, "--host=acme", "--flow="+flow); err != nil || s.IMSURL+s.IMSOrg+s.Scopes != "" {
			t.Errorf("%s: %+v, %v", flow, s, err)
		}
	}
	s, err := load(t, "", map[string]string{"WFAUTH_FLOW": "ims", "WFAUTH_IMS_ORG": "A@AdobeOrg", "WFAUTH_IMS_URL": "https://ims.example", "WFAUTH_SCOPES": "a b"}, true, "--host=acme", "--scopes=c")
	if err != nil || s.Flow != "ims" || !s.FlowGiven || s.IMSOrg != "A@AdobeOrg" || s.IMSURL != "https://ims.example" || s.Scopes != "c" {
		t.Errorf("by variables: %+v, %v", s, err)
	}
	const profile = "profiles:\n  - {name: a, host: acme, flow: ims, client_id: one, ims_org: A@AdobeOrg}\n  - {name: b, host: acme, flow: code, client_id: one}\n"
	s, err = load(t, profile, nil, false, "--profile=a")
	if err != nil || s.IMSURL != service || s.Scopes != scopes || s.IMSOrg != "A@AdobeOrg" || s.FlowGiven {
		t.Errorf("of a profile: %+v, %v", s, err)
	}
	if p := s.File.Profiles[0].WithDefaults(); p.IMSURL != service || p.Scopes != scopes {
		t.Errorf("a profile with its defaults: %+v", p)
	}
	if p := s.File.Profiles[1].WithDefaults(); p.IMSURL+p.Scopes != "" {
		t.Errorf("one of another flow: %+v", p)
	}
	if _, err = load(t, strings.Replace(profile, "A@AdobeOrg", "A@AdobeOrg, ims_url: 'http://ims.example'", 1), nil, false); err == nil || !strings.Contains(err.Error(), "config.yaml:2: IMS URL") {
		t.Errorf("%v", err)
	}
}

// An ims login that the environment describes by halves is a mistake; which one is meant, WFAUTH_FLOW says.
func TestEnvironmentLoginByAdobe(t *testing.T) {
	t.Parallel()
	whole := map[string]string{"WFAUTH_FLOW": "ims", "WFAUTH_HOST": "acme", "WFAUTH_CLIENT_ID": "client", "WFAUTH_CLIENT_SECRET": "CANARY-secret"}
	but := func(pairs ...string) map[string]string {
		env := maps.Clone(whole)
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	jwt := map[string]string{"WFAUTH_CUSTOMER_ID": "customer", "WFAUTH_USER_ID": "user", "WFAUTH_KEY_FILE": "key"}
	with := func(env map[string]string) map[string]string {
		env = maps.Clone(env)
		maps.Copy(env, jwt)
		return env
	}
	only := func(pairs ...string) map[string]string {
		env := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	for _, c := range []struct {
		name string
		yaml string
		env  map[string]string
		args []string
		want string // profile in use, a flow, or what is missing
	}{
		{"whole", twoProfiles, whole, nil, "ims"},
		{"whole, with all there is", twoProfiles, but("WFAUTH_IMS_ORG", "A@AdobeOrg", "WFAUTH_IMS_URL", "https://ims.example", "WFAUTH_SCOPES", "openid"), nil, "ims"},
		{"host by flag", twoProfiles, but("WFAUTH_HOST", ""), []string{"--host=acme"}, "ims"},
		{"no secret", "", but("WFAUTH_CLIENT_SECRET", ""), nil, "an ims login, of which WFAUTH_CLIENT_SECRET is missing"},
		{"no secret, beside a profile", twoProfiles, but("WFAUTH_CLIENT_SECRET", "\n"), nil, "WFAUTH_CLIENT_SECRET is missing"},
		{"no host, beside a profile", twoProfiles, but("WFAUTH_HOST", ""), nil, "WFAUTH_HOST is missing"},
		{"no client, beside a profile", twoProfiles, but("WFAUTH_CLIENT_ID", ""), nil, "WFAUTH_CLIENT_ID is missing"},
		{"the flow and the client, beside a profile", twoProfiles, only("WFAUTH_FLOW", "ims", "WFAUTH_CLIENT_ID", "x"), nil, "WFAUTH_HOST, WFAUTH_CLIENT_SECRET are missing"},
		{"the flow alone, beside a profile", twoProfiles, only("WFAUTH_FLOW", "ims"), nil, "acme"},
		{"the flow alone", "", only("WFAUTH_FLOW", "ims"), nil, "WFAUTH_HOST, WFAUTH_CLIENT_ID, WFAUTH_CLIENT_SECRET are missing"},
		{"the organisation alone, beside a profile", twoProfiles, only("WFAUTH_IMS_ORG", "x"), nil, "acme"},
		{"the organisation alone", "", only("WFAUTH_IMS_ORG", "x"), nil, "WFAUTH_FLOW, WFAUTH_HOST, WFAUTH_CLIENT_ID, WFAUTH_CLIENT_SECRET are missing"},
		{"two of its own, beside a profile", twoProfiles, only("WFAUTH_IMS_ORG", "x", "WFAUTH_SCOPES", "y"), nil, "WFAUTH_CLIENT_SECRET are missing"},
		{"no flow", "", but("WFAUTH_FLOW", "", "WFAUTH_IMS_ORG", "x"), nil, "an ims login, of which WFAUTH_FLOW is missing"},
		{"neither flow nor any of its own", "", but("WFAUTH_FLOW", ""), nil, ""},
		{"another flow", twoProfiles, but("WFAUTH_FLOW", "code"), nil, "acme"},
		{"a jwt login, too", "", with(whole), nil, "ims"},
		{"a jwt login, which is meant", "", with(but("WFAUTH_FLOW", "jwt", "WFAUTH_IMS_ORG", "x", "WFAUTH_SCOPES", "y")), nil, "jwt"},
		{"a jwt login, no flow", "", with(but("WFAUTH_FLOW", "")), nil, "jwt"},
		{"half of both", "", with(but("WFAUTH_CLIENT_SECRET", "")), nil, "an ims login, of which WFAUTH_CLIENT_SECRET is missing"},
		{"a profile that is named", twoProfiles, but("WFAUTH_CLIENT_SECRET", ""), []string{"--profile=acme"}, "acme"},
	} {
		s, err := load(t, c.yaml, c.env, false, c.args...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := s.Name
		switch {
		case s.EnvOnly:
			got = s.Flow
			if s.Flow == "ims" && (s.LoginOfEnvironment() != "an ims login" || s.IMSURL == "" || s.Scopes == "" || s.Secret != "CANARY-secret" || s.IMSOrg != c.env["WFAUTH_IMS_ORG"]) {
				t.Errorf("%s: %+v", c.name, s)
			}
		case s.Unchosen != nil:
			got = s.Unchosen.Error()
			hint := s.Unchosen.(*config.UsageError).Hint
			if !strings.HasPrefix(hint, "export WFAUTH_") || strings.Contains(hint+got, "CANARY") {
				t.Errorf("%s: hint %q", c.name, hint)
			}
		}
		if got != c.want && (c.want == "" || !strings.HasSuffix(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, wrong := range []map[string]string{but("WFAUTH_FLOW", "IMS"), only("WFAUTH_FLOW", "oauth"), but("WFAUTH_IMS_URL", "http://ims.example"), but("WFAUTH_IMS_ORG", "undefined")} {
		if _, err := load(t, twoProfiles, wrong, false); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
