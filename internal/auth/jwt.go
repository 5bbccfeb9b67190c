package auth

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionLife is how long a signed assertion is good: Workfront asks for a few minutes.
const assertionLife = 3 * time.Minute

// Assertion signs the claims that Workfront exchanges for a session, with RS256: iss is the customer's ID, sub that of
// the user who registered the key. It is good for three minutes from now.
func (k *Key) Assertion(iss, sub string, now time.Time) (string, error) {
	claims := jwt.RegisteredClaims{
		Issuer: iss, Subject: sub, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(k.private)
	if err != nil {
		return "", fmt.Errorf("sign the assertion: %w", err)
	}
	return signed, nil
}

// Signer makes sessions where no person is: its Mint is that of SessionOptions.
type Signer struct {
	CustomerID, UserID string
	Key                func() (*Key, error) // read when a session is needed, not before
	Now                func() time.Time     // nil: time.Now
}

// Mint signs a new assertion and returns the form that exchanges it, without the client's credentials.
func (s Signer) Mint(context.Context) (url.Values, error) {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	assertion, err := key.Assertion(s.CustomerID, s.UserID, now())
	if err != nil {
		return nil, err
	}
	return url.Values{"jwt_token": {assertion}}, nil
}
