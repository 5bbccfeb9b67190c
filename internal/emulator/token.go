package emulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// token is the token endpoint: codes and refresh tokens in, sessions out.
func (t *Tenant) token(w http.ResponseWriter, r *http.Request) {
	params, err := readTokenRequest(w, r)
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	grant := params.Get("grant_type")
	t.count(func(c *Counts) {
		switch grant {
		case "authorization_code":
			c.Code++
		case "refresh_token":
			c.Refresh++
		}
	})
	client, err := t.authenticateClient(r, params)
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	var answer tokenAnswer
	switch {
	case client.Type == MachineToMachine:
		err = &tokenError{http.StatusBadRequest, "unauthorized_client", "this application exchanges a JWT instead"}
	case grant == "authorization_code":
		answer, err = t.grantCode(client, params)
	case grant == "refresh_token":
		answer, err = t.grantRefresh(client, params)
	default:
		err = &tokenError{http.StatusBadRequest, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token"}
	}
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	writeTokenAnswer(w, answer)
}

// tokenAnswer is what Workfront documents; the access token is a sessionID.
type tokenAnswer struct {
	TokenType    string `json:"token_type"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    *int   `json:"expires_in,omitempty"`
	WID          string `json:"wid,omitempty"`
}

// grantCode exchanges a code. A code that comes a second time was seen by someone else, so all that
// came of it ends (RFC 6749, 4.1.2).
func (t *Tenant) grantCode(client Client, params url.Values) (tokenAnswer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	c, ok := t.grants.codes[params.Get("code")]
	switch {
	case !ok || c.family.clientID != client.ID:
		return tokenAnswer{}, invalidGrant("the code is not one given to this application")
	case c.used:
		c.family.ended = true
		t.counts.Reused++
		return tokenAnswer{}, invalidGrant("the code has been used before")
	case !now.Before(c.expires) || c.family.ended:
		return tokenAnswer{}, invalidGrant("the code has expired")
	case params.Get("redirect_uri") != c.family.redirectURI:
		return tokenAnswer{}, invalidGrant("the redirect_uri is not the one that the code was sent to")
	}
	if err := checkVerifier(c.challenge, params.Get("code_verifier")); err != nil {
		return tokenAnswer{}, err
	}
	c.used = true
	return t.answer(c.family, t.grants.newRefreshToken(c.family, now), now), nil
}

// checkVerifier checks PKCE. A verifier where no challenge was made is refused too, or leaving the
// challenge out of the first request would disarm it (RFC 9700, 2.1.1).
func checkVerifier(challenge, verifier string) error {
	switch {
	case challenge == "" && verifier == "":
		return nil
	case challenge == "":
		return invalidGrant("there is a code_verifier, but the code was asked for without a challenge")
	case len(verifier) < 43 || len(verifier) > 128:
		return invalidGrant("the code_verifier must have 43 to 128 characters")
	}
	sum := sha256.Sum256([]byte(verifier))
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) != 1 {
		return invalidGrant("the code_verifier does not fit the challenge")
	}
	return nil
}

// grantRefresh exchanges a refresh token. With rotation each is good once; a spent one that comes
// back ends its whole login, for either holder may be the thief (RFC 9700, 4.14.2).
func (t *Tenant) grantRefresh(client Client, params url.Values) (tokenAnswer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	value := params.Get("refresh_token")
	token, ok := t.grants.refresh[value]
	switch {
	case !ok || token.family.clientID != client.ID:
		return tokenAnswer{}, invalidGrant("the refresh token is not one given to this application")
	case token.spent:
		token.family.ended = true
		t.counts.Reused++
		return tokenAnswer{}, invalidGrant("the refresh token has been used before")
	case token.family.ended:
		return tokenAnswer{}, invalidGrant("the refresh token has been revoked")
	case t.opts.RefreshLife > 0 && now.Sub(token.family.begun) >= t.opts.RefreshLife:
		return tokenAnswer{}, invalidGrant("the refresh token has expired")
	case params.Has("redirect_uri") && params.Get("redirect_uri") != token.family.redirectURI:
		return tokenAnswer{}, invalidGrant("the redirect_uri is not the one of the login")
	}
	token.uses++
	if t.opts.Rotate {
		token.spent = true
		value = t.grants.newRefreshToken(token.family, now)
	}
	if t.opts.EndSessionsOnRefresh {
		t.grants.endSessions(token.family)
	}
	return t.answer(token.family, value, now), nil
}

// answer begins a session and words the answer. The caller holds t.mu.
func (t *Tenant) answer(f *family, refreshToken string, now time.Time) tokenAnswer {
	t.counts.Granted++
	return tokenAnswer{
		TokenType:    "sessionID",
		AccessToken:  t.grants.newSession(f, now, t.opts.SessionLife),
		RefreshToken: refreshToken,
		ExpiresIn:    t.statedLife(),
		WID:          f.userID,
	}
}

// statedLife is the expires_in of answers, nil where none is stated.
func (t *Tenant) statedLife() *int {
	if t.opts.ExpiresIn == nil {
		return new(int(t.opts.SessionLife / time.Second))
	}
	if *t.opts.ExpiresIn < 0 {
		return nil
	}
	return t.opts.ExpiresIn
}

// revoke ends the login of a refresh token. As RFC 7009 has it, an unknown token is no error.
func (t *Tenant) revoke(w http.ResponseWriter, r *http.Request) {
	params, err := readTokenRequest(w, r)
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	if _, ok := t.client(params.Get("client_id")); !ok {
		t.writeTokenError(w, &tokenError{http.StatusUnauthorized, "invalid_client", "unknown application"})
		return
	}
	t.mu.Lock()
	t.counts.Revoked++
	token, ok := t.grants.refresh[params.Get("refresh_token")]
	if ok && token.family.clientID == params.Get("client_id") {
		token.family.ended = true
	}
	t.mu.Unlock()
	writeJSON(w, http.StatusOK, []byte("{}"))
}

// authenticateClient finds the application and checks that the request is from it.
func (t *Tenant) authenticateClient(r *http.Request, params url.Values) (Client, error) {
	refuse := func(why string) (Client, error) {
		return Client{}, &tokenError{http.StatusUnauthorized, "invalid_client", why}
	}
	id, secret := params.Get("client_id"), params.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		if (id != "" && id != user) || (secret != "" && secret != password) {
			return refuse("the header and the body name different applications")
		}
		id, secret = user, password
	}
	client, ok := t.client(id)
	if !ok {
		return refuse("unknown application")
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(client.Secret)) != 1 {
		return refuse("wrong client_secret")
	}
	return client, nil
}

// readTokenRequest reads a POST whose body is a form or a flat JSON object.
func readTokenRequest(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, &tokenError{http.StatusMethodNotAllowed, "invalid_request", "use POST"}
	}
	body, err := readBody(w, r, 64<<10)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, &tokenError{http.StatusRequestEntityTooLarge, "invalid_request", "the body is too large"}
	}
	if err != nil {
		return nil, &tokenError{http.StatusBadRequest, "invalid_request", "the body could not be read"}
	}
	var params url.Values
	switch mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType {
	case "application/x-www-form-urlencoded":
		params, err = url.ParseQuery(string(body))
	case "application/json":
		var object map[string]string
		err = json.Unmarshal(body, &object)
		params = make(url.Values, len(object))
		for name, value := range object {
			params.Set(name, value)
		}
	default:
		return nil, &tokenError{http.StatusUnsupportedMediaType, "invalid_request", "the body must be a form or JSON"}
	}
	if err != nil {
		return nil, &tokenError{http.StatusBadRequest, "invalid_request", "the body is malformed"}
	}
	for name, values := range params {
		if len(values) > 1 {
			return nil, &tokenError{http.StatusBadRequest, "invalid_request", name + " is given more than once"}
		}
	}
	return params, nil
}
