package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// A tab is a tab of a real browser, in which nobody is signed in.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	messages []string // what the console would show, guarded by mu
}

// startChromium starts a headless Chromium with a folder of its own; its tabs are independent.
func startChromium(t *testing.T, options ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := ""
	for _, name := range [...]string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		lacking(t, "browser", "there is no Chromium on this machine")
	}
	profile, err := os.MkdirTemp("", "wfauth")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // its processes end, and stop writing, when they please
		eventually(context.Background(), t, "the browser's folder is empty", func() bool { return os.RemoveAll(profile) == nil })
	})
	options = append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.WindowSize(900, 760),
	}, options...)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), options...)...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return browser
}

func newTab(t *testing.T, browser context.Context, scheme string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			usual := strings.HasPrefix(e.Entry.Text, "Failed to load resource: the server responded with a status of") ||
				strings.HasPrefix(e.Entry.Text, "Autofocus processing was blocked") // the person was quicker than the page
			if !usual {
				b.messages = append(b.messages, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			b.messages = append(b.messages, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.messages = append(b.messages, fmt.Sprintf("console.%s", e.Type))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.scheme(scheme)
	return b
}

// scheme is the person's preference, light or dark.
func (b *tab) scheme(scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// follows does what leads to a page, and waits for that page: a second one asked for meanwhile ends the first, or is ended by it.
func (b *tab) follows(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
	return v
}

// signIn opens the page that a login wants opened, up to the question whether to allow it; look is called at each page.
func (b *tab) signIn(address string, u emulatorUser, look func(page string)) {
	b.t.Helper()
	b.do(chromedp.Navigate(address), chromedp.WaitVisible("#username"))
	look("sign-in")
	b.do(
		chromedp.SendKeys("#username", u.Username),
		chromedp.SendKeys("#password", u.Password),
		chromedp.Click("#submit"),
		chromedp.WaitVisible("#allow"),
	)
	look("consent")
}

// press presses a button of the consent page and waits for the page of wfauth's own.
func (b *tab) press(button string) (kind string) {
	b.t.Helper()
	b.do(chromedp.Click("#"+button), chromedp.WaitVisible("main[class] h1"))
	return evaluate[string](b, `document.querySelector("main").className`)
}

// leavesNoTrace checks that the address bar and the tab's history hold nothing of the answer that came to wfauth.
func (b *tab) leavesNoTrace(redirect string) {
	b.t.Helper()
	if got := evaluate[string](b, "location.href"); got != redirect {
		b.t.Errorf("the address bar shows %s, not %s", got, redirect)
	}
	history, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
	if err != nil {
		b.t.Fatal(err)
	}
	own := 0
	for _, entry := range history.Entries {
		for _, text := range [...]string{entry.URL, entry.UserTypedURL} {
			u, err := url.Parse(text)
			if err != nil {
				b.t.Fatal(err)
			}
			if u.Query().Has("code") || strings.HasPrefix(text, redirect) && text != redirect {
				b.t.Errorf("the tab's history holds %s", text)
			}
		}
		if entry.URL == redirect {
			own++
		}
	}
	if own != 1 {
		b.t.Errorf("the tab's history holds wfauth's page %d times", own)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) > 0 {
		b.t.Errorf("the console shows %q", b.messages)
	}
}

// A login in a real browser, through the tenant's pages: how it ends is told by wfauth's page as by the process.
func TestBrowserLogin(t *testing.T) {
	t.Parallel()
	browser := startChromium(t)
	for _, c := range []struct {
		name    string
		keyring bool
		trouble func(w *world, session *secrettest.Session) // when the question is on the screen
		button  string
		status  int
		kind    string
		title   string
		says    string // on the page
		stderr  string
	}{
		{
			name: "allowed", button: "allow", status: 0, kind: "success", title: "You are logged in",
			says:   "Ann Adeyemi <user1@example.com> is logged in.",
			stderr: `(?m)^wfauth: Ann Adeyemi <user1@example\.com> is logged in at URL \(profile local\)$`,
		},
		{
			name: "denied", button: "deny", status: 4, kind: "refusal", title: "The login was not completed",
			says:   "Access was denied in the browser",
			stderr: `(?m)^wfauth: access was denied in the browser.*\n  hint: LOGIN$`,
		},
		{
			name: "exchange fails", button: "allow", status: 1, kind: "failure", title: "The login failed",
			trouble: func(w *world, _ *secrettest.Session) {
				w.tenant.FailNext("/integrations/oauth2/api/v1/token", emulator.FaultUnavailable, 1)
			},
			says:   "status 503",
			stderr: `(?m)^wfauth: URL: token request: status 503`,
		},
		{
			name: "application refused", button: "allow", status: 4, kind: "failure", title: "Workfront refused the login",
			trouble: func(w *world, _ *secrettest.Session) {
				w.tenant.FailNext("/integrations/oauth2/api/v1/token", emulator.FaultUnauthorized, 1)
			},
			says:   "log in again with the right ones",
			stderr: `(?m)^wfauth: Workfront refused the login: `,
		},
		{
			name: "store fails", button: "allow", status: 1, kind: "failure", title: "The login failed", keyring: true,
			trouble: func(_ *world, session *secrettest.Session) { session.Freeze(t) },
			says:    "Nothing was sent, for the answer could not be kept: keyring: ",
			stderr:  `(?m)^wfauth: nothing was sent, for the answer could not be kept: keyring: .*\n  hint: LOGIN --storage file$`,
		},
	} {
		t.Run(c.name, func(t *testing.T) { // one after another: a browser draws what is in front
			var session *secrettest.Session
			if c.keyring {
				session = secrettest.Keyring(t)
				session.Supervise(t) // gnome-keyring ends by itself now and then
			}
			w := newWorld(t, emulator.Options{}, session).with(usualDeadline + "=5s")
			if session == nil {
				w = w.with(usualDeadline + "=1m")
			}
			login, address := w.startLogin()
			b := newTab(t, browser, "light")
			look := b.looksRight
			if c.status != 0 {
				look = func(string) {} // once is enough for the tenant's pages
			}
			b.signIn(address, w.user(), look)
			if c.trouble != nil {
				c.trouble(w, session)
			}
			if got := b.press(c.button); got != c.kind {
				t.Errorf("the page is one of %s, not %s", got, c.kind)
			}
			b.looksRight("verdict")
			b.leavesNoTrace(w.redirect)
			if got := evaluate[string](b, "document.title"); got != "wfauth: "+c.title {
				t.Errorf("the page's title is %q", got)
			}
			page := evaluate[string](b, "document.body.innerText")
			for _, want := range [...]string{c.title, c.says, w.url, "local"} {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q: %s", want, page)
				}
			}
			if login.wait() != c.status {
				t.Errorf("exit status %d, not %d", login.status, c.status)
			}
			if login.stdout.String() != "" {
				t.Errorf("stdout has %q", login.stdout.String())
			}
			want := strings.NewReplacer("URL", regexp.QuoteMeta(w.url), "LOGIN", regexp.QuoteMeta(w.firstLogin()+" --no-browser")).Replace(c.stderr)
			if !regexp.MustCompile(want).MatchString(login.stderr.String()) {
				t.Errorf("stderr does not match %s: %s", want, login.stderr.String())
			}
			if c.status == 0 {
				w.must("token")
			}
		})
	}
}
