package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A refusal that says back what it was sent does not tell the token of a subscription.
func TestEchoedEventToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"subscriptions":[]}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": "Invalid Parameter: " + string(body)}})
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "canary-session-0001", "WFAUTH_EVENT_TOKEN": " CANARY-event-token\r\n"}
	status, stdout, stderr := within(t, env, "events", "create", "task", "created", "--url", "https://x.example/", "--debug")
	if status != exitRefused || strings.Contains(stdout+stderr, "CANARY") || !strings.Contains(stderr, "***") {
		t.Errorf("exit status %d: %s%s", status, stdout, stderr)
	}
}
