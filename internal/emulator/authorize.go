package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// browserCookie tells browsers apart, and later who is signed in.
const browserCookie = "wf-auth"

// authorization is a request for a code, valid as far as it is worth asking a person about.
type authorization struct {
	client      Client
	redirectURI string
	state       string
	challenge   string
}

// refusal is an error that may travel to the redirect URI (RFC 6749, 4.1.2.1).
type refusal struct{ code, description string }

func (e *refusal) Error() string { return e.description }

// parseAuthorization checks a request for a code. Errors other than *refusal concern the client or
// its redirect URI, and must never be sent there.
func (t *Tenant) parseAuthorization(rawQuery string) (authorization, error) {
	var a authorization
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return a, errors.New("the address is malformed")
	}
	id, err := single(q, "client_id")
	if err != nil {
		return a, err
	}
	var known bool
	if a.client, known = t.client(id); !known || a.client.Type == MachineToMachine {
		return a, errors.New("no application with this client_id signs people in here")
	}
	uri, err := single(q, "redirect_uri")
	if err != nil {
		return a, err
	}
	if !slices.Contains(a.client.RedirectURIs, uri) {
		return a, errors.New("the redirect_uri is not, letter by letter, one of those registered with the application")
	}
	a.redirectURI = uri
	if len(q["state"]) == 1 {
		a.state = q.Get("state")
	}
	for name, values := range q {
		if len(values) > 1 {
			return a, &refusal{"invalid_request", name + " is given more than once"}
		}
	}
	if q.Get("response_type") != "code" {
		return a, &refusal{"unsupported_response_type", "response_type must be code"}
	}
	a.challenge = q.Get("code_challenge")
	switch method := q.Get("code_challenge_method"); {
	case a.challenge == "" && a.client.Type == SinglePage:
		return a, &refusal{"invalid_request", "code_challenge is required of a single page application"}
	case a.challenge == "" && method != "":
		return a, &refusal{"invalid_request", "code_challenge_method without code_challenge"}
	case a.challenge != "" && method != "S256":
		return a, &refusal{"invalid_request", "code_challenge_method must be S256"}
	case a.challenge != "" && len(a.challenge) != 43:
		return a, &refusal{"invalid_request", "code_challenge is not a SHA-256 sum in base64url"}
	}
	return a, nil
}

func single(q url.Values, name string) (string, error) {
	if len(q[name]) != 1 || q.Get(name) == "" {
		return "", errors.New("the address must have exactly one " + name)
	}
	return q.Get(name), nil
}

// checkAuthorization parses the request's address and answers it itself if it is no good.
func (t *Tenant) checkAuthorization(w http.ResponseWriter, r *http.Request) (a authorization, ok bool) {
	a, err := t.parseAuthorization(r.URL.RawQuery)
	if err == nil {
		return a, true
	}
	if refused, ok := errors.AsType[*refusal](err); ok {
		t.redirectBack(w, r, a, url.Values{"error": {refused.code}, "error_description": {refused.description}})
		return a, false
	}
	writePage(w, http.StatusBadRequest, errorPage(err.Error(), "The application that sent you here has to correct its request."))
	return a, false
}

// showAuthorize asks who is there, then whether the application may act for them.
func (t *Tenant) showAuthorize(w http.ResponseWriter, r *http.Request) {
	a, ok := t.checkAuthorization(w, r)
	if !ok {
		return
	}
	browser := t.browser(w, r)
	if user, ok := t.signedIn(browser); ok {
		writePage(w, http.StatusOK, consentPage(a, user, t.opts.Domain, csrf(browser)))
		return
	}
	writePage(w, http.StatusOK, signInPage(a, "", "", csrf(browser)))
}

// submitAuthorize takes either page's form. Both post to the address they were shown at, so that the
// request for a code is checked anew and nothing needs to be remembered in between.
func (t *Tenant) submitAuthorize(w http.ResponseWriter, r *http.Request) {
	a, ok := t.checkAuthorization(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		writePage(w, http.StatusBadRequest, errorPage("the form could not be read", "Go back and try again."))
		return
	}
	cookie, err := r.Cookie(browserCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(csrf(cookie.Value)), []byte(r.PostForm.Get("csrf"))) != 1 {
		writePage(w, http.StatusForbidden, errorPage("the form is not from a page that this browser was shown", "Go back and try again, with cookies allowed."))
		return
	}
	user, known := t.signedIn(cookie.Value)
	switch {
	case r.PostForm.Has("username"):
		t.signIn(w, r, a, cookie.Value)
	case r.PostForm.Has("switch") || !known:
		t.forgetBrowser(cookie.Value)
		seeOther(w, r)
	case r.PostForm.Has("allow"):
		t.redirectBack(w, r, a, url.Values{
			"code": {t.issueCode(a, user)}, "domain": {t.opts.Domain}, "lane": {t.opts.Lane},
		})
	default:
		t.redirectBack(w, r, a, url.Values{
			"error": {"access_denied"}, "error_description": {"The user denied the request"},
		})
	}
}

func (t *Tenant) signIn(w http.ResponseWriter, r *http.Request, a authorization, browser string) {
	username := r.PostForm.Get("username")
	i := slices.IndexFunc(t.people, func(u User) bool { return strings.EqualFold(u.Username, username) })
	if i < 0 || subtle.ConstantTimeCompare([]byte(t.people[i].Password), []byte(r.PostForm.Get("password"))) != 1 {
		const message = "That username and password do not go together."
		writePage(w, http.StatusForbidden, signInPage(a, username, message, csrf(browser)))
		return
	}
	// A new cookie for the signed-in browser: whoever planted the old one gains nothing.
	fresh := newBrowser(w)
	t.mu.Lock()
	t.grants.browsers[fresh] = t.people[i].ID
	t.mu.Unlock()
	seeOther(w, r)
}

// redirectBack sends the browser to the application with an answer.
func (t *Tenant) redirectBack(w http.ResponseWriter, r *http.Request, a authorization, answer url.Values) {
	if a.state != "" && !t.opts.OmitState {
		answer.Set("state", a.state)
	}
	if t.opts.SendIssuer {
		answer.Set("iss", t.originFor(r))
	}
	separator := "?"
	if strings.Contains(a.redirectURI, "?") {
		separator = "&"
	}
	protect(w.Header())
	w.Header().Set("Location", a.redirectURI+separator+answer.Encode())
	w.WriteHeader(http.StatusFound)
}

// seeOther shows the same address again, as a fresh GET.
func seeOther(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	w.Header().Set("Location", r.URL.RequestURI())
	w.WriteHeader(http.StatusSeeOther)
}

func (t *Tenant) issueCode(a authorization, user User) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	f := &family{clientID: a.client.ID, userID: user.ID, redirectURI: a.redirectURI, begun: now}
	return t.grants.newCode(f, a.challenge, now)
}

// browser returns the browser's cookie, giving it one if it has none.
func (t *Tenant) browser(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(browserCookie); err == nil && c.Value != "" {
		return c.Value
	}
	return newBrowser(w)
}

func newBrowser(w http.ResponseWriter) string {
	value := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: browserCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return value
}

func (t *Tenant) signedIn(browser string) (User, bool) {
	t.mu.Lock()
	id := t.grants.browsers[browser]
	t.mu.Unlock()
	return t.person(id)
}

func (t *Tenant) person(id string) (User, bool) {
	i := slices.IndexFunc(t.people, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false
	}
	return t.people[i], true
}

func (t *Tenant) forgetBrowser(browser string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.grants.browsers, browser)
}

// csrf is the form token of a browser. The cookie is a secret between the browser and the tenant, and
// another site can neither read it nor this.
func csrf(browser string) string {
	mac := hmac.New(sha256.New, []byte(browser))
	mac.Write([]byte("authorize form"))
	return hex.EncodeToString(mac.Sum(nil))
}
