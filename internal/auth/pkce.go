package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// randomText is 256 bits from the system's generator, in the characters that RFC 7636 section 4.1 allows: fit for a
// verifier and for a state.
func randomText() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: it would end the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// loginTexts are those of one login. The verifier is shown to nobody; the state is, to the browser.
func loginTexts() (verifier, state string) { return randomText(), randomText() }

// challenge is the S256 code challenge of a verifier (RFC 7636 section 4.2).
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
