// Package config turns flags, environment, config.yaml and defaults, in this order of precedence, into one plain struct.
// It holds no secret on disk, opens no store and reaches no network.
package config

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Defaults of what neither a flag, the environment nor the profile says.
const (
	DefaultAPIVersion  = "v22.0"
	DefaultRedirectURI = "http://127.0.0.1:8765/callback"
	defaultStorage     = "keyring"
)

// Source is where settings come from.
type Source struct {
	Flags   *pflag.FlagSet          // those that the command has
	Getenv  func(key string) string // an empty value is none
	Folders Folders
	Login   bool // a login: its flags and their variables count, and the profile need not exist yet
}

// Settings is what a command works with.
type Settings struct {
	Profile            // merged by precedence; Name is empty where no profile is in use
	Exists     bool    // Profile.Name stands in config.yaml
	Previous   Profile // the profile as config.yaml has it
	IsDefault  bool
	Debug      bool
	Quiet      bool
	SessionID  string // WFAUTH_SESSION_ID: a session to use as it is
	EnvOnly    bool   // a login (jwt, ims) described by the environment alone: no profile and no store
	FlowGiven  bool   // Flow was asked for, and does not come from the profile
	Unchosen   error  // why there is no session to be had although something was set up for one: nil, or exit status 2
	PrivateKey string // WFAUTH_PRIVATE_KEY, PEM
	Secret     string // WFAUTH_CLIENT_SECRET
	File       *File
	Folders    Folders
}

// UsageError is a command line or environment that is wrong: exit status 2.
type UsageError struct {
	Text string
	Hint string // the command that helps, may be empty
}

func (e *UsageError) Error() string { return e.Text }

func usagef(format string, args ...any) error { return &UsageError{Text: fmt.Sprintf(format, args...)} }

// sources names the flag and the variable of each setting. Those with login set count for a login only: a session
// belongs to the application that it was made with, so no other command can change them.
var sources = [...]struct {
	key, flag, env string
	login          bool
}{
	{"profile", "profile", "WFAUTH_PROFILE", false},
	{"host", "host", "WFAUTH_HOST", false},
	{"api_version", "api-version", "WFAUTH_API_VERSION", false},
	{"debug", "debug", "WFAUTH_DEBUG", false},
	{"quiet", "quiet", "", false},
	{"flow", "flow", "WFAUTH_FLOW", true},
	{"client_id", "client-id", "WFAUTH_CLIENT_ID", true},
	{"redirect_uri", "redirect-uri", "WFAUTH_REDIRECT_URI", true},
	{"storage", "storage", "WFAUTH_STORAGE", true},
	{"customer_id", "customer-id", "WFAUTH_CUSTOMER_ID", true},
	{"user_id", "user-id", "WFAUTH_USER_ID", true},
	{"key_file", "key", "WFAUTH_KEY_FILE", true},
	{"redirect_cert", "redirect-cert", "", true},
	{"redirect_key", "redirect-key", "", true},
	{"no_pkce", "no-pkce", "", true},
	{"ims_url", "ims-url", "WFAUTH_IMS_URL", true},
	{"ims_org", "ims-org", "WFAUTH_IMS_ORG", true},
	{"scopes", "scopes", "WFAUTH_SCOPES", true},
}

// Load reads everything and decides which profile is in use.
func Load(src Source) (*Settings, error) {
	getenv := func(name string) string { return Plain(src.Getenv(name)) }
	s := &Settings{Folders: src.Folders, SessionID: getenv("WFAUTH_SESSION_ID"), Secret: getenv("WFAUTH_CLIENT_SECRET")}
	if src.Login {
		s.SessionID = ""
	}
	// The given layer is what this command line and environment say; profile and defaults are put under it later.
	given := viper.NewWithOptions(viper.KeyDelimiter("::"))
	env := map[string]any{}
	var here environmentLogin
	var err error
	if named := getenv("WFAUTH_PROFILE") != "" || changed(src.Flags, "profile"); !src.Login && !named && s.SessionID == "" {
		if here, err = readEnvironmentLogin(getenv, changed(src.Flags, "host")); err != nil {
			return nil, err
		}
	}
	for _, source := range sources {
		if source.login && !src.Login && !here.whole {
			continue
		}
		if source.env != "" && getenv(source.env) != "" {
			env[source.key] = getenv(source.env)
		}
		// A switch that was not given says nothing, where viper would have it say no.
		if f := src.Flags.Lookup(source.flag); f != nil && (f.Changed || f.Value.Type() != "bool") {
			if err := given.BindPFlag(source.key, f); err != nil {
				return nil, err
			}
		}
	}
	if err := given.MergeConfigMap(env); err != nil {
		return nil, err
	}
	if s.Debug, err = boolean("WFAUTH_DEBUG", given.GetString("debug")); err != nil {
		return nil, err
	}
	s.Quiet = given.GetBool("quiet")
	if src.Folders.Config == "" && s.SessionID == "" && !here.whole && !here.meant {
		return nil, &UsageError{Text: errNoHome().Error(), Hint: ""}
	}
	if s.File, err = ReadFile(src.Folders.Config); err != nil {
		return nil, err
	}
	var host Host
	if text := given.GetString("host"); text != "" {
		if host, err = ParseHost(text); err != nil {
			return nil, hostUsage(err)
		}
	}
	if name := given.GetString("profile"); name != "" {
		if err := CheckName(name); err != nil {
			return nil, &UsageError{Text: err.Error()}
		}
	}
	switch {
	case src.Login:
		err = s.chooseForLogin(given.GetString("profile"), host)
	case s.SessionID != "":
		err = s.chooseForSessionID(given.GetString("profile"), host)
	case here.whole:
		s.EnvOnly = true
		s.Host, s.Flow, s.Name = host, here.flow, ""
		s.PrivateKey = getenv("WFAUTH_PRIVATE_KEY")
	case here.meant:
		s.Unchosen = here.missing
	default:
		err = s.choose(given.GetString("profile"), host)
		if s.Name == "" && s.Unchosen == nil {
			s.Unchosen = here.missing
		}
	}
	if err != nil {
		return nil, err
	}
	if s.SessionID != "" && !headerSafe(s.SessionID) {
		return nil, usagef("WFAUTH_SESSION_ID: it has a character that cannot stand in a header")
	}
	if err := s.merge(given, here.flow); err != nil {
		return nil, err
	}
	s.FlowGiven = given.GetString("flow") != ""
	if s.Unchosen == nil && !src.Login {
		s.Unchosen = s.checkCustomer()
	}
	return s, nil
}

// merge lays the given settings over the profile's and those over the defaults; flow is that of a login in the environment.
func (s *Settings) merge(given *viper.Viper, flow string) error {
	name, host := s.Name, s.Host
	merged := viper.NewWithOptions(viper.KeyDelimiter("::"))
	lower := s.Previous.WithDefaults()
	for i, field := range lower.fields() {
		if *field != "" {
			if err := merged.MergeConfigMap(map[string]any{profileKeys[i]: *field}); err != nil {
				return err
			}
		}
	}
	for i, key := range profileKeys {
		if text := given.GetString(key); text != "" {
			merged.Set(key, text)
		}
		if key == "name" || key == "host" {
			continue
		}
		text := merged.GetString(key)
		if err := s.set(key, s.fields()[i], text); err != nil {
			return &UsageError{Text: err.Error()}
		}
	}
	if s.EnvOnly {
		s.Flow = flow
	}
	s.completeIMS()
	s.Name, s.Host = name, host
	s.IsDefault = s.Exists && s.File.Default == name
	return nil
}

// choose picks the profile of a command that uses a session.
func (s *Settings) choose(name string, host Host) error {
	named := name != ""
	if !named {
		name = s.File.Default
	}
	if name == "" && len(s.File.Profiles) == 1 {
		name = s.File.Profiles[0].Name
	}
	p, ok := s.File.Lookup(name)
	switch {
	case ok:
	case named:
		if len(s.File.Profiles) == 0 {
			return &UsageError{Text: fmt.Sprintf("unknown profile %q", name), Hint: "wfauth login --profile " + name}
		}
		return &UsageError{Text: fmt.Sprintf("unknown profile %q: there is %s", name, s.names()), Hint: "wfauth status"}
	case name != "":
		s.Unchosen = &UsageError{
			Text: fmt.Sprintf("the default profile %q in %s is not there", name, filePath(s.Folders.Config)), Hint: s.switching(),
		}
		return nil
	case len(s.File.Profiles) > 0:
		s.Unchosen = &UsageError{Text: "there are several profiles (" + s.names() + "), and none is the default", Hint: s.switching()}
		return nil
	default:
		s.Host = host
		return nil // nobody has logged in: the command says so, if it needs a session
	}
	if !host.IsZero() && host != p.Host {
		return &UsageError{
			Text: fmt.Sprintf("profile %s belongs to %s, not to %s: a session never goes to another host", name, p.Host, host),
			Hint: "wfauth login " + host.String(),
		}
	}
	s.use(p)
	return nil
}

// names lists the profiles that are there.
func (s *Settings) names() string {
	names := make([]string, len(s.File.Profiles))
	for i, p := range s.File.Profiles {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// switching is the command that makes one of the profiles the default, or the one that makes a profile.
func (s *Settings) switching() string {
	if len(s.File.Profiles) == 0 {
		return "wfauth login"
	}
	return "wfauth switch " + s.File.Profiles[0].Name
}

// chooseForLogin names the profile after the tenant unless it was named, and keeps a profile to its host.
func (s *Settings) chooseForLogin(name string, host Host) error {
	if name == "" && !host.IsZero() {
		name = host.ProfileName()
	}
	if name == "" {
		name = s.File.Default
	}
	p, ok := s.File.Lookup(name)
	if !ok {
		s.Name, s.Host = name, host
		return nil // a host that is still missing is asked for
	}
	s.use(p)
	if host.IsZero() || host == p.Host {
		return nil
	}
	// The port of a local tenant changes at every start, so there the profile moves along.
	if host.loopback() && p.Host.loopback() {
		s.Host = host
		return nil
	}
	return &UsageError{
		Text: fmt.Sprintf("profile %s belongs to %s, not to %s", name, p.Host, host),
		Hint: "wfauth login " + host.String() + " --profile OTHER-NAME",
	}
}

func (s *Settings) use(p Profile) { s.Profile, s.Previous, s.Exists = p, p, true }
