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

// closedTerminal refuses what is written, and tells of the first time.
type closedTerminal struct{ refused chan struct{} }

func (c closedTerminal) Write([]byte) (int, error) {
	select {
	case c.refused <- struct{}{}:
	default:
	}
	return 0, syscall.EIO
}

// A terminal that is closed may refuse the answer before its hang-up has arrived: that is why, all the same.
func TestAnswerToAClosedTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancelCause(t.Context())
		screen := closedTerminal{make(chan struct{}, 1)}
		go func() {
			<-screen.refused
			time.Sleep(100 * time.Millisecond)
			interrupt(&interrupted{syscall.SIGHUP})
		}()
		status := Run(ctx, Env{
			Args: []string{"version"}, Stdin: strings.NewReader(""), Stdout: screen, Stderr: io.Discard,
			Getenv: func(string) string { return "" }, Terminal: terminal.Streams{Out: true},
		})
		if status != 129 {
			t.Errorf("exit status %d, not 129", status)
		}
	})
}
