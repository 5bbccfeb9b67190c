package config_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/config"
)

// A jwt login that the environment describes by halves is a mistake, unless what there is may be meant for something else.
func TestEnvironmentLogin(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"WFAUTH_HOST": "acme", "WFAUTH_CLIENT_ID": "client", "WFAUTH_CLIENT_SECRET": "CANARY-secret",
		"WFAUTH_CUSTOMER_ID": "customer", "WFAUTH_USER_ID": "user", "WFAUTH_KEY_FILE": "key",
	}
	without := func(names ...string) map[string]string {
		env := maps.Clone(whole)
		for _, name := range names {
			delete(env, name)
		}
		return env
	}
	with := func(env map[string]string, more ...string) map[string]string {
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	none := without(slices.Collect(maps.Keys(whole))...)
	for _, c := range []struct {
		name, yaml string
		env        map[string]string
		args       []string
		want       string // profile in use, "environment", or what is missing
	}{
		{"whole", twoProfiles, whole, nil, "environment"},
		{"whole, by text", twoProfiles, with(without("WFAUTH_KEY_FILE"), "WFAUTH_PRIVATE_KEY", "x"), nil, "environment"},
		{"host by flag", "", without("WFAUTH_HOST"), []string{"--host=acme"}, "environment"},
		{"no host", "", without("WFAUTH_HOST"), nil, "WFAUTH_HOST is missing"},
		{"no client", "", without("WFAUTH_CLIENT_ID"), nil, "WFAUTH_CLIENT_ID is missing"},
		{"no secret", "", without("WFAUTH_CLIENT_SECRET"), nil, "WFAUTH_CLIENT_SECRET is missing"},
		{"no customer", "", without("WFAUTH_CUSTOMER_ID"), nil, "WFAUTH_CUSTOMER_ID is missing"},
		{"no user", "", without("WFAUTH_USER_ID"), nil, "WFAUTH_USER_ID is missing"},
		{"no key", "", without("WFAUTH_KEY_FILE"), nil, "WFAUTH_KEY_FILE or WFAUTH_PRIVATE_KEY is missing"},
		{"an empty one", "", with(without(), "WFAUTH_USER_ID", " \n"), nil, "WFAUTH_USER_ID is missing"},
		{"no home either", "", with(without("WFAUTH_USER_ID"), "NOHOME", "1"), nil, "WFAUTH_USER_ID is missing"},
		{"two", "", without("WFAUTH_USER_ID", "WFAUTH_HOST"), nil, "WFAUTH_HOST, WFAUTH_USER_ID are missing"},
		{"one, beside a profile", twoProfiles, without("WFAUTH_USER_ID"), nil, "WFAUTH_USER_ID is missing"},
		{"the shared ones, beside a profile", twoProfiles, without("WFAUTH_KEY_FILE", "WFAUTH_CUSTOMER_ID", "WFAUTH_USER_ID"), nil, "acme"},
		{"the shared ones alone", "", without("WFAUTH_KEY_FILE", "WFAUTH_CUSTOMER_ID", "WFAUTH_USER_ID"), nil, ""},
		{"the customer alone, beside a profile", twoProfiles, with(maps.Clone(none), "WFAUTH_CUSTOMER_ID", "x"), nil, "acme"},
		{"the key's file alone, beside a profile", twoProfiles, with(maps.Clone(none), "WFAUTH_KEY_FILE", "x"), nil, "acme"},
		{"the customer alone", "", with(maps.Clone(none), "WFAUTH_CUSTOMER_ID", "x"), nil, "WFAUTH_HOST, WFAUTH_CLIENT_ID, WFAUTH_CLIENT_SECRET, WFAUTH_USER_ID, WFAUTH_KEY_FILE or WFAUTH_PRIVATE_KEY are missing"},
		{"a key's text alone", twoProfiles, with(maps.Clone(none), "WFAUTH_PRIVATE_KEY", "x"), nil, "WFAUTH_USER_ID are missing"},
		{"a profile that is named", twoProfiles, without("WFAUTH_USER_ID"), []string{"--profile=acme"}, "acme"},
		{"a profile that is named there", twoProfiles, with(without("WFAUTH_USER_ID"), "WFAUTH_PROFILE", "acme"), nil, "acme"},
		{"a session", twoProfiles, with(without("WFAUTH_USER_ID"), "WFAUTH_SESSION_ID", "x"), nil, ""},
	} {
		s, err := load(t, c.yaml, c.env, false, c.args...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := s.Name
		if s.EnvOnly {
			got = "environment"
		}
		if usage, ok := errors.AsType[*config.UsageError](s.Unchosen); ok {
			got = usage.Text
			if s.Name != "" || s.EnvOnly || !strings.HasPrefix(usage.Hint, "export WFAUTH_") || strings.Contains(usage.Hint+usage.Text, "CANARY") {
				t.Errorf("%s: %q is in use, and the hint is %q", c.name, s.Name, usage.Hint)
			}
		}
		if got != c.want && (c.want == "" || !strings.HasSuffix(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What is copied comes with blanks, line ends and marks, on every way in.
func TestPlainSettings(t *testing.T) {
	t.Parallel()
	const mess = "\ufeff %s\t\r\n"
	env := map[string]string{}
	for name, value := range map[string]string{
		"WFAUTH_HOST": "acme", "WFAUTH_CLIENT_ID": "client", "WFAUTH_CLIENT_SECRET": "CANARY-secret", "WFAUTH_CUSTOMER_ID": "customer",
		"WFAUTH_USER_ID": "user", "WFAUTH_PRIVATE_KEY": "key",
	} {
		env[name] = strings.Replace(mess, "%s", value, 1)
	}
	s, err := load(t, "", env, false)
	if err != nil || s.Host.String() != "https://acme.my.workfront.com" || s.ClientID != "client" || s.Secret != "CANARY-secret" ||
		s.CustomerID != "customer" || s.UserID != "user" || s.PrivateKey != "key" {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = load(t, "", map[string]string{"WFAUTH_SESSION_ID": strings.Replace(mess, "%s", "session", 1), "WFAUTH_HOST": "acme"}, false)
	if err != nil || s.SessionID != "session" {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = load(t, "", nil, true, "--host=acme\n", "--client-id= client ", "--customer-id=customer\r", "--user-id=\ufeffuser")
	if err != nil || s.ClientID != "client" || s.CustomerID != "customer" || s.UserID != "user" || s.Name != "acme" {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = load(t, "profiles:\n  - name: a\n    host: acme\n    client_id: ' client '\n    api_version: 17\n", nil, false)
	if err != nil || s.ClientID != "client" || s.APIVersion != "v17.0" {
		t.Errorf("%+v, %v", s, err)
	}
}

// The two IDs stand beside each other in Workfront.
func TestCustomerIsNotTheClient(t *testing.T) {
	t.Parallel()
	const yaml = "profiles:\n  - {name: robot, host: acme, flow: jwt, client_id: one, customer_id: ONE, user_id: u, key_file: k}\n"
	env := map[string]string{
		"WFAUTH_HOST": "acme", "WFAUTH_CLIENT_ID": "one", "WFAUTH_CLIENT_SECRET": "CANARY-secret", "WFAUTH_CUSTOMER_ID": "one\n",
		"WFAUTH_USER_ID": "user", "WFAUTH_KEY_FILE": "key",
	}
	for hint, load := range map[string]func() (*config.Settings, error){
		"export WFAUTH_CUSTOMER_ID=CUSTOMER-ID":                  func() (*config.Settings, error) { return load(t, "", env, false) },
		"wfauth login --profile robot --customer-id CUSTOMER-ID": func() (*config.Settings, error) { return load(t, yaml, nil, false) },
		"": func() (*config.Settings, error) { return load(t, strings.Replace(yaml, "ONE", "two", 1), nil, false) },
	} {
		s, err := load()
		if err != nil {
			t.Fatal(err)
		}
		usage, ok := errors.AsType[*config.UsageError](s.Unchosen)
		if ok != (hint != "") || ok && (usage.Hint != hint || !strings.Contains(usage.Text, "customer ID")) {
			t.Errorf("%v, want one with the hint %q", s.Unchosen, hint)
		}
	}
}
