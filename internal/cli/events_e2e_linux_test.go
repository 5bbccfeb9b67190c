package cli

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
)

// Events are printed as they come, one a line, and whatever ends the command ends its subscriptions.
func TestEventsListen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	w.env = append(w.env, "WFAUTH_HOST="+w.url, "WFAUTH_SESSION_ID="+w.tenant.NewSession(""))
	subscriptions := func() string { return strings.TrimSpace(w.must("events", "list", "--jq", "length")) }
	address := "127.0.0.1:" + porttest.Free(t)
	listen := func() *process {
		p := w.start("events", "listen", "proj", "created,updated", "--public-url", "http://"+address+"/", "--listen", address)
		p.says(regexp.MustCompile(`(?m)^wfauth: listening on \S+ for events of PROJ$`))
		return p
	}

	p := listen()
	id := strings.TrimSpace(w.must("proj", "create", "name=one", "--jq", ".ID"))
	for i := range 5 {
		w.must("proj", "update", id, fmt.Sprintf("name=name %d", i))
	}
	for want := 6; ; {
		text, more := p.stdout.watch()
		if strings.Count(text, "\n") >= want {
			break
		}
		select {
		case <-more:
		case <-p.ended:
			t.Fatalf("it has ended: %s", p.stderr.String())
		}
	}
	out := p.stdout.String()
	if strings.Count(out, `"eventType":"CREATE"`) != 1 || strings.Count(out, `"eventType":"UPDATE"`) != 5 || strings.Count(out, "\n") != 6 {
		t.Errorf("%s", out)
	}
	answer, err := http.Post("http://"+address+"/", "application/json", strings.NewReader(`{"eventType":"UPDATE"}`))
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %v, %v", answer, err)
	}
	if got := subscriptions(); got != "2" {
		t.Errorf("%s subscriptions", got)
	}
	if taken := w.run("events", "listen", "task", "created", "--public-url", "http://"+address+"/", "--listen", address); taken.status != 1 {
		t.Errorf("a port that is taken: exit status %d: %s", taken.status, taken.stderr.String())
	}

	// What a kill leaves behind, the next one ends.
	_ = p.cmd.Process.Kill()
	p.wait()
	if got := subscriptions(); got != "2" {
		t.Errorf("%s subscriptions after a kill", got)
	}
	for signal, status := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		p = listen()
		if got := subscriptions(); got != "2" {
			t.Errorf("%s subscriptions", got)
		}
		p.signal(signal)
		if p.wait() != status {
			t.Errorf("exit status %d, not %d: %s", p.status, status, p.stderr.String())
		}
		if got := subscriptions(); got != "0" {
			t.Errorf("%s subscriptions are left after %v", got, signal)
		}
	}
}
