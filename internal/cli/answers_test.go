package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// What a server may send, and what becomes of it: the exit status, what is printed, and how often it was asked.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const enough = `{"error":{"class":"com.attask.common.AttaskException","message":"enough"}}`
	for name, c := range map[string]struct {
		status       int
		header, body string
		args         string
		exit         int
		stdout       string
		stderr       string
		requests     int32
	}{
		"refusal":               {422, "", enough, "proj/1", exitRefused, enough, "wfauth: Workfront refused: enough (status 422)\n", 1},
		"refusal with 200":      {200, "", enough, "proj/1", exitRefused, enough, "wfauth: Workfront refused: enough (status 200)\n", 1},
		"fault with an error":   {500, "", enough, "proj/1", exitFailed, enough, "answered 500 internal server error (\"enough\")\n", 1},
		"damaged refusal":       {422, "Content-Encoding: gzip", "\x1f\x8bnonsense", "proj/1", exitRefused, "", "wfauth: Workfront refused: unprocessable entity (status 422)\n", 1},
		"refusal, said packed":  {422, "Content-Encoding: gzip", enough, "proj/1", exitRefused, enough, "enough", 1},
		"too many":              {429, "", enough, "proj/1 --patience 0s", exitFailed, enough, "answered 429 too many requests (\"enough\")\n", 1},
		"too many for a list":   {429, "", enough, "proj/search --paginate --patience 0s", exitFailed, enough, "answered 429 too many requests (\"enough\")\n", 1},
		"proxy wants a login":   {407, "Content-Type: text/html", "<html>", "proj/1", exitFailed, "<html>", "answered 407 proxy authentication required (\"a proxy on the way refused the request\")\n", 1},
		"proxy refuses":         {403, "X-Squid-Error: ERR_ACCESS_DENIED 0", "<html><title>ERROR</title>", "proj/1", exitFailed, "<html>", "a proxy on the way refused the request", 1},
		"page instead of JSON":  {200, "", "<html><title>Maintenance</title>", "proj/1", exitFailed, "", "answered with an HTML page (\"Maintenance\") where the API answers JSON\n", 1},
		"sign-in page":          {200, "", "<html><title>Log In</title>", "proj/1", exitLogin, "", "wfauth: Workfront no longer accepts the session in WFAUTH_SESSION_ID\n  hint: unset WFAUTH_SESSION_ID\n", 1},
		"sign-in page, a file":  {200, "", "<html><form><input type=password>", "/internal/document/download?ID=1", exitLogin, "", "WFAUTH_SESSION_ID", 1},
		"error, a file":         {200, "", enough, "/internal/document/download?ID=1", exitRefused, enough, "enough", 1},
		"attachment":            {200, `Content-Disposition: attachment; filename="x.json"`, enough, "/internal/document/download?ID=1", exitDone, enough, "", 1},
		"change of unsure fate": {502, "", "<html>", "proj -X POST -f name=x", exitFailed, "<html>", "; it may have been done, so look before you send it again\n", 1},
		"change that is known":  {422, "", enough, "proj -X POST -f name=x", exitRefused, enough, "wfauth: Workfront refused: enough (status 422)\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if key, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(key, value)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer server.Close()
			env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "CANARY-session"}
			status, stdout, stderr := within(t, env, append([]string{"api"}, strings.Fields(c.args)...)...)
			if status != c.exit || !strings.HasPrefix(stdout, c.stdout) || c.stdout == "" && stdout != "" {
				t.Errorf("exit status %d, printed %q", status, stdout)
			}
			if !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" || strings.Contains(stderr, "<") {
				t.Errorf("stderr %q", stderr)
			}
			if n := requests.Load(); n != c.requests {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A tenant that gives at most 50 rows at once has the same list as any other.
func TestCappedTenant(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 40, Tasks: 237, MaxRows: 50})
	server := httptest.NewServer(tenant)
	defer server.Close()
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": tenant.NewSession("")}
	for _, concurrency := range []int{1, 3, 8} {
		status, stdout, stderr := within(t, env, "api", "task/search", "--paginate", "--page-size", "200", "-o", "ndjson", "--concurrency", fmt.Sprint(concurrency))
		if rows := strings.Count(stdout, "\n"); status != exitDone || rows != 237 {
			t.Errorf("%d at once: exit status %d, %d rows, %s", concurrency, status, rows, stderr)
		}
	}
}

// A tenant that says the session back, where the message is cut and with characters in it that nobody sees, shows no part of it.
func TestEchoedSecret(t *testing.T) {
	t.Parallel()
	const session = "CANARY1234567890abcdef1234567890abcdef"
	var text atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": text.Load()}})
	}))
	defer server.Close()
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": session}
	said := []string{session[:10] + "\u200b" + session[10:], session[:10] + "\x01" + session[10:], session + session}
	for i := range len(session) {
		said = append(said, strings.Repeat("x", 400-i)+session, strings.Repeat("x", 500-i-len("Workfront refused: "))+session)
	}
	for _, s := range said {
		text.Store(s)
		for _, args := range [][]string{{"api", "proj/1", "--silent"}, {"api", "proj/search", "--paginate", "--debug"}, {"doctor"}, {"doctor", "--json"}} {
			_, stdout, stderr := within(t, env, args...)
			if stderr = strings.ReplaceAll(stderr, "\u200b", ""); strings.Contains(stderr, "CANARY") || args[0] == "doctor" && strings.Contains(stdout, "CANARY") {
				t.Fatalf("%q, %v: %s\n%s", s, args, stdout, stderr)
			}
		}
	}
}

// The answers that repeat the session are masked, however their path is written.
func TestSessionPathsAreMasked(t *testing.T) {
	t.Parallel()
	const session = "CANARY1234567890abcdef1234567890abcdef"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"data":{"sessionID":%q}}`, r.Header.Get("sessionID"))
	}))
	defer server.Close()
	env := map[string]string{"WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": session}
	for _, path := range []string{"session", "session/", "Session?x=1", "/attask/api/session/x", "/attask/api/v22.0/%73ession", "login", server.URL + "/attask/api/v21.0/session"} {
		if _, stdout, _ := within(t, env, "api", path); !strings.Contains(stdout, `"***"`) || strings.Contains(stdout, "CANARY") {
			t.Errorf("%s: %s", path, stdout)
		}
	}
}

// A request that carries an access token is told a sessionID that wfauth does not know: it is one all the same.
func TestSessionOfAnAccessTokenIsMasked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/ims/"):
			_, _ = fmt.Fprint(w, `{"access_token":"CANARY-token","expires_in":86399}`)
		case strings.HasSuffix(r.URL.Path, "/count"):
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"%s of %s","sessionID":"CANARY-other"}}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), r.Header.Get("x-gw-ims-org-id"))
		default:
			w.Header().Set("Authorization", "Bearer CANARY-next")
			_, _ = fmt.Fprint(w, `{"data":{"userID":"u1","sessionid" : "CANARY\/new","more":{"sessionID":"CANARY-inner"},"text":"CANARY-inner"}}`)
		}
	}))
	defer server.Close()
	env := map[string]string{
		"WFAUTH_FLOW": "ims", "WFAUTH_HOST": server.URL, "WFAUTH_IMS_URL": server.URL, "WFAUTH_IMS_ORG": "CANARY@AdobeOrg",
		"WFAUTH_CLIENT_ID": "c", "WFAUTH_CLIENT_SECRET": "CANARY-secret",
	}
	for _, args := range [][]string{{"api", "session"}, {"api", "session", "-i"}, {"api", "session", "--jq", ".data"}, {"api", "proj/count"}} {
		_, stdout, stderr := within(t, env, args...)
		if !strings.Contains(stdout, `"***"`) && !strings.Contains(stdout, "*** of ***") || strings.Contains(stdout+stderr, "CANARY") {
			t.Errorf("%v: %s%s", args, stdout, stderr)
		}
	}
}
