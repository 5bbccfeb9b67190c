package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
)

// firefox is a headless Firefox with a folder of its own, spoken to by Marionette: LENGTH:JSON, one answer for each command.
type firefox struct {
	t       *testing.T
	cmd     *exec.Cmd
	ended   chan struct{}
	profile string
	conn    net.Conn
	answers *bufio.Reader
	id      int
}

// startFirefox starts it so that it reaches nothing but this machine: all else goes to a proxy that refuses.
func startFirefox(t *testing.T) *firefox {
	t.Helper()
	program, err := exec.LookPath("firefox-esr")
	if err != nil {
		lacking(t, "browser", "there is no Firefox ESR on this machine")
	}
	home, err := os.MkdirTemp("", "wfauth")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // its processes end, and stop writing, when they please
		eventually(context.Background(), t, "the browser's folder is empty", func() bool { return os.RemoveAll(home) == nil })
	})
	f := &firefox{t: t, ended: make(chan struct{}), profile: filepath.Join(home, "profile")}
	if err := os.Mkdir(f.profile, 0o700); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(porttest.Refusing(t))
	if err != nil {
		t.Fatal(err)
	}
	var prefs strings.Builder
	for name, value := range map[string]any{
		"marionette.port":    0, // some free one, which it writes into its profile
		"network.proxy.type": 1, "network.proxy.http": host, "network.proxy.http_port": json.Number(port),
		"network.proxy.ssl": host, "network.proxy.ssl_port": json.Number(port),
		"network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false,
		"app.update.enabled": false, "app.normandy.enabled": false, "extensions.update.enabled": false,
		"datareporting.policy.dataSubmissionEnabled": false, "toolkit.telemetry.enabled": false,
		"browser.safebrowsing.malware.enabled": false, "browser.safebrowsing.phishing.enabled": false,
		"browser.shell.checkDefaultBrowser": false, "signon.rememberSignons": false,
	} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&prefs, "user_pref(%q, %s);\n", name, text)
	}
	if err := os.WriteFile(filepath.Join(f.profile, "user.js"), []byte(prefs.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	f.cmd = exec.Command(program, "--headless", "--marionette", "--no-remote", "--profile", f.profile)
	f.cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "DBUS_SESSION_BUS_ADDRESS=", "MOZ_CRASHREPORTER_DISABLE=1")
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its processes are a group
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(f.ended)
		_ = f.cmd.Wait() // its status is its own
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL) // may have ended
		<-f.ended
	})
	eventually(t.Context(), t, "Firefox can be spoken to", func() bool {
		select {
		case <-f.ended:
			t.Fatalf("%s ends: %v", program, f.cmd.ProcessState)
		default:
		}
		port, err := os.ReadFile(filepath.Join(f.profile, "MarionetteActivePort"))
		if err != nil {
			return false
		}
		f.conn, err = net.Dial("tcp", net.JoinHostPort("127.0.0.1", string(port)))
		return err == nil
	})
	t.Cleanup(func() { f.conn.Close() })
	f.answers = bufio.NewReader(f.conn)
	f.frame() // a greeting
	f.command("WebDriver:NewSession", nil)
	f.command("WebDriver:SetTimeouts", map[string]any{"implicit": patience.Milliseconds(), "pageLoad": patience.Milliseconds()})
	return f
}

// frame is the next thing that it says.
func (f *firefox) frame() json.RawMessage {
	f.t.Helper()
	if err := f.conn.SetReadDeadline(time.Now().Add(2 * patience)); err != nil { // its own deadline is to be the first
		f.t.Fatal(err)
	}
	text, err := f.answers.ReadString(':')
	var length int
	if err == nil {
		_, err = fmt.Sscanf(text, "%d:", &length)
	}
	frame := make([]byte, length)
	if err == nil {
		_, err = io.ReadFull(f.answers, frame)
	}
	if err != nil {
		f.t.Fatalf("Firefox: %v", err)
	}
	return frame
}

// command has it do something, and returns what it answers.
func (f *firefox) command(name string, parameters map[string]any) json.RawMessage {
	f.t.Helper()
	f.id++
	text, err := json.Marshal([]any{0, f.id, name, parameters})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(f.conn, "%d:%s", len(text), text); err != nil {
		f.t.Fatalf("Firefox, %s: %v", name, err)
	}
	var kind, id int
	var failure *struct{ Error, Message string }
	var result json.RawMessage
	if err := json.Unmarshal(f.frame(), &[]any{&kind, &id, &failure, &result}); err != nil || kind != 1 || id != f.id {
		f.t.Fatalf("Firefox, %s: answer %d of kind %d: %v", name, id, kind, err)
	}
	if failure != nil {
		f.t.Fatalf("Firefox, %s %v: %s: %s", name, parameters, failure.Error, failure.Message)
	}
	return result
}

// value is the answer of a command that asks for something.
func (f *firefox) value(name string, parameters map[string]any) string {
	f.t.Helper()
	var answer struct{ Value string }
	if err := json.Unmarshal(f.command(name, parameters), &answer); err != nil {
		f.t.Fatalf("Firefox, %s: %v", name, err)
	}
	return answer.Value
}

// element waits for one, and does or asks something there.
func (f *firefox) element(selector string) (id string) {
	f.t.Helper()
	var answer struct{ Value map[string]string }
	text := f.command("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector})
	if err := json.Unmarshal(text, &answer); err != nil {
		f.t.Fatalf("Firefox: %v", err)
	}
	for _, id = range answer.Value { // there is one, by a key of the standard's
	}
	return id
}

func (f *firefox) types(selector, text string) {
	f.t.Helper()
	f.command("WebDriver:ElementSendKeys", map[string]any{"id": f.element(selector), "text": text})
}

func (f *firefox) clicks(selector string) {
	f.t.Helper()
	f.command("WebDriver:ElementClick", map[string]any{"id": f.element(selector)})
}

// quits ends it as a person does, and returns the addresses with an answer to wfauth that its list of visited pages then holds.
func (f *firefox) quits(redirect string) (kept []string) {
	f.t.Helper()
	f.command("Marionette:Quit", map[string]any{"flags": []string{"eAttemptQuit"}})
	select {
	case <-f.ended:
	case <-time.After(patience):
		f.t.Fatal("Firefox does not quit")
	}
	answer := regexp.MustCompile(regexp.QuoteMeta(redirect) + `\?[!-~]*state=[\w-]{43}`) // no blank follows it there
	files, err := filepath.Glob(filepath.Join(f.profile, "places.sqlite*"))
	if err != nil || len(files) == 0 {
		f.t.Fatalf("Firefox has no list of visited pages: %v", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.t.Fatal(err)
		}
		kept = append(kept, answer.FindAllString(string(text), -1)...)
	}
	return kept
}

// A login in a real Firefox. Its list of visited pages may keep the code, and the state: neither is worth anything any more.
func TestFirefoxLogin(t *testing.T) {
	t.Parallel()
	f := startFirefox(t)
	w := newWorld(t, emulator.Options{Rotate: true}, nil)
	login, address := w.startLogin()
	f.command("WebDriver:Navigate", map[string]any{"url": address})
	f.types("#username", w.user().Username)
	f.types("#password", w.user().Password)
	f.clicks("#submit")
	f.clicks("#allow")
	text := f.value("WebDriver:GetElementText", map[string]any{"id": f.element("main.success")})
	for _, want := range [...]string{"You are logged in", " logged in. The session is stored", w.url, "local"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q: %s", want, text)
		}
	}
	if title := f.value("WebDriver:GetTitle", nil); title != "wfauth: You are logged in" {
		t.Errorf("the page's title is %q", title)
	}
	if got := f.value("WebDriver:GetCurrentURL", nil); got != w.redirect {
		t.Errorf("the address bar shows %s, not %s", got, w.redirect)
	}
	if login.wait() != 0 || login.stdout.String() != "" {
		t.Errorf("exit status %d, stdout %q, stderr %s", login.status, login.stdout.String(), login.stderr.String())
	}
	session := w.must("token")

	kept := f.quits(w.redirect)
	if len(kept) == 0 {
		t.Error("Firefox has not kept the address, though docs/security.md says so")
	}
	again, address := w.startLogin()
	for i, visited := range kept {
		if status, _ := answerOf(t, http.MethodGet, visited, nil); status != http.StatusBadRequest {
			t.Errorf("a later login answers the old address with status %d", status)
		}
		u, err := url.Parse(visited)
		if err != nil {
			t.Fatal(err)
		}
		status, text := answerOf(t, http.MethodPost, w.url+tokenEndpoint, url.Values{
			"grant_type": {"authorization_code"}, "client_id": {w.client().ID}, "redirect_uri": {w.redirect}, "code": {u.Query().Get("code")},
		})
		if status != http.StatusBadRequest || w.tenant.Counts().Reused != i+1 {
			t.Errorf("the code is not spent: status %d, %s", status, text)
		}
	}
	if err := playBrowser(t.Context(), address, w.user(), "allow"); err != nil {
		t.Fatal(err)
	}
	if again.wait() != 0 || w.must("token", "--refresh") == session {
		t.Errorf("the later login: exit status %d: %s", again.status, again.stderr.String())
	}
}

func answerOf(t *testing.T, method, address string, form url.Values) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
