package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/terminal"
)

// What keygen writes is new: neither a file that is there is written over, nor is one made where a link leads.
func TestKeygenWritesNewFilesOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	there, elsewhere := filepath.Join(folder, "there"), filepath.Join(folder, "elsewhere")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(elsewhere, link); err != nil {
		link = there // a system that lets nobody make links
	}
	for _, path := range []string{there, link} {
		if err := writeNew(path, []byte("CANARY"), 0o600); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	if text, err := os.ReadFile(there); string(text) != "mine" {
		t.Errorf("it holds %q, %v", text, err)
	}
	if _, err := os.Stat(elsewhere); err == nil {
		t.Error("a file was made where the link leads")
	}
}

// Headers that are the session are not printed under -i, and no header acts on a terminal; nor does a body, whatever it is, or what jq
// makes of it.
func TestHeadersAndBodiesAtATerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "attask=CANARY-cookie; HttpOnly")
		w.Header().Set("sessionID", "CANARY-header")
		w.Header().Set("X-Colour", "\u009b31mred")
		if strings.HasSuffix(r.URL.Path, "/text") {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "\x1b]0;owned\a\u202e")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/refused") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"error":{"message":"\u001b[31m`+"\u009b"+`"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"data":[{"ID":"a","name":"\u001b[2J`+"\u009b31m\u202e"+`"}]}`)
	}))
	defer server.Close()
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "CANARY-session"}
	for _, args := range [][]string{
		{"proj/1", "-i"}, {"proj/1"}, {"proj/text"}, {"proj/text", "-i"}, {"proj/refused", "-i"}, {"/internal/text"},
		{"proj/search", "--jq", ".data[0].name"}, {"proj/search", "--paginate"}, {"proj/search", "--paginate", "--jq", ".data[0].name"},
		{"proj/search", "-o", "ndjson"}, {"proj/search", "-o", "csv"}, {"proj/search", "-o", "table"}, {"proj/search", "-o", "yaml"}, {"proj/search", "-o", "tsv"},
	} {
		for _, atTerminal := range []bool{true, false} {
			var out, errs bytes.Buffer
			Run(t.Context(), Env{
				Args: append([]string{"api"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return env[name] },
				Terminal: terminal.Streams{Out: atTerminal, Width: func() int { return 80 }, ErrWidth: func() int { return 80 }},
			})
			if strings.Contains(out.String()+errs.String(), "CANARY") {
				t.Errorf("%q: a secret in %q", args, out.String())
			}
			if atTerminal && strings.ContainsAny(out.String()+errs.String(), "\x1b\a\u009b\u202e") {
				t.Errorf("%q acts on the terminal: %q %q", args, out.String(), errs.String())
			}
			if out.Len() == 0 {
				t.Errorf("%q: nothing came, %s", args, errs.String())
			}
		}
	}
}

// A user's name is the server's word.
func TestUsersNameActsOnNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := &app{env: Env{Stdout: &out, Terminal: terminal.Streams{Out: true, Width: func() int { return 0 }}}}
	rows := []profileStatus{{Profile: "acme", Host: "https://acme.my.workfront.com", State: auth.StateValid, User: "Ann\x1b[2J\u009b\u202e\nB"}}
	for _, asJSON := range []bool{false, true} {
		if err := a.printStatuses(rows, asJSON); err != nil {
			t.Fatal(err)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\u009b\u202e") || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%q", out.String())
	}
}

// What stands between the quotes of a curl config file stays there.
func TestCurlQuoted(t *testing.T) {
	t.Parallel()
	env := map[string]string{"WFAUTH_HOST": "acme", "WFAUTH_SESSION_ID": `CANARY"\nurl="http://evil.example`}
	status, out, _ := within(t, env, "token", "--curl")
	if want := `header = "sessionID: CANARY\"\\nurl=\"http://evil.example"` + "\n"; status != exitDone || !strings.Contains(out, want) {
		t.Errorf("exit status %d, %s", status, out)
	}
}

// The secrets of the environment are out of what a child would inherit, but for exec's. (The environment belongs to the process, so this
// test has it alone.)
func TestSecretsLeaveTheEnvironment(t *testing.T) {
	names := []string{"WFAUTH_CLIENT_SECRET", "WFAUTH_IMS_ORG", "WFAUTH_PASSPHRASE", "WFAUTH_PRIVATE_KEY", "WFAUTH_SESSION_ID", "WFAUTH_EVENT_TOKEN"}
	for _, name := range names {
		t.Setenv(name, "CANARY-"+name)
	}
	t.Setenv("WFAUTH_HOST", "acme")
	getenv, environ := takeEnvironment()
	for _, name := range names {
		if value, there := os.LookupEnv(name); there {
			t.Errorf("%s is still %q", name, value)
		}
		if getenv(name) != "CANARY-"+name || !slices.Contains(environ(), name+"=CANARY-"+name) {
			t.Errorf("%s is lost", name)
		}
	}
	if os.Getenv("WFAUTH_HOST") != "acme" || getenv("WFAUTH_HOST") != "acme" {
		t.Error("what is no secret has gone")
	}
}

// Every secret that a run learns is masked from then on, whichever way it came in.
func TestSecretsAreLearnt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "passphrase")
	if err := os.WriteFile(file, []byte("CANARY-passphrase of a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	newApp := func(stdin string, env map[string]string) *app {
		env["WFAUTH_CONFIG_DIR"], env["HOME"] = folder, folder
		return &app{env: Env{Stdin: strings.NewReader(stdin), Stdout: io.Discard, Stderr: io.Discard, Getenv: func(name string) string { return env[name] }}}
	}
	load := func(a *app) error {
		cmd, _, err := newRootCmd(a).Find([]string{"token"})
		if err == nil {
			err = cmd.ParseFlags(nil)
		}
		if err == nil {
			_, err = a.load(cmd, false)
		}
		return err
	}
	for secret, learn := range map[string]func(secret string) (*app, error){
		"CANARY-session-of-the-environment": func(secret string) (*app, error) {
			a := newApp("", map[string]string{"WFAUTH_SESSION_ID": secret, "WFAUTH_HOST": "acme"})
			return a, load(a)
		},
		"CANARY-client-secret-of-the-environment": func(secret string) (*app, error) {
			a := newApp("", map[string]string{"WFAUTH_CLIENT_SECRET": secret})
			return a, load(a)
		},
		"CANARY-passphrase of the environment": func(secret string) (*app, error) {
			a := newApp("", map[string]string{"WFAUTH_PASSPHRASE": secret})
			return a, load(a)
		},
		"CANARY-client-secret-of-stdin": func(secret string) (*app, error) {
			a := newApp(secret+"\n", map[string]string{})
			_, err := a.clientSecret(t.Context(), &config.Settings{}, loginFlags{secretStdin: true})
			return a, err
		},
		"CANARY-passphrase of a file": func(string) (*app, error) {
			a := newApp("", map[string]string{"WFAUTH_PASSPHRASE_FILE": file})
			_, err := a.givenPassphrase(t.Context())
			return a, err
		},
		"CANARY-passphrase that is typed": func(secret string) (*app, error) {
			a := newApp("", map[string]string{})
			a.env.Terminal = terminal.Streams{In: true, Err: true, ReadSecret: func(context.Context) (string, error) { return secret, nil }}
			_, err := a.askPassphrase(t.Context())
			return a, err
		},
		"CANARY-client-secret-that-is-typed": func(secret string) (*app, error) {
			a := newApp("", map[string]string{})
			a.env.Terminal = terminal.Streams{In: true, Err: true, ReadSecret: func(context.Context) (string, error) { return secret, nil }}
			_, err := a.secretForFlow(t.Context(), &config.Settings{Profile: config.Profile{Flow: auth.FlowCode}}, secrets.OpenMemory(), "")
			return a, err
		},
		"CANARY-client-secret-that-is-stored": func(secret string) (*app, error) {
			a := newApp("", map[string]string{})
			store := secrets.OpenMemory()
			item := fmt.Sprintf(`{"v":1,"origin":"https://acme.my.workfront.com","client_id":"app1","client_secret":%q,"session_id":"x"}`, secret)
			release, err := store.Lock(t.Context())
			if err != nil {
				return a, err
			}
			defer release()
			if err := store.Save(t.Context(), []byte(item)); err != nil {
				return a, err
			}
			host, err := config.ParseHost("acme")
			if err != nil {
				return a, err
			}
			_, err = a.storedSecret(t.Context(), &config.Settings{Profile: config.Profile{Host: host, ClientID: "app1"}}, store)
			return a, err
		},
	} {
		a, err := learn(secret)
		if err != nil {
			t.Errorf("%s: %v", secret, err)
		}
		if got := a.secrets.Text("it is " + secret); strings.Contains(got, "CANARY") {
			t.Errorf("%s is not masked", secret)
		}
	}
}

// The assertion is signed anew for each exchange, and masked like what it is exchanged for.
func TestAssertionIsLearnt(t *testing.T) {
	t.Parallel()
	private, _, err := auth.GenerateKey(time.Now(), "test")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: Env{Stderr: io.Discard, Getenv: func(string) string { return "" }}}
	form, err := a.mint(config.Profile{Flow: auth.FlowJWT, CustomerID: "customer", UserID: "user"}, string(private))(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token := form.Get("jwt_token"); token == "" || a.secrets.Text(token) != "***" {
		t.Errorf("%q is not masked", token)
	}
}
