package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// refusal reads a token endpoint's error in every shape that is known of it: RFC 6749's
// {"error":"invalid_grant"}, which is Adobe's too, Workfront's {"error":true,"type":…,"message":…}, the API's {"error":{"message":…}}, a page.
// A status that only says that the server or something before it is in trouble is a plain fault; 429 says besides that the
// request was not taken up.
func refusal(origin string, status int, body []byte, secrets []string) error {
	code, description, known := errorFields(body)
	code, description = shown(code, secrets), shown(description, secrets)
	fault := func() error {
		why := fmt.Sprintf("status %d %s", status, http.StatusText(status))
		if text := strings.TrimSpace(code + " " + description); known && text != "" {
			why += ": " + text
		} else if len(bytes.TrimSpace(body)) > 0 && !known {
			why += ", " + describe(body)
		}
		return &faultError{err: fmt.Errorf("%s: token request: %s", origin, why), sent: status != http.StatusTooManyRequests}
	}
	switch {
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return fault()
	case code == "server_error", code == "temporarily_unavailable":
		return fault()
	case status >= 300 && status < 400:
		return &faultError{err: fmt.Errorf("%s: the token endpoint answered with a redirect (status %d); is the host right?", origin, status), sent: true}
	case status < 300, status == http.StatusBadRequest, status == http.StatusUnauthorized:
		// The server's own word, whatever the body looks like.
	case !known, status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusGone:
		return fault() // a proxy's page, or a server that has no such endpoint: not Workfront's word on the credential
	}
	if !known {
		description = describe(body)
		if bytes.Contains(body, []byte("invalid_grant")) {
			code, description = "invalid_grant", ""
		}
	}
	return &RefusedError{Status: status, Code: code, Description: description}
}

// errorFields finds the code and the text in an error object; known is false for anything else.
func errorFields(body []byte) (code, description string, known bool) {
	var o map[string]json.RawMessage
	if json.Unmarshal(body, &o) != nil {
		return "", "", false
	}
	text := func(m map[string]json.RawMessage, keys ...string) string {
		for _, key := range keys {
			var s string
			if json.Unmarshal(m[key], &s) == nil && s != "" {
				return s
			}
		}
		return ""
	}
	code = text(o, "error", "type", "errorCode", "error_code")
	description = text(o, "error_description", "message", "errorSummary")
	var inner map[string]json.RawMessage
	if json.Unmarshal(o["error"], &inner) == nil && inner != nil {
		code = text(inner, "error", "type", "class")
		description = text(inner, "message", "error_description")
	}
	_, has := o["error"]
	return code, description, has || code != "" || description != ""
}

// statedLife reads expires_in, which servers send as a number, a float or a string. What makes no sense counts as not
// stated, with a note.
func statedLife(raw json.RawMessage) (time.Duration, string) {
	text := strings.Trim(strings.TrimSpace(string(raw)), `"`)
	if text == "" || text == "null" {
		return 0, ""
	}
	seconds, err := strconv.ParseFloat(text, 64)
	const tenYears = 10 * 365 * 24 * 3600
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange), math.IsNaN(seconds):
		return 0, "the server states a life of the session that is no number (expires_in): taken as not stated"
	case seconds < 0, seconds > tenYears:
		return 0, fmt.Sprintf("the server states a strange life of the session (expires_in %g): taken as not stated", seconds)
	}
	return time.Duration(seconds * float64(time.Second)), ""
}

// describe says what a body is instead of showing it.
func describe(body []byte) string {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return "empty"
	case trimmed[0] == '<':
		return "a web page, not JSON"
	case isObject(body):
		return "JSON with a field of the wrong type"
	case trimmed[0] == '{':
		return "JSON that is cut off or broken"
	}
	return "not a JSON object"
}

func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && json.Valid(body)
}

// shown makes a server's text one short line that a terminal can be given. What cannot be seen goes first, for it could
// stand in the middle of a secret; the secrets go next, for one that is cut is not found any more.
func shown(text string, secrets []string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = masked(strings.Join(strings.Fields(text), " "), secrets)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}

// bounded is shown of a text in which no secret of ours can be.
func bounded(text string) string { return shown(text, nil) }

// secretsOf are the values of a form that no message may repeat, even where the server does.
func secretsOf(form url.Values) []string {
	var secrets []string
	for _, key := range [...]string{"client_secret", "code", "code_verifier", "refresh_token", "jwt_token", "token"} {
		if v := form.Get(key); v != "" {
			secrets = append(secrets, v)
		}
	}
	return secrets
}

// masked takes secrets out of a text, in the encodings in which a server would give a form's value back.
func masked(text string, secrets []string) string {
	for _, s := range secrets {
		for _, form := range encoded(s) {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	return text
}

// encoded are the forms of a value in URLs, pages and JSON, whose encoders differ in what they escape.
func encoded(s string) [7]string {
	quoted, _ := json.Marshal(s) // never fails on a string
	marked := string(quoted[1 : len(quoted)-1])
	plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(marked)
	return [...]string{s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), marked, plain, strings.ReplaceAll(plain, "/", `\/`)}
}
