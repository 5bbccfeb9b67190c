package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// served is a RoundTripper: what a server would do, in this process.
type served func(*http.Request) (*http.Response, error)

func (s served) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// form reads a token request's.
func form(t testing.TB, r *http.Request) url.Values {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		t.Error(err)
	}
	return values
}

const origin = "https://acme.my.workfront.com"

// expired is an item whose session has ended, and can be refreshed.
func expired() stored {
	return stored{
		Origin: origin, ClientID: "app1", ClientSecret: canarySecret, RedirectURI: "http://127.0.0.1:8765/callback", SessionID: "old-session",
		RefreshToken: canaryRefresh, ObtainedAt: time.Now().Add(-2 * time.Hour), ExpiresAt: time.Now().Add(-time.Hour), Serial: 7,
	}
}

func session(s auth.Store, transport http.RoundTripper, change func(*auth.SessionOptions)) *auth.Session {
	o := auth.SessionOptions{
		App:   auth.Application{Origin: origin, ID: "app1"},
		Store: s, Transport: transport, APIVersion: "v22.0", MinTTL: auth.DefaultMinTTL, MaxAge: auth.DefaultMaxAge,
	}
	if change != nil {
		change(&o)
	}
	return auth.NewSession(o)
}

// Every shape of answer that is known or feared: what becomes of it is a session, a refusal, or a fault; it is one line,
// shows no secret even where the server does, and only a session changes what is stored.
func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	const (
		given   = "a session"
		refused = "a refusal"
		fault   = "a fault"
	)
	echo := "client_secret=" + url.QueryEscape(canarySecret) + "&refresh_token=" + canaryRefresh + " " + canarySecret
	tests := map[string]struct {
		status int
		body   string
		want   string
		says   string // in the error, or in the notice
	}{
		"full":                            {200, `{"token_type":"sessionID","access_token":"s1","refresh_token":"r2","expires_in":3600,"wid":"w"}`, given, ""},
		"documented zero":                 {200, `{"token_type":"sessionID","access_token":"s1","refresh_token":"r2","expires_in":0,"wid":"w"}`, given, ""},
		"PKCE's":                          {200, `{"access_token":"s1","expires_in":3600,"token_type":"Bearer"}`, given, ""},
		"created":                         {201, `{"access_token":"s1"}`, given, ""},
		"null fields":                     {200, `{"access_token":"s1","refresh_token":null,"expires_in":null}`, given, ""},
		"a BOM less, space more":          {200, " \r\n{\"access_token\":\"s1\"}\n", given, ""},
		"expires_in a string":             {200, `{"access_token":"s1","expires_in":"3600"}`, given, ""},
		"expires_in a float":              {200, `{"access_token":"s1","expires_in":3599.5}`, given, ""},
		"expires_in negative":             {200, `{"access_token":"s1","expires_in":-1}`, given, "-1"},
		"expires_in huge":                 {200, `{"access_token":"s1","expires_in":9e99}`, given, "strange life"},
		"expires_in out of range":         {200, `{"access_token":"s1","expires_in":1e999}`, given, "strange life"},
		"expires_in words":                {200, `{"access_token":"s1","expires_in":"` + canaryRefresh + `\u001b[2J"}`, given, "no number"},
		"expires_in true":                 {200, `{"access_token":"s1","expires_in":true}`, given, "no number"},
		"expires_in NaN":                  {200, `{"access_token":"s1","expires_in":"NaN"}`, given, "no number"},
		"expires_in an object":            {200, `{"access_token":"s1","expires_in":{}}`, given, "no number"},
		"no access_token":                 {200, `{"refresh_token":"r2","expires_in":3600}`, fault, "no access_token"},
		"empty access_token":              {200, `{"access_token":"","refresh_token":"r2"}`, fault, "no access_token"},
		"access_token null":               {200, `{"access_token":null}`, fault, "no access_token"},
		"access_token a number":           {200, `{"access_token":12}`, fault, "wrong type"},
		"access_token an object":          {200, `{"access_token":{"a":1}}`, fault, "wrong type"},
		"access_token with CR LF":         {200, `{"access_token":"s1\r\nX: y"}`, fault, "header"},
		"access_token with a space":       {200, `{"access_token":"s 1"}`, fault, "header"},
		"access_token with NUL":           {200, `{"access_token":"s\u0000"}`, fault, "header"},
		"access_token not ASCII":          {200, `{"access_token":"sé"}`, fault, "header"},
		"access_token of 20 KB":           {200, `{"access_token":"` + strings.Repeat("s", 20<<10) + `"}`, fault, "header"},
		"refresh_token a number":          {200, `{"access_token":"s1","refresh_token":3}`, fault, "wrong type"},
		"no body":                         {200, ``, fault, "empty"},
		"no content":                      {204, ``, fault, "empty"},
		"null":                            {200, `null`, fault, "no access_token"},
		"an array":                        {200, `[{"access_token":"s1"}]`, fault, "not a JSON object"},
		"a string":                        {200, `"s1"`, fault, "not a JSON object"},
		"form-encoded":                    {200, `access_token=s1&refresh_token=` + canaryRefresh, fault, "not a JSON object"},
		"cut off":                         {200, `{"access_token":"s1","refresh_tok`, fault, "cut off"},
		"two documents":                   {200, `{"access_token":"s1"}{"access_token":"s2"}`, fault, "broken"},
		"a page":                          {200, `<html><body>Sign in ` + echo + `</body></html>`, fault, "web page"},
		"10 MB":                           {200, `{"x":"` + strings.Repeat("x", 10<<20) + `","access_token":"s1"}`, fault, "larger than 1 MiB"},
		"an error with 200":               {200, `{"error":{"class":"x.AuthenticationException","message":"You are not currently logged in."}}`, refused, "not currently logged in"},
		"invalid_grant with 200":          {200, `{"error":"invalid_grant"}`, refused, "invalid_grant"},
		"server_error with 200":           {200, `{"error":"server_error"}`, fault, "server_error"},
		"boolean error":                   {400, `{"statusCode":400,"error":true,"type":"INVALID_GRANT","message":"The token is gone ` + echo + `"}`, refused, "INVALID_GRANT: The token is gone"},
		"RFC 6749":                        {400, `{"error":"invalid_grant","error_description":"expired ` + echo + `"}`, refused, "invalid_grant: expired"},
		"code with control characters":    {400, `{"error":"invalid\u001b[2J\r\n_grant ` + echo + `"}`, refused, "invalid[2J _grant"},
		"RFC 6749, 401":                   {401, `{"error":"invalid_client"}`, refused, "invalid_client"},
		"nested":                          {400, `{"error":{"message":"Invalid session ` + echo + `","class":"x.Y"}}`, refused, "Invalid session"},
		"error a string of words":         {400, `{"error":"plain string"}`, refused, "plain string"},
		"message only":                    {400, `{"message":"no good"}`, refused, "no good"},
		"description over several lines":  {400, `{"error":"invalid_grant","error_description":"one\r\n\ttwo\u0007\u001b[31m"}`, refused, "one two"},
		"description of 100 KB":           {400, `{"error":"invalid_grant","error_description":"` + strings.Repeat("long ", 20<<10) + `"}`, refused, "…"},
		"description not UTF-8":           {400, "{\"error\":\"invalid_grant\",\"error_description\":\"a\xff\xfeb\"}", refused, "ab"},
		"400, a page":                     {400, `<html><body>Bad Request ` + echo + `</body></html>`, refused, "web page"},
		"400, a page of invalid_grant":    {400, `<html>invalid_grant</html>`, refused, "invalid_grant"},
		"400, nothing":                    {400, ``, refused, "status 400"},
		"401, nothing":                    {401, ``, refused, "status 401"},
		"403 from a proxy":                {403, `<html><body>Blocked ` + echo + `</body></html>`, fault, "status 403 Forbidden, a web page"},
		"403 from Workfront":              {403, `{"error":"unauthorized_client"}`, refused, "unauthorized_client"},
		"404":                             {404, `{"error":{"message":"no such ` + echo + `"}}`, fault, "status 404"},
		"405":                             {405, ``, fault, "status 405"},
		"407":                             {407, `<html>`, fault, "status 407"},
		"408":                             {408, `{"error":"invalid_grant"}`, fault, "status 408"},
		"410":                             {410, `{"error":"gone"}`, fault, "status 410"},
		"429":                             {429, `{"error":"slow down ` + echo + `"}`, fault, "status 429 Too Many Requests: slow down"},
		"500":                             {500, `{"error":"invalid_grant"}`, fault, "status 500"},
		"502, a page":                     {502, `<html>` + echo, fault, "status 502"},
		"503, nothing":                    {503, ``, fault, "status 503"},
		"400 temporarily_unavailable":     {400, `{"error":"temporarily_unavailable"}`, fault, "temporarily_unavailable"},
		"302":                             {302, ``, fault, "redirect"},
		"307":                             {307, echo, fault, "redirect"},
		"304":                             {304, ``, fault, "redirect"},
		"a status that nobody knows, 599": {599, `{}`, fault, "status 599"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf, told, requests := newShelf(), &notes{}, 0
			shelf.put(t, expired())
			before := string(shelf.bytes())
			transport := served(func(r *http.Request) (*http.Response, error) {
				requests++
				if r.URL.Host != "acme.my.workfront.com" {
					t.Errorf("a request to %s", r.URL.Host)
				}
				resp := response(test.status, test.body)
				resp.Header.Set("Location", "https://evil.example/")
				return resp, nil
			})
			info, err := session(shelf, transport, func(o *auth.SessionOptions) { o.Notice = told.add }).Current(t.Context())
			want := 1
			if test.status == http.StatusTooManyRequests {
				want = 1 + 3 // it was not taken up
			}
			if requests != want {
				t.Errorf("%d requests, not %d", requests, want)
			}
			_, login := errors.AsType[*auth.LoginRequiredError](err)
			got := map[bool]string{true: refused, false: fault}[login]
			if err == nil {
				got = given
			}
			text := told.text()
			if err != nil {
				text += err.Error()
				oneLine(t, err)
			}
			if got != test.want || !strings.Contains(text, test.says) {
				t.Fatalf("%s, want %s that says %q: %v, notice %q", got, test.want, test.says, err, told.text())
			}
			if err == nil && (info.SessionID != "s1" || shelf.item(t).SessionID != "s1" || shelf.item(t).Serial != 8) {
				t.Errorf("session %+v, stored %+v", info, shelf.item(t))
			}
			if err != nil && string(shelf.bytes()) != before {
				t.Error("what is stored has changed")
			}
			for _, secret := range []string{canaryRefresh, canarySecret, url.QueryEscape(canarySecret), "old-session"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is shown: %s", secret, text)
				}
			}
			if strings.ContainsAny(text, "\x1b\r\n") {
				t.Errorf("control characters: %q", text)
			}
		})
	}
}

// What is stated is believed, what is not stated is not invented, and an old refresh token stays until a new one comes.
func TestGrantIsStoredAsGiven(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		answer  string
		refresh string
		expires time.Time
	}{
		{`{"access_token":"s1","refresh_token":"r2","expires_in":3600}`, "r2", now.Add(time.Hour)},
		{`{"access_token":"s1","expires_in":"3600"}`, canaryRefresh, now.Add(time.Hour)},
		{`{"access_token":"s1","refresh_token":"","expires_in":1.5}`, canaryRefresh, now.Add(1500 * time.Millisecond)},
		{`{"access_token":"s1","refresh_token":null,"expires_in":0}`, canaryRefresh, time.Time{}},
		{`{"access_token":"s1","expires_in":-5}`, canaryRefresh, time.Time{}},
		{`{"access_token":"s1","expires_in":315360001}`, canaryRefresh, time.Time{}},
		{`{"access_token":"s1","expires_in":315360000}`, canaryRefresh, now.Add(315360000 * time.Second)},
		{`{"access_token":"s1"}`, canaryRefresh, time.Time{}},
	}
	for _, test := range tests {
		shelf := newShelf()
		old := expired()
		old.ExpiresAt, old.AcceptedAt = now.Add(-time.Hour), now.Add(-time.Minute)
		shelf.put(t, old)
		transport := served(func(r *http.Request) (*http.Response, error) {
			got := form(t, r)
			want := url.Values{
				"grant_type": {"refresh_token"}, "refresh_token": {canaryRefresh}, "client_id": {"app1"}, "client_secret": {canarySecret},
				"redirect_uri": {old.RedirectURI},
			}
			if r.Method != http.MethodPost || r.URL.String() != origin+"/integrations/oauth2/api/v1/token" || got.Encode() != want.Encode() ||
				r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Errorf("%s %s %v", r.Method, r.URL, got)
			}
			return response(200, test.answer), nil
		})
		info, err := session(shelf, transport, func(o *auth.SessionOptions) { o.Now = func() time.Time { return now } }).Current(t.Context())
		want := old
		want.SessionID, want.RefreshToken, want.ObtainedAt, want.ExpiresAt, want.AcceptedAt, want.Serial = "s1", test.refresh, now, test.expires, time.Time{}, 8
		if got := shelf.item(t); err != nil || got != want {
			t.Errorf("%s: %v, stored\n%+v, want\n%+v", test.answer, err, got, want)
		}
		if !info.ExpiresAt.Equal(test.expires) || !info.ObtainedAt.Equal(now) || !info.Renewable {
			t.Errorf("%s: %+v", test.answer, info)
		}
	}
}

// A server that takes the request and then trickles, or is silent, is given up in the end; the session stays.
func TestTokenRequestDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]served{
		"silent": silence,
		"trickling": func(r *http.Request) (*http.Response, error) {
			resp := response(200, "")
			resp.Body = io.NopCloser(trickle{r.Context()})
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shelf := newShelf()
				shelf.put(t, expired())
				before, began := string(shelf.bytes()), time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				_, err := session(shelf, server, nil).Current(ctx)
				if waited := time.Since(began); err == nil || waited > 2*time.Minute || string(shelf.bytes()) != before {
					t.Errorf("%v after %v", err, waited)
				}
				if !strings.Contains(err.Error(), "no answer in time") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

type trickle struct{ ctx context.Context }

func (t trickle) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	case <-t.ctx.Done():
		return 0, t.ctx.Err()
	}
}
