package emulator

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// jwtLife is how far ahead a token's exp may lie: Workfront asks for "a few minutes".
const jwtLife = 10 * time.Minute

// clockSkew is how far ahead of the tenant's a signer's clock may run.
const clockSkew = time.Minute

// exchangeJWT gives a session for a token signed with a registered key. There is no refresh token:
// whoever has the key signs anew.
func (t *Tenant) exchangeJWT(w http.ResponseWriter, r *http.Request) {
	t.count(func(c *Counts) { c.JWT++ })
	params, err := readTokenRequest(w, r)
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	client, err := t.authenticateClient(r, params)
	if err == nil && client.Type != MachineToMachine {
		err = &tokenError{http.StatusBadRequest, "unauthorized_client", "this application signs people in instead"}
	}
	if err != nil {
		t.writeTokenError(w, err)
		return
	}
	t.mu.Lock()
	keys := t.keys
	t.mu.Unlock()
	now := t.opts.Now()
	if err := checkJWT(params.Get("jwt_token"), client, keys, now); err != nil {
		t.writeTokenError(w, invalidGrant(err.Error()))
		return
	}
	t.mu.Lock()
	answer := t.answer(&family{clientID: client.ID, userID: client.UserID, begun: now}, "", now)
	t.mu.Unlock()
	writeTokenAnswer(w, answer)
}

// claims are the members of a token's payload that Workfront asks for. NumericDate may have a
// fraction (RFC 7519, 2).
type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Expires   *float64 `json:"exp"`
	IssuedAt  *float64 `json:"iat"`
	NotBefore *float64 `json:"nbf"`
}

// checkJWT verifies a compact JWS and its claims.
func checkJWT(token string, client Client, keys []JWTKey, now time.Time) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("the jwt_token is not a compact JWS")
	}
	var header struct {
		Algorithm string   `json:"alg"`
		Critical  []string `json:"crit"`
	}
	if err := decodePart(parts[0], &header); err != nil {
		return errors.New("the token's header is malformed")
	}
	if header.Algorithm != "RS256" || header.Critical != nil {
		return errors.New("the token must be signed with RS256")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return errors.New("the token's signature is malformed")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !slices.ContainsFunc(keys, func(k JWTKey) bool {
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	}) {
		return errors.New("the token is not signed by a key registered with the application")
	}
	var c claims
	if err := decodePart(parts[1], &c); err != nil {
		return errors.New("the token's claims are malformed")
	}
	return c.check(client, now)
}

func (c claims) check(client Client, now time.Time) error {
	seconds := float64(now.UnixMilli()) / 1000
	switch {
	case c.Issuer != client.CustomerID:
		return errors.New("iss is not the customer ID")
	case c.Subject != client.UserID:
		return errors.New("sub is not the ID of the user who registered the key")
	case c.Expires == nil:
		return errors.New("exp is missing")
	case *c.Expires <= seconds:
		return errors.New("the token has expired")
	case *c.Expires > seconds+jwtLife.Seconds():
		return errors.New("exp lies more than 10 minutes ahead")
	case c.IssuedAt != nil && *c.IssuedAt > seconds+clockSkew.Seconds():
		return errors.New("iat lies in the future")
	case c.NotBefore != nil && *c.NotBefore > seconds+clockSkew.Seconds():
		return errors.New("the token is not valid yet")
	}
	return nil
}

func decodePart(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
