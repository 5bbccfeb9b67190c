package cli

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// An echo is a tenant that gives sessions, and in its refusals says back whatever it was sent, in many forms.
type echo struct {
	mu       sync.Mutex
	refusing string            // "" grants; else the form of the refusals
	given    map[string]string // by the name of each secret, a piece of it that no encoding changes
}

func (e *echo) refuse(form string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusing = form
}

// secret makes one with what encodings change, &GT among it, which is > in a page, and remembers it.
func (e *echo) secret(name string) string {
	piece := rand.Text()
	e.learn(name, piece)
	return "CANARY/" + name + "+%&GT" + piece
}

// learn remembers a secret that consists of letters and digits. Half of its end is looked for: a message may be cut.
func (e *echo) learn(name, value string) {
	if len(value) < 20 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.given[fmt.Sprintf("%s %d", name, len(e.given))] = value[len(value)-20 : len(value)-10]
}

// found names a secret of which there is a piece in a text.
func (e *echo) found(text string) (name, piece string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, piece := range e.given {
		if strings.Contains(text, piece) {
			return name, piece
		}
	}
	return "", ""
}

// said is a value in the ways in which a server may say it back.
func said(value string) string {
	return strings.Join([]string{value, html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value)}, " ")
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	for _, name := range [...]string{"code_verifier", "jwt_token"} {
		e.learn(name, form.Get(name))
	}
	e.mu.Lock()
	refusing := e.refusing
	e.mu.Unlock()
	if refusing != "" {
		e.sayBack(w, r, refusing, string(body), form)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/revoke"):
		fmt.Fprint(w, "{}")
	case strings.HasPrefix(r.URL.Path, "/ims/"):
		_ = json.NewEncoder(w).Encode(map[string]any{"token_type": "bearer", "access_token": e.secret("token"), "expires_in": 3600})
	case strings.HasPrefix(r.URL.Path, "/integrations/"):
		answer := map[string]any{"token_type": "sessionID", "access_token": e.secret("session"), "expires_in": 3600}
		if form.Get("grant_type") != "" {
			answer["refresh_token"] = e.secret("refresh token")
		}
		_ = json.NewEncoder(w).Encode(answer)
	default:
		http.SetCookie(w, &http.Cookie{Name: "attask", Value: url.QueryEscape(r.Header.Get("sessionID"))})
		for _, name := range credentialHeaders() {
			w.Header().Set(name, r.Header.Get(name))
		}
		fmt.Fprint(w, `{"data":{"count":1}}`)
	}
}

// credentialHeaders are those that a session may be sent in.
func credentialHeaders() []string { return []string{"sessionID", "Authorization", "x-gw-ims-org-id"} }

// sayBack refuses with all that came, in the form that is asked for.
func (e *echo) sayBack(w http.ResponseWriter, r *http.Request, as, body string, form url.Values) {
	plain, text := "", r.URL.String()+" "+body
	for _, name := range credentialHeaders() {
		value := strings.TrimPrefix(r.Header.Get(name), "Bearer ")
		plain += value
		text += " " + said(value)
	}
	for _, values := range form {
		plain += " " + values[0]
		text += " " + said(values[0])
	}
	w.Header().Set("Content-Type", "application/json")
	var refusal any
	status := http.StatusBadRequest
	switch as {
	case "RFC 6749":
		refusal = map[string]any{"error": "invalid_grant", "error_description": text}
	case "Workfront":
		refusal = map[string]any{"statusCode": 400, "error": true, "type": "bad request", "message": text}
	case "API":
		refusal = map[string]any{"error": map[string]any{"message": text, "class": text}}
	case "200":
		status, refusal = http.StatusOK, map[string]any{"error": map[string]any{"message": text}}
	case "HTML":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "<html><title>%s</title><body>%s</body></html>", text, text)
		return
	case "text":
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, text)
		return
	case "redirect":
		w.Header().Set("Location", "/elsewhere?"+url.Values{"all": {plain}}.Encode())
		w.WriteHeader(http.StatusFound)
		return
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(refusal)
}
