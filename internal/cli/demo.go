package cli

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets"
)

func newDemoCmd(a *app) *cobra.Command {
	var ownBrowser bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a login and its use against a tenant in memory",
		Long: `Start the emulator on a free port, log in to it and use the session: every command is printed as one would type it,
with its real output. Secrets rest in memory, and nothing is left when it ends.`,
		Example: "  wfauth demo\n  wfauth demo --browser",
		Args:    atMostArgs(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.demonstrate(cmd.Context(), ownBrowser) },
	}
	cmd.Flags().BoolVar(&ownBrowser, "browser", false, "sign in with your own browser (otherwise the demo plays it)")
	return cmd
}

// demo is a run of the demonstration: the program calls itself, with a world of its own.
type demo struct {
	a      *app
	tenant *tenant
	env    Env
}

func (a *app) demonstrate(ctx context.Context, ownBrowser bool) error {
	listener, err := listenLoopback(ctx, "emulator", "127.0.0.1:0")
	if err != nil {
		return err
	}
	redirect, err := freeRedirect(ctx)
	if err != nil {
		return err
	}
	t := startTenant(listener, emulator.Options{RedirectURIs: []string{redirect}})
	defer t.stop()
	folder, err := os.MkdirTemp("", "wfauth-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	d := &demo{a: a, tenant: t, env: Env{
		Stdin: strings.NewReader(""), Stdout: a.env.Stdout, Stderr: a.env.Stdout, Store: secrets.OpenMemory(),
		Getenv: demoEnv(a.env.Getenv, folder),
	}}
	user := t.info().Users[0]
	d.env.OpenURL = func(address string) error { return playBrowser(ctx, address, user, "allow") }
	d.say("A Workfront tenant in memory is at %s. Its person %s has the password %s.", t.url, user.Username, user.Password)
	if ownBrowser {
		d.env.OpenURL = a.env.OpenURL
		d.say("Sign in with these in your browser, and allow access.")
	} else {
		d.say("No browser is opened: the demo itself plays it, signs in and allows access (--browser uses yours).")
	}
	return d.run(ctx, redirect)
}

func (d *demo) run(ctx context.Context, redirect string) error {
	var public emulator.Client
	for _, c := range d.tenant.Clients() {
		if c.Secret == "" {
			public = c
		}
	}
	search := d.tenant.url + "/attask/api/v22.0/proj/search?$$LIMIT=2&fields=name,status"
	steps := [...]func() error{
		func() error {
			return d.wfauth(ctx, "login", d.tenant.url, "--client-id", public.ID, "--redirect-uri", redirect)
		},
		func() error { return d.curl(ctx, search) },
		func() error {
			return d.wfauth(ctx, "api", "proj/search", "-f", "$$LIMIT=2", "-f", "status=CUR", "--fields", "name,owner:name")
		},
		func() error { return d.wfauth(ctx, "api", "proj/count", "--jq", ".data.count") },
		func() error { return d.wfauth(ctx, "status") },
		func() error { return d.wfauth(ctx, "logout", "--forget") },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	d.say("\nThat was all; nothing of it is left. With your own tenant: wfauth login HOST --client-id ID")
	return nil
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.env.Stdout, format+"\n", args...) }

// wfauth runs one command of this program, printed as typed.
func (d *demo) wfauth(ctx context.Context, args ...string) error {
	d.say("\n$ wfauth %s", typed(args))
	env := d.env
	env.Args = args
	out := &lineEnd{w: env.Stdout}
	env.Stdout = out
	defer out.close()
	if status := Run(ctx, env); status != 0 {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return fmt.Errorf("wfauth %s ended with status %d", args[0], status)
	}
	return nil
}

// curl shows the session in another program; without a curl on this machine the demo sends what it would have sent.
func (d *demo) curl(ctx context.Context, address string) error {
	d.say("\n$ wfauth token --header | curl -sf -H @- '%s'", address)
	var header strings.Builder
	env := d.env
	env.Args, env.Stdout = []string{"token", "--header"}, &header
	if status := Run(ctx, env); status != 0 {
		return fmt.Errorf("wfauth token ended with status %d", status)
	}
	if path, err := exec.LookPath("curl"); err == nil {
		cmd := exec.CommandContext(ctx, path, "-sf", "--noproxy", "*", "-H", "@-", address)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(header.String()), d.env.Stdout, d.env.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("curl: %w", err)
		}
		d.say("")
		return nil
	}
	d.say("(there is no curl here, so the demo sends the same request)")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	name, value, _ := strings.Cut(strings.TrimSpace(header.String()), ": ")
	req.Header.Set(name, value)
	resp, err := demoClient().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(d.env.Stdout, resp.Body)
	d.say("")
	return err
}

// freeRedirect finds a port for the demo's redirect: not one that is in use, and none of those that systems hand out, which
// another program could be given before the login begins.
func freeRedirect(ctx context.Context) (string, error) {
	var err error
	for range 100 {
		var listener net.Listener
		if listener, err = listenLoopback(ctx, "emulator", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))); err == nil {
			defer listener.Close()
			return "http://" + listener.Addr().String() + "/callback", nil
		}
	}
	return "", err
}

// demoEnv hides the user's own settings and folders from the demo.
func demoEnv(getenv func(string) string, folder string) func(string) string {
	return func(key string) string {
		switch {
		case key == "WFAUTH_CONFIG_DIR":
			return folder
		case key == "HOME", strings.HasPrefix(key, "XDG_"), key == "AppData", key == "LocalAppData":
			return folder
		case strings.HasPrefix(key, "WFAUTH_"), key == "SSH_CONNECTION":
			return ""
		}
		return getenv(key)
	}
}

func demoClient() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{Proxy: nil, DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true}}
}

// playBrowser is the browser that the demo plays: it signs in at the emulator, presses a button of the consent page, and
// follows the redirect to the listener.
func playBrowser(ctx context.Context, address string, user emulatorUser, button string) error {
	client := demoClient()
	client.Jar, _ = cookiejar.New(nil) // never fails without a suffix list

	// The launcher's address leads to another.
	page, address, err := demoPage(ctx, client, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	for _, answer := range []url.Values{{"username": {user.Username}, "password": {user.Password}}, {button: {"yes"}}} {
		_, rest, found := strings.Cut(page, `name="csrf" value="`)
		token, _, closed := strings.Cut(rest, `"`)
		if !found || !closed {
			return errors.New("the emulator's page has no form")
		}
		answer.Set("csrf", html.UnescapeString(token))
		if page, _, err = demoPage(ctx, client, http.MethodPost, address, answer); err != nil {
			return err
		}
	}
	return nil
}

// demoPage asks for a page, and returns it with its address after all redirects.
func demoPage(ctx context.Context, client *http.Client, method, address string, form url.Values) (text, at string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(body), resp.Request.URL.String(), err
}

// lineEnd completes the last line: an answer is printed as it was sent, often without one.
type lineEnd struct {
	w    io.Writer
	last byte
}

func (l *lineEnd) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.last = p[len(p)-1]
	}
	return l.w.Write(p)
}

func (l *lineEnd) close() {
	if l.last != 0 && l.last != '\n' {
		fmt.Fprintln(l.w)
	}
}
