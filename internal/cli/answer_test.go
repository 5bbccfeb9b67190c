package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/terminal"
)

// Where both streams are one log, what is said after an answer without a line end stands on a line of its own; elsewhere the answer is
// left as it was sent.
func TestAnswerAndMessageInOneLog(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"error":{"message":"enough"}}`))
	}))
	defer server.Close()
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "CANARY-session"}
	for shared, want := range map[bool]string{
		true:  `{"error":{"message":"enough"}}` + "\nwfauth: Workfront refused: enough (status 422)\n",
		false: `{"error":{"message":"enough"}}` + "wfauth: Workfront refused: enough (status 422)\n",
	} {
		var log bytes.Buffer
		status := Run(t.Context(), Env{
			Args: []string{"api", "proj/1"}, Stdin: strings.NewReader(""), Stdout: &log, Stderr: &log,
			Getenv: func(name string) string { return env[name] }, Terminal: terminal.Streams{Shared: shared},
		})
		if status != exitRefused || log.String() != want {
			t.Errorf("exit status %d, %q, want %q", status, log.String(), want)
		}
	}
}

// closedTerminal refuses what is written.
type closedTerminal struct{}

func (closedTerminal) Write([]byte) (int, error) { return 0, syscall.EIO }

// A terminal that is closed may refuse an answer, or a question, before its hang-up has arrived: that is why, all the same.
func TestClosedTerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env    Env
		status int
	}{
		"an answer":  {Env{Args: []string{"version"}, Terminal: terminal.Streams{Out: true}}, 129},
		"a question": {Env{Args: []string{"login"}, Terminal: terminal.Streams{In: true, Err: true}}, 129},
		"done":       {Env{Args: []string{"version"}, Stdout: io.Discard}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithCancelCause(t.Context())
				env := c.env
				env.Stdin, env.Stderr = strings.NewReader(""), io.Discard
				if env.Stdout == nil {
					env.Stdout = closedTerminal{}
				}
				home := t.TempDir()
				env.Getenv = func(name string) string { return map[string]string{"HOME": home}[name] }
				env.Terminal.Gone = func() bool {
					go func() {
						time.Sleep(2 * time.Second) // on a busy machine
						interrupt(&interrupted{syscall.SIGHUP})
					}()
					return true
				}
				if status := Run(ctx, env); status != c.status {
					t.Errorf("exit status %d, not %d", status, c.status)
				}
			})
		})
	}
}
