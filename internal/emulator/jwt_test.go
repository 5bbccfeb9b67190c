package emulator_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// sign makes a compact JWS with RS256 (RFC 7515).
func sign(t *testing.T, key *rsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(header) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// generatedKey is the private half of the pair that the tenant made.
func generatedKey(t *testing.T, tenant *emulator.Tenant) *rsa.PrivateKey {
	t.Helper()
	pair, err := tenant.GenerateKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pair.Private)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func exchange(tenant *emulator.Tenant, token string) answer {
	client := m2m(tenant)
	return postForm(tenant, jwtPath, url.Values{
		"client_id": {client.ID}, "client_secret": {client.Secret}, "jwt_token": {token},
	})
}

func TestJWTExchange(t *testing.T) {
	t.Parallel()
	now := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, Now: now.Now})
	client := m2m(tenant)
	key := generatedKey(t, tenant)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := func() (header, claims map[string]any) {
		return map[string]any{"alg": "RS256", "typ": "JWT"}, map[string]any{
			"iss": client.CustomerID, "sub": client.UserID, "exp": now.Now().Add(3 * time.Minute).Unix(), "iat": now.Now().Unix(),
		}
	}
	header, claims := good()
	got := granted(t, exchange(tenant, sign(t, key, header, claims)))
	if got.TokenType != "sessionID" || got.RefreshToken != "" || !alive(tenant, got.AccessToken) {
		t.Errorf("answer %+v", got)
	}

	in := func(d time.Duration) int64 { return now.Now().Add(d).Unix() }
	for name, test := range map[string]struct {
		key  *rsa.PrivateKey
		in   string // header or claims
		name string
		to   any
	}{
		"other key":       {stranger, "claims", "iat", in(0)},
		"issuer":          {key, "claims", "iss", client.ID},
		"subject":         {key, "claims", "sub", tenant.Users()[1].ID},
		"no expiry":       {key, "claims", "exp", nil},
		"expired":         {key, "claims", "exp", in(0)},
		"far expiry":      {key, "claims", "exp", in(11 * time.Minute)},
		"issued later":    {key, "claims", "iat", in(2 * time.Minute)},
		"not yet valid":   {key, "claims", "nbf", in(2 * time.Minute)},
		"other algorithm": {key, "header", "alg", "RS512"},
		"no algorithm":    {key, "header", "alg", "none"},
		"critical":        {key, "header", "crit", []string{"exp"}},
		"expiry as text":  {key, "claims", "exp", "soon"},
	} {
		t.Run(name, func(t *testing.T) {
			header, claims := good()
			if test.in == "header" {
				header[test.name] = test.to
			} else {
				claims[test.name] = test.to
			}
			refused(t, exchange(tenant, sign(t, test.key, header, claims)), http.StatusBadRequest, "invalid_grant")
		})
	}

	header, claims = good()
	token := sign(t, key, header, claims)
	unsigned := token[:strings.LastIndexByte(token, '.')+1]
	for name, bad := range map[string]string{
		"empty": "", "unsigned": unsigned, "two parts": strings.TrimSuffix(unsigned, "."), "not base64": "?." + token[2:] + ".?",
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, exchange(tenant, bad), http.StatusBadRequest, "invalid_grant")
		})
	}
	refused(t, postForm(tenant, jwtPath, url.Values{
		"client_id": {client.ID}, "client_secret": {"canary"}, "jwt_token": {token},
	}), http.StatusUnauthorized, "invalid_client")
	refused(t, postForm(tenant, jwtPath, url.Values{
		"client_id": {web(tenant).ID}, "client_secret": {web(tenant).Secret}, "jwt_token": {token},
	}), http.StatusBadRequest, "unauthorized_client")
}

func TestRegisteredJWTKeys(t *testing.T) {
	t.Parallel()
	pair, err := emulator.New(emulator.Options{Projects: 1}).GenerateKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	key, err := emulator.ParseJWTKey(pair.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pair.Private)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	tenant := emulator.New(emulator.Options{Projects: 1, JWTKeys: []emulator.JWTKey{key}})
	client := m2m(tenant)
	granted(t, exchange(tenant, sign(t, private.(*rsa.PrivateKey), map[string]any{"alg": "RS256"}, map[string]any{
		"iss": client.CustomerID, "sub": client.UserID, "exp": time.Now().Add(time.Minute).Unix(),
	})))
	if got := tenant.Counts(); got.JWT != 1 || got.Granted != 1 {
		t.Errorf("counts %+v", got)
	}

	public, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	same, err := emulator.ParseJWTKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	if err != nil || !same.Equal(key) {
		t.Errorf("a public key: %v", err)
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "text": []byte("not PEM"), "a private key": pair.Private,
		"damaged": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}),
	} {
		if _, err := emulator.ParseJWTKey(text); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
