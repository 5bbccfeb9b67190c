package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wfauth/wfauth/internal/emulator"
)

// A pseudoTerminal is the side of a pseudo terminal at which the person sits.
type pseudoTerminal struct {
	*process // its stderr is all that the screen has shown
	keys     *os.File
	shown    chan struct{} // closed when nothing more will be
}

// openTerminal makes a pseudo terminal: the side of the person, and that of the program.
func openTerminal(t *testing.T) (keys, screen *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo terminals: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return keys, screen
}

// atTerminal runs a command whose three streams are a terminal.
func (w *world) atTerminal(args ...string) *pseudoTerminal {
	w.t.Helper()
	return w.sitAt(w.command(args...))
}

// inShell runs a line of a shell at a terminal; wfauth is "$0".
func (w *world) inShell(line string) *pseudoTerminal {
	w.t.Helper()
	cmd := w.command()
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", line, w.program}
	return w.sitAt(cmd)
}

func (w *world) sitAt(cmd *exec.Cmd) *pseudoTerminal {
	w.t.Helper()
	keys, screen := openTerminal(w.t)
	defer screen.Close()
	if w.columns > 0 {
		if err := unix.IoctlSetWinsize(int(keys.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: w.columns}); err != nil {
			w.t.Fatal(err)
		}
	}
	p := &process{cmd: cmd}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = screen, screen, screen
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.start(w.t)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(screenText{&p.stderr}, keys) // ends with an error when nobody has the terminal open any more
	}()
	w.t.Cleanup(func() { <-p.ended; keys.Close(); <-shown })
	return &pseudoTerminal{p, keys, shown}
}

// screenText undoes what a terminal makes of line ends.
type screenText struct{ to *transcript }

func (s screenText) Write(p []byte) (int, error) {
	_, err := s.to.Write(bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n")))
	return len(p), err
}

// says waits for a line on the screen, and returns it. What it shows may come after the process's end.
func (m *pseudoTerminal) says(line *regexp.Regexp) (found string) {
	m.t.Helper()
	eventually(m.t.Context(), m.t, line.String(), func() bool {
		found = line.FindString(m.stderr.String())
		return found != ""
	})
	return found
}

const (
	enter = "\n"
	ctrlC = "\x03"
)

// asked waits for a question, and presses the keys of the answer.
func (m *pseudoTerminal) asked(question, keys string) {
	m.t.Helper()
	eventually(m.t.Context(), m.t, "the question "+question, func() bool {
		return strings.HasSuffix(m.stderr.String(), question+": ")
	})
	m.presses(keys)
}

// askedSecretly is asked for an answer that the screen must not show.
func (m *pseudoTerminal) askedSecretly(question, keys string) {
	m.t.Helper()
	eventually(m.t.Context(), m.t, "the question "+question+", without echo", func() bool {
		return strings.HasSuffix(m.stderr.String(), question+": ") && !m.echoes()
	})
	m.presses(keys)
}

func (m *pseudoTerminal) presses(keys string) {
	m.t.Helper()
	if _, err := m.keys.WriteString(keys); err != nil {
		m.t.Fatal(err)
	}
}

func (m *pseudoTerminal) echoes() bool {
	m.t.Helper()
	mode, err := unix.IoctlGetTermios(int(m.keys.Fd()), unix.TCGETS)
	if err != nil {
		m.t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

// ends wants an exit status, an echo as before, and no secret on the screen.
func (m *pseudoTerminal) ends(status int, secrets ...string) {
	m.t.Helper()
	if m.wait() != status {
		m.t.Errorf("exit status %d, not %d: %s", m.status, status, m.stderr.String())
	}
	<-m.shown
	if !m.echoes() {
		m.t.Error("the terminal no longer shows what is typed")
	}
	for _, secret := range secrets {
		if strings.Contains(m.stderr.String(), secret) {
			m.t.Errorf("the screen shows a secret: %s", m.stderr.String())
		}
	}
}

// landing is where the browser of a person ends up who signs in and allows access on another machine.
func (w *world) landing(address string) (redirect string) {
	w.t.Helper()
	client := demoClient()
	client.Jar, _ = cookiejar.New(nil) // never fails without a suffix list
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), w.redirect) {
			redirect = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	token := regexp.MustCompile(`name="csrf" value="([0-9a-f]+)"`)
	form := url.Values(nil)
	for _, next := range []url.Values{{"username": {w.user().Username}, "password": {w.user().Password}}, {"allow": {"yes"}}, nil} {
		method := http.MethodGet
		if form != nil {
			method = http.MethodPost
		}
		page, _, err := demoPage(w.t.Context(), client, method, address, form)
		if err != nil {
			w.t.Fatal(err)
		}
		if form = next; form != nil {
			form.Set("csrf", token.FindStringSubmatch(page)[1])
		}
	}
	if redirect == "" {
		w.t.Fatal("the tenant does not redirect")
	}
	return redirect
}

// At a terminal a login asks for what is missing, and takes the address that a browser on another machine ended up at.
func TestTerminalLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	client := w.webClient()
	w = w.with("WFAUTH_CLIENT_ID=", "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22", "USER=ann")
	m := w.atTerminal("login", "--flow", "code", "--no-browser")
	m.asked("Workfront host (acme, or acme.my.workfront.com)", w.url+enter)
	m.asked("Client ID of the OAuth2 application in Workfront", client.ID+enter)
	m.askedSecretly("Client secret", client.Secret+enter)
	landing := w.landing(m.says(authorizeURL()))
	m.says(regexp.MustCompile(`(?m)^wfauth: or paste here the address that the browser ends up at:$`))
	_, port, _ := strings.Cut(strings.TrimSuffix(w.redirect, "/callback"), "127.0.0.1:")
	m.says(regexp.MustCompile(`(?m)^ssh -N -L ` + port + `:127\.0\.0\.1:` + port + ` ann@192\.0\.2\.2$`))

	refused := regexp.MustCompile(`(?m)^wfauth: what was pasted is not the answer: .*$`)
	m.presses("a word" + enter)
	first := m.says(refused)
	stranger := regexp.MustCompile(`state=[^&]+`).ReplaceAllString(landing, "state=another")
	m.presses(stranger + enter)
	eventually(t.Context(), t, "the second refusal", func() bool { return len(refused.FindAllString(m.stderr.String(), -1)) == 2 })
	if n := w.tenant.Counts().Code; n != 0 {
		t.Errorf("%d codes were sent after %s", n, first)
	}
	m.presses(landing + enter)
	m.says(regexp.MustCompile(`(?m)^wfauth: Ann Adeyemi <user1@example\.com> is logged in at `))
	m.ends(0, client.Secret)
	w.must("token")
}

// An address longer than a terminal's line comes whole, in the marks that terminals put around a paste.
func TestTerminalLongPaste(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	m := w.atTerminal("login", w.url, "--no-browser")
	landing := w.landing(m.says(authorizeURL()))
	m.says(regexp.MustCompile(`(?m)^wfauth: or paste here the address that the browser ends up at:$`))
	m.presses("mistyped\x7f\x7f\x15")
	m.presses("\x1b[200~<" + landing + "&x=" + strings.Repeat("x", 6000) + ">\x1b[201~" + enter)
	m.says(regexp.MustCompile(`(?m)^wfauth: Ann Adeyemi <user1@example\.com> is logged in at `))
	m.ends(0)
}

// A login in the background is not stopped for want of the terminal, which belongs to others: the browser ends it. Brought to
// the foreground it takes what is pasted. What it would have to ask for is said to be missing.
func TestBackgroundLogin(t *testing.T) {
	t.Parallel()
	const login = `"$0" login "$URL" --no-browser`
	loggedIn := regexp.MustCompile(`(?m)^wfauth: Ann Adeyemi <user1@example\.com> is logged in at `)
	for name, line := range map[string]string{
		"job":     `set -m; ` + login + ` & wait $!`,
		"timeout": `timeout 100 ` + login + `; exit $?`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, emulator.Options{}, nil)
			m := w.with("URL=" + w.url).inShell(line)
			address := m.says(authorizeURL())
			if !m.echoes() {
				t.Error("a job in the background has changed the terminal")
			}
			if err := playBrowser(t.Context(), address, w.user(), "allow"); err != nil {
				t.Fatal(err)
			}
			m.says(loggedIn)
			m.ends(0)
		})
	}
	t.Run("foreground later", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, emulator.Options{}, nil)
		m := w.with("URL=" + w.url).inShell(`set -m; ` + login + ` & read line; fg >/dev/null`)
		landing := w.landing(m.says(authorizeURL()))
		m.presses("for the shell" + enter)
		eventually(t.Context(), t, "wfauth reads the terminal", func() bool { return !m.echoes() })
		m.presses(landing + enter)
		m.says(loggedIn)
		m.ends(0)
		if strings.Contains(m.stderr.String(), "not the answer") {
			t.Errorf("it took what was the shell's: %s", m.stderr.String())
		}
	})
	t.Run("something is missing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, emulator.Options{}, nil).with("WFAUTH_CLIENT_ID=")
		m := w.with("URL=" + w.url).inShell(`set -m; ` + login + ` & wait $!`)
		m.says(regexp.MustCompile(`(?m)^wfauth: the client ID is missing: give --client-id or set WFAUTH_CLIENT_ID$`))
		m.ends(2)
	})
}

// Ctrl-C, Ctrl-\ and a hang-up at a question end the login, and leave the terminal as it was.
func TestTerminalInterrupted(t *testing.T) {
	t.Parallel()
	const host, secret = "Workfront host (acme, or acme.my.workfront.com)", "Client secret"
	for name, c := range map[string]struct {
		end    func(m *pseudoTerminal)
		status int
		says   string
	}{
		"Ctrl-C":  {func(m *pseudoTerminal) { m.presses(ctrlC) }, 130, "interrupted"},
		"Ctrl-\\": {func(m *pseudoTerminal) { m.presses("\x1c") }, 131, "quit"},
		"hang-up": {func(m *pseudoTerminal) { m.signal(syscall.SIGHUP) }, 129, "hung up"},
	} {
		for _, secretly := range [...]bool{false, true} {
			t.Run(fmt.Sprintf("%s, secretly %v", name, secretly), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, emulator.Options{}, nil)
				m := w.atTerminal("login", "--flow", "code")
				if secretly {
					m.asked(host, "acme"+enter)
					m.askedSecretly(secret, "")
				} else {
					m.asked(host, "")
				}
				c.end(m)
				m.ends(c.status)
				if text := m.stderr.String(); !strings.HasSuffix(text, "wfauth: "+c.says+"\n") || strings.Contains(text, "goroutine") {
					t.Errorf("the screen shows: %s", text)
				}
			})
		}
	}
}

// A terminal that is closed ends what waits at it, by the hang-up that the system sends.
func TestTerminalClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	keys, screen := openTerminal(t)
	p := &process{cmd: w.command("login", "--flow", "code")}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = screen, screen, screen
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.start(t)
	screen.Close()
	eventually(t.Context(), t, "the question", func() bool {
		shown, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCINQ) // nobody reads it: a read would keep the terminal open
		return err == nil && shown > 0
	})
	keys.Close()
	if p.wait() != 129 {
		t.Errorf("exit status %d", p.status)
	}
}

// The passphrase of the sealed file is asked for, twice when it is new.
func TestTerminalPassphrase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil).with("WFAUTH_PASSPHRASE=")
	const passphrase = "CANARY-typed"
	m := w.atTerminal("login", w.url, "--no-browser")
	m.askedSecretly("New passphrase for the sealed file", passphrase+enter)
	m.askedSecretly("The same passphrase again", passphrase+enter)
	if err := playBrowser(t.Context(), m.says(authorizeURL()), w.user(), "allow"); err != nil {
		t.Fatal(err)
	}
	m.ends(0, passphrase)

	m = w.atTerminal("token")
	m.askedSecretly("Passphrase of the sealed file", passphrase+enter)
	m.says(regexp.MustCompile(`(?m)^[0-9a-f]{32}$`))
	m.ends(0, passphrase)

	m = w.atTerminal("token")
	m.askedSecretly("Passphrase of the sealed file", "CANARY-other"+enter)
	m.ends(1, passphrase, "CANARY-other")
}

// unlock asks once; passwd asks for the old passphrase, and for the new one twice.
func TestTerminalUnlockAndPasswd(t *testing.T) {
	t.Parallel()
	if err := kernelKeyring(); err != nil {
		lacking(t, "kernelkeyring", err.Error())
	}
	w := newWorld(t, emulator.Options{}, nil)
	w.login()
	typed := w.with("WFAUTH_PASSPHRASE=")

	const old, next = "CANARY-passphrase", "CANARY-next-passphrase"

	m := typed.atTerminal("unlock", "--for", "1h")
	m.askedSecretly("Passphrase of the sealed file", old+enter)
	m.says(regexp.MustCompile(`its sealed file is unlocked until`))
	m.ends(0, old)
	typed.must("token")

	m = typed.atTerminal("passwd")
	m.askedSecretly("Passphrase of the sealed file", old+enter)
	m.askedSecretly("New passphrase for the sealed file", next+enter)
	m.askedSecretly("The same passphrase again", "CANARY-another"+enter)
	m.says(regexp.MustCompile(`the two passphrases differ; the old one stays`))
	m.ends(2, old, next, "CANARY-another")
	w.must("token")

	m = typed.atTerminal("passwd")
	m.askedSecretly("Passphrase of the sealed file", old+enter)
	m.askedSecretly("New passphrase for the sealed file", next+enter)
	m.askedSecretly("The same passphrase again", next+enter)
	m.says(regexp.MustCompile(`its sealed file has the new passphrase`))
	m.ends(0, old, next)
	w.with("WFAUTH_PASSPHRASE=" + next).must("token")
	typed.must("token")
	typed.must("lock")
	m = typed.atTerminal("passwd")
	m.askedSecretly("Passphrase of the sealed file", ctrlC)
	m.ends(130)
	w.with("WFAUTH_PASSPHRASE=" + next).must("token")
}
