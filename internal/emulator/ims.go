package emulator

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// imsLife is how long Adobe's tokens live where nothing else is said.
const imsLife = 24 * time.Hour

// orgHeader names the organisation that a request with an access token is for.
const orgHeader = "X-Gw-Ims-Org-Id"

// imsToken is the token endpoint of Adobe's identity service: client credentials in, access tokens out. There is no refresh token. Its
// errors have the standard form, and status 400 whatever it is.
func (t *Tenant) imsToken(w http.ResponseWriter, r *http.Request) {
	t.count(func(c *Counts) { c.IMS++ })
	client, params, err := t.imsClient(w, r)
	switch {
	case err != nil:
	case params.Get("grant_type") != "client_credentials":
		err = imsRefusal("unsupported_grant_type", "unsupported grant_type: "+params.Get("grant_type"))
	default:
		err = checkScopes(client, params.Get("scope"))
	}
	if err != nil {
		writeStandardError(w, err)
		return
	}
	t.mu.Lock()
	now := t.opts.Now()
	token := newAccessToken(client, params.Get("scope"), now, t.imsLife)
	t.counts.Granted++
	t.grants.newBearer(token, client.Org, &family{clientID: client.ID, userID: client.UserID, begun: now}, now, t.imsLife)
	stated := new(int(t.imsLife/time.Second) - 1) // as recorded
	if t.opts.ExpiresIn != nil {
		stated = t.statedLife()
	}
	t.mu.Unlock()
	writeTokenAnswer(w, tokenAnswer{TokenType: "bearer", AccessToken: token, ExpiresIn: stated})
}

// imsRevoke ends an access token. As RFC 7009 has it, an unknown token is no error.
func (t *Tenant) imsRevoke(w http.ResponseWriter, r *http.Request) {
	client, params, err := t.imsClient(w, r)
	if err != nil {
		writeStandardError(w, err)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Revoked++
	if s, ok := t.grants.sessions[params.Get("token")]; ok && s.family.clientID == client.ID {
		s.family.ended = true
	}
	w.WriteHeader(http.StatusOK)
}

// imsClient reads a form, and finds the credential that it is from. It stands in the form alone: what stands in an address is logged.
func (t *Tenant) imsClient(w http.ResponseWriter, r *http.Request) (Client, url.Values, error) {
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/x-www-form-urlencoded" {
		return Client{}, nil, imsRefusal("invalid_request", "the body must be a form")
	}
	params, err := readTokenRequest(w, r)
	if err != nil {
		return Client{}, nil, err
	}
	client, ok := t.credential(params.Get("client_id"))
	if !ok {
		return Client{}, nil, imsRefusal("invalid_client", "invalid client_id parameter")
	}
	if subtle.ConstantTimeCompare([]byte(params.Get("client_secret")), []byte(client.Secret)) != 1 {
		return Client{}, nil, imsRefusal("invalid_client", "invalid client_secret parameter")
	}
	return client, params, nil
}

func imsRefusal(code, description string) *tokenError {
	return &tokenError{http.StatusBadRequest, code, description}
}

func checkScopes(client Client, list string) error {
	for scope := range strings.SplitSeq(list, ",") {
		if !slices.Contains(client.Scopes, strings.TrimSpace(scope)) {
			return imsRefusal("invalid_scope", "the scope "+scope+" is not one of this credential's")
		}
	}
	return nil
}

// newAccessToken is of the form and length of Adobe's; nobody reads it but the tenant, which knows it.
func newAccessToken(client Client, scopes string, now time.Time, life time.Duration) string {
	var signature [256]byte
	rand.Read(signature[:]) // never fails: crypto/rand ends the program instead
	part := base64.RawURLEncoding.EncodeToString
	header := `{"alg":"RS256","x5u":"ims_na1-key-at-1.cer","kid":"ims_na1-key-at-1","itt":"at"}`
	payload := fmt.Sprintf(`{"id":"%d_%s","type":"access_token","client_id":"%s","user_id":"%s@techacct.adobe.com","state":"","as":"ims-na1","aa_id":"%[4]s@techacct.adobe.com","ctp":0,"moi":"%[5]s","expires_in":"%d","scope":"%s","created_at":"%[1]d"}`,
		now.UnixMilli(), rand.Text(), client.ID, strings.ToUpper(client.UserID[:24]), rand.Text()[:8], life.Milliseconds(), scopes)
	return part([]byte(header)) + "." + part([]byte(payload)) + "." + part(signature[:])
}

// whoAsks is whose request it is: that of the sessionID in its header or else in the query, or of an access token, which is looked at
// last. A sessionID is none as a bearer token, and the other way round. The session is that of the answer to /session.
func (t *Tenant) whoAsks(h http.Header, inQuery string) (sessionID, userID string, err error) {
	sessionID = cmp.Or(h.Get("sessionID"), inQuery)
	if token, ok := strings.CutPrefix(h.Get("Authorization"), "Bearer "); ok && sessionID == "" {
		sessionID, userID, err = t.bearer(token, h)
	} else if userID, ok = t.sessionUser(sessionID); !ok {
		err = loggedOut()
	}
	if err != nil {
		t.count(func(n *Counts) { n.LoggedOut++ })
	}
	return sessionID, userID, err
}

// bearer is whose access token it is. The organisation need not be named, but one that is must be the token's; of an empty name
// Workfront says that it is undefined.
func (t *Tenant) bearer(token string, h http.Header) (sessionID, userID string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.grants.sessions[token]
	if !ok || s.org == "" || !s.live(t.opts.Now()) {
		return "", "", loggedOut()
	}
	if orgs, named := h[orgHeader]; named && orgs[0] != s.org {
		org := orgs[0]
		if org == "" {
			org = "undefined"
		}
		return "", "", &apiError{status: http.StatusUnauthorized, message: "Org Id " + org + " is not in the list of user org Ids"}
	}
	return s.web, s.family.userID, nil
}
