package config_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/wfauth/wfauth/internal/config"
)

const twoProfiles = `# ours
default: acme   # production
profiles:
  - name: acme
    host: acme # short form
    flow: code
    client_id: id-1
    redirect_uri: http://127.0.0.1:9000/callback
  # the weekly copy
  - name: acme-preview
    host: https://acme.preview.workfront.com
    storage: file
    api_version: v20.0
`

func load(t *testing.T, yaml string, env map[string]string, login bool, args ...string) (*config.Settings, error) {
	t.Helper()
	dir := t.TempDir()
	if yaml != "" {
		if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	for _, name := range []string{"profile", "host", "api-version"} {
		flags.String(name, "", "")
	}
	flags.Bool("debug", false, "")
	flags.Bool("quiet", false, "")
	if login {
		for _, name := range []string{"flow", "client-id", "redirect-uri", "storage", "customer-id", "user-id", "key", "ims-url", "ims-org", "scopes"} {
			flags.String(name, "", "")
		}
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	if env["NOHOME"] != "" {
		dir = ""
	}
	return config.Load(config.Source{
		Flags: flags, Getenv: func(key string) string { return env[key] },
		Folders: config.Folders{Config: dir}, Login: login,
	})
}

// Each setting: flag over environment over profile over default.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		args  []string
		env   map[string]string
		login bool
		want  func(s *config.Settings) string
		is    string
	}{
		{"profile: default", nil, nil, false, func(s *config.Settings) string { return s.Name }, "acme"},
		{"profile: environment", nil, map[string]string{"WFAUTH_PROFILE": "acme-preview"}, false, func(s *config.Settings) string { return s.Name }, "acme-preview"},
		{"profile: flag", []string{"--profile=acme"}, map[string]string{"WFAUTH_PROFILE": "acme-preview"}, false, func(s *config.Settings) string { return s.Name }, "acme"},
		{"version: default", nil, nil, false, func(s *config.Settings) string { return s.APIVersion }, "v22.0"},
		{"version: file", []string{"--profile=acme-preview"}, nil, false, func(s *config.Settings) string { return s.APIVersion }, "v20.0"},
		{"version: environment", []string{"--profile=acme-preview"}, map[string]string{"WFAUTH_API_VERSION": "v19.0"}, false, func(s *config.Settings) string { return s.APIVersion }, "v19.0"},
		{"version: flag", []string{"--api-version=v18.0"}, map[string]string{"WFAUTH_API_VERSION": "v19.0"}, false, func(s *config.Settings) string { return s.APIVersion }, "v18.0"},
		{"version: flag, short", []string{"--api-version=18"}, nil, false, func(s *config.Settings) string { return s.APIVersion }, "v18.0"},
		{"version: environment, short", nil, map[string]string{"WFAUTH_API_VERSION": "v19\r"}, false, func(s *config.Settings) string { return s.APIVersion }, "v19.0"},
		{"storage: file", []string{"--profile=acme-preview"}, nil, false, func(s *config.Settings) string { return s.Storage }, "file"},
		{"storage of a session is the profile's, whatever the environment", []string{"--profile=acme-preview"}, map[string]string{"WFAUTH_STORAGE": "keyring"}, false, func(s *config.Settings) string { return s.Storage }, "file"},
		{"storage: environment at a login", []string{"--profile=acme"}, map[string]string{"WFAUTH_STORAGE": "file"}, true, func(s *config.Settings) string { return s.Storage }, "file"},
		{"storage: flag at a login", []string{"--profile=acme", "--storage=keyring"}, map[string]string{"WFAUTH_STORAGE": "file"}, true, func(s *config.Settings) string { return s.Storage }, "keyring"},
		{"client: file", nil, map[string]string{"WFAUTH_CLIENT_ID": "id-2"}, false, func(s *config.Settings) string { return s.ClientID }, "id-1"},
		{"client: environment at a login", nil, map[string]string{"WFAUTH_CLIENT_ID": "id-2"}, true, func(s *config.Settings) string { return s.ClientID }, "id-2"},
		{"redirect: file", nil, nil, true, func(s *config.Settings) string { return s.RedirectURI }, "http://127.0.0.1:9000/callback"},
		{"redirect: default", []string{"--profile=acme-preview"}, nil, true, func(s *config.Settings) string { return s.RedirectURI }, config.DefaultRedirectURI},
		{"host: of the profile, short form", nil, nil, false, func(s *config.Settings) string { return s.Host.String() }, "https://acme.my.workfront.com"},
		{"host: the same again", []string{"--host=acme.my.workfront.com"}, nil, false, func(s *config.Settings) string { return s.Name }, "acme"},
		{"host: with a session from the environment", []string{"--host=other"}, map[string]string{"WFAUTH_SESSION_ID": "s"}, false, func(s *config.Settings) string { return s.Host.String() + s.Name }, "https://other.my.workfront.com"},
		{"login names the profile after the tenant", []string{"--host=beta.preview.workfront.com"}, nil, true, func(s *config.Settings) string { return s.Name }, "beta-preview"},
		{"login without anything is the default profile's", nil, nil, true, func(s *config.Settings) string { return s.Name }, "acme"},
		{"debug", nil, map[string]string{"WFAUTH_DEBUG": "1"}, false, func(s *config.Settings) string {
			if s.Debug {
				return "on"
			}
			return "off"
		}, "on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := load(t, twoProfiles, c.env, c.login, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.want(s); got != c.is {
				t.Errorf("got %q, want %q", got, c.is)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		env        map[string]string
		login      bool
		args       []string
		want       string
	}{
		{"unknown profile", twoProfiles, nil, false, []string{"--profile=nobody"}, `unknown profile "nobody"`},
		{"profile name out of pattern", twoProfiles, nil, true, []string{"--profile=A.b"}, "profile name"},
		{"no home", "", map[string]string{"NOHOME": "1"}, false, nil, "no home folder"},
		{"a session with a line end", "", map[string]string{"WFAUTH_SESSION_ID": "a\r\nX: b", "WFAUTH_HOST": "acme"}, false, nil, "cannot stand in a header"},
		{"another host", twoProfiles, nil, false, []string{"--host=other"}, "a session never goes to another host"},
		{"another host, by environment", twoProfiles, map[string]string{"WFAUTH_HOST": "other"}, false, nil, "a session never goes to another host"},
		{"login: the profile's name is taken by another host", twoProfiles, nil, true, []string{"--host=acme.my.workfront.adobe.com"}, "belongs to"},
		{"session without a host", "", map[string]string{"WFAUTH_SESSION_ID": "s"}, false, nil, "no host"},
		{"debug", "", map[string]string{"WFAUTH_DEBUG": "maybe"}, false, nil, "WFAUTH_DEBUG"},
		{"version", "", nil, false, []string{"--api-version=latest"}, "API version"},
		{"flow", "", nil, true, []string{"--flow=magic"}, "flow"},
		{"storage", "", nil, true, []string{"--storage=text"}, "storage"},
		{"not YAML", "default: acme\nprofiles: [\n", nil, false, nil, "config.yaml:"},
		{"unknown key", "default: acme\ncolour: red\n", nil, false, nil, `config.yaml:2: unknown key "colour"`},
		{"unknown key in a profile", "profiles:\n  - name: a\n    host: a\n    client_secret: x\n", nil, false, nil, `config.yaml:4: unknown key "client_secret"`},
		{"bad host", "profiles:\n  - name: a\n    host: http://example.com\n", nil, false, nil, "config.yaml:3: "},
		{"no host", "profiles:\n  - name: a\n", nil, false, nil, "config.yaml:2: profile a has no host"},
		{"no name", "profiles:\n  - host: a\n", nil, false, nil, "no name"},
		{"twice", "profiles:\n  - {name: a, host: a}\n  - {name: a, host: b}\n", nil, false, nil, "config.yaml:3: profile a stands here a second time"},
		{"a list", "- a\n", nil, false, nil, "config.yaml:1: "},
		{"two documents", "default: a\n---\ndefault: b\n", nil, false, nil, "one YAML document"},
		{"an alias", "profiles: &p\n  - {name: a, host: a}\ndefault: *p\n", nil, false, nil, "config.yaml:3: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.yaml, c.env, c.login, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, c.want)
			}
		})
	}
}

// Profiles without a usable default: not an error by itself, or switch could not mend it, but one for whoever needs a
// session, with the command that chooses.
func TestNoDefault(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"none":    strings.Replace(twoProfiles, "default: acme ", "", 1),
		"unknown": strings.Replace(twoProfiles, "default: acme ", "default: other ", 1),
	} {
		s, err := load(t, yaml, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		usage, ok := errors.AsType[*config.UsageError](s.Unchosen)
		if !ok || usage.Hint != "wfauth switch acme" || s.Name != "" {
			t.Errorf("%s: %v in use, %#v", name, s.Name, s.Unchosen)
		}
	}
	if s, err := load(t, "", nil, false); err != nil || s.Unchosen != nil {
		t.Errorf("nothing yet: %v, %v", s, err)
	}
	if s, err := load(t, "default: gone\nprofiles:\n  - {name: only, host: acme}\n", nil, false); err != nil || s.Unchosen == nil {
		t.Errorf("the default is gone: %v, %v", s, err)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "config.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := config.ReadFile(dir); err == nil || !strings.Contains(err.Error(), "config.yaml: ") {
		t.Errorf("a folder in the place of the file: %v", err)
	}
}

// folders are a config folder and a state folder for its lock.
func folders(t *testing.T, dir string) config.Folders {
	t.Helper()
	return config.Folders{Config: dir, State: dir + "-state"}
}

// A change keeps what a person wrote: comments, order, and profiles that it does not touch.
func TestUpdateKeepsComments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(twoProfiles), 0o600); err != nil {
		t.Fatal(err)
	}
	err := config.Update(t.Context(), folders(t, dir), func(e *config.Edit) error {
		f, err := config.ReadFile(dir)
		if err != nil {
			return err
		}
		p, _ := f.Lookup("acme")
		p.ClientID = "id-2"
		e.Put(p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("id-1", "id-2", "acme   #", "acme #", "host: acme #", "host: https://acme.my.workfront.com #").Replace(twoProfiles)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// Many processes may log in at once: no profile is lost, and the file is never seen half written.
func TestUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	host, err := config.ParseHost("acme")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := config.Update(context.Background(), folders(t, dir), func(e *config.Edit) error {
				e.Put(config.Profile{Name: "p" + string(rune('a'+i)), Host: host})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := config.ReadFile(dir); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f, err := config.ReadFile(dir)
	if err != nil || len(f.Profiles) != 20 {
		t.Errorf("%d profiles, %v; want 20", len(f.Profiles), err)
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "config.yaml"): 0o600} {
			if fi, err := os.Stat(name); err != nil || fi.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v; want %v", filepath.Base(name), fi.Mode(), err, mode)
			}
		}
	}
}

// A change that makes the file unusable is not written.
func TestUpdateRefusesDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte("colour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := config.Update(t.Context(), folders(t, dir), func(e *config.Edit) error { e.SetDefault("acme"); return nil }); err == nil {
		t.Error("a file with an unknown key was rewritten")
	}
	if got, _ := os.ReadFile(path); string(got) != "colour: red\n" {
		t.Errorf("the file is now %q", got)
	}
}

func TestRemoveProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(twoProfiles), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := config.Update(t.Context(), folders(t, dir), func(e *config.Edit) error { e.Remove("acme"); return nil }); err != nil {
		t.Fatal(err)
	}
	f, err := config.ReadFile(dir)
	if err != nil || f.Default != "" || len(f.Profiles) != 1 || f.Profiles[0].Name != "acme-preview" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestNamesAndVersions(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"a": true, "acme-preview_2": true, "0a": true, strings.Repeat("a", 64): true,
		"": false, "-a": false, "_a": false, "A": false, "a.b": false, "ä": false, "a b": false, strings.Repeat("a", 65): false,
	} {
		if err := config.CheckName(name); (err == nil) != ok {
			t.Errorf("CheckName(%q): %v", name, err)
		}
	}
	for version, want := range map[string]string{
		"v1.0": "v1.0", "v22.0": "v22.0", "v100.0": "v100.0", "v17": "v17.0", "17.0": "v17.0", "17": "v17.0", "V17": "v17.0", "": "",
		"v": "-", "v.0": "-", ".0": "-", "v0.0": "-", "0": "-", "v022.0": "-", "022": "-", "v+2.0": "-", "+2": "-", "v-2.0": "-", "v1000.0": "-", "v2.1": "-", "v２.0": "-", "vv2": "-", "22.0.0": "-",
	} {
		got, err := config.APIVersion(version)
		if err != nil {
			got = "-"
		}
		if got != want {
			t.Errorf("APIVersion(%q) = %q, %v; want %q", version, got, err, want)
		}
	}
}
