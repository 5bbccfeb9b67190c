package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/emulator"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	must := func(der []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	private, certificate, err := auth.GenerateKey(noon, "wfauth acme")
	if err != nil {
		t.Fatal(err)
	}
	first, _ := pem.Decode(private)
	parsed, err := x509.ParsePKCS8PrivateKey(first.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := parsed.(*rsa.PrivateKey)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PrivateKey(key)
	sealed := string(pem.EncodeToMemory(&pem.Block{
		Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: pkcs1,
	}))
	public := block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&key.PublicKey)))
	tests := map[string]struct{ text, wrong string }{
		"PKCS#8":                   {string(private), ""},
		"PKCS#1":                   {block("RSA PRIVATE KEY", pkcs1), ""},
		"after words":              {"Bag Attributes\n    localKeyID: 01\n" + string(private), ""},
		"CRLF":                     {strings.ReplaceAll(string(private), "\n", "\r\n"), ""},
		"no last newline":          {strings.TrimSpace(string(private)), ""},
		"in one line":              {strings.ReplaceAll(strings.TrimSpace(string(private)), "\n", `\n`), ""},
		"in one line, CRLF":        {strings.ReplaceAll(strings.TrimSpace(string(private)), "\n", `\r\n`), ""},
		"in one line with blanks":  {strings.ReplaceAll(strings.TrimSpace(string(private)), "\n", " "), ""},
		"CR":                       {strings.ReplaceAll(string(private), "\n", "\r"), ""},
		"indented":                 {"  " + strings.ReplaceAll(string(private), "\n", "\n  "), ""},
		"with a BOM":               {"\ufeff" + string(private), ""},
		"after its certificate":    {string(certificate) + string(private), ""},
		"before its certificate":   {string(private) + string(certificate), ""},
		"1024 bits":                {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(short)), "1024 bits"},
		"1024 bits, PKCS#8":        {block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(short))), "1024 bits"},
		"elliptic":                 {block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(curve))), "not an RSA key"},
		"elliptic, PKCS#8":         {block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(curve))), "not an RSA key"},
		"Edwards, PKCS#8":          {block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(edwards))), "not an RSA key"},
		"encrypted":                {block("ENCRYPTED PRIVATE KEY", pkcs1), "encrypted"},
		"encrypted, the old way":   {sealed, "encrypted"},
		"a certificate":            {string(certificate), "certificate"},
		"a public key":             {public, "public key"},
		"a public key, PKCS#1":     {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key.PublicKey)), "public key"},
		"OpenSSH":                  {block("OPENSSH PRIVATE KEY", pkcs1), "OpenSSH"},
		"cut off":                  {string(private[:len(private)/2]), "not a PEM file"},
		"damaged":                  {block("PRIVATE KEY", first.Bytes[:len(first.Bytes)-20]), "damaged"},
		"PKCS#1 said to be 8":      {block("PRIVATE KEY", pkcs1), "damaged"},
		"DER":                      {string(first.Bytes), "not a PEM file"},
		"a public key in SSH form": {"ssh-rsa AAAAB3NzaC1yc2E canary", "not a PEM file"},
		"empty":                    {"", "not a PEM file"},
		"a secret":                 {canarySecret, "not a PEM file"},
	}
	for name, test := range tests {
		key, err := auth.LoadKey([]byte(test.text))
		if (err == nil) != (test.wrong == "") || (key == nil) != (err != nil) {
			t.Errorf("%s: %v, want something about %q", name, err, test.wrong)
			continue
		}
		if err == nil {
			continue
		}
		oneLine(t, err)
		bad, ok := errors.AsType[*auth.KeyError](err)
		if !ok || !strings.Contains(bad.Why, test.wrong) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, want something about %q", name, err, test.wrong)
		}
	}
}

func TestGeneratedCertificate(t *testing.T) {
	t.Parallel()
	private, certificate, err := auth.GenerateKey(noon, "wfauth acme")
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(certificate)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) != 0 {
		t.Fatalf("%s", certificate)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject.CommonName != "wfauth acme" || !c.NotAfter.Equal(noon.AddDate(1, 0, 0)) || c.NotBefore.After(noon) || c.SerialNumber.Sign() <= 0 || c.Version != 3 {
		t.Errorf("%v from %v to %v, serial %v", c.Subject, c.NotBefore, c.NotAfter, c.SerialNumber)
	}
	if err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil || c.SignatureAlgorithm != x509.SHA256WithRSA {
		t.Errorf("signature: %v, %v", c.SignatureAlgorithm, err)
	}
	block, _ = pem.Decode(private)
	if block == nil || block.Type != "PRIVATE KEY" {
		t.Fatal("the key is not PKCS#8")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if own, ok := key.(*rsa.PrivateKey); !ok || own.N.BitLen() != 2048 || !own.PublicKey.Equal(c.PublicKey) {
		t.Error("the key is not the certificate's")
	}
}

// The certificate that keygen makes is what a tenant takes; the key signs in with it, and again whenever a session ends.
func TestLifeOfASignedSession(t *testing.T) {
	t.Parallel()
	private, certificate, err := auth.GenerateKey(time.Now(), "wfauth")
	if err != nil {
		t.Fatal(err)
	}
	e := emulate(t, emulator.MachineToMachine, emulator.Options{})
	signer := auth.Signer{
		CustomerID: e.client.CustomerID, UserID: e.client.UserID,
		Key: func() (*auth.Key, error) { return auth.LoadKey(private) },
	}
	shelf := newShelf()
	committed := 0
	l := &auth.Login{
		App: e.app(), APIVersion: "v22.0", Store: shelf, Transport: auth.WithoutReuse(&http.Transport{}),
		Commit: func(auth.Info) error { committed++; return nil },
	}
	_, err = l.RunMinted(t.Context(), signer.Mint)
	if _, ok := errors.AsType[*auth.NotCompletedError](err); !ok || shelf.bytes() != nil || committed != 0 {
		t.Fatalf("before the certificate was uploaded: %v", err)
	}
	oneLine(t, err)
	key, err := emulator.ParseJWTKey(certificate)
	if err != nil {
		t.Fatal(err)
	}
	e.RegisterJWTKey(key)
	info, err := l.RunMinted(t.Context(), signer.Mint)
	if err != nil || committed != 1 {
		t.Fatalf("%v, %d commits", err, committed)
	}
	if got := shelf.item(t); got.SessionID != info.SessionID || got.ClientSecret != e.client.Secret || got.RefreshToken != "" || got.RedirectURI != "" || got.User == "" {
		t.Errorf("stored %+v", got)
	}
	mint := func(o *auth.SessionOptions) { o.Mint = signer.Mint }
	if state, info, err := e.session(shelf, mint).Check(t.Context()); state != auth.StateValid || err != nil || !info.Renewable {
		t.Errorf("%s, %v", state, err)
	}
	e.ExpireSessions()
	s := e.session(shelf, func(o *auth.SessionOptions) { mint(o); o.App.Secret = "" }) // the stored secret is used
	id, err := idOf(s.Renew(t.Context(), headerOf(info.SessionID)))
	if err != nil || id == info.SessionID || shelf.item(t).SessionID != id || shelf.item(t).Serial != 2 {
		t.Errorf("%q, %v, stored %+v", id, err, shelf.item(t))
	}

	// In CI there is nothing but the environment: no item, no login before.
	empty := newShelf()
	ci := e.session(empty, mint)
	if state, _, err := ci.Peek(t.Context()); state != auth.StateNone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	if id, err := idOf(ci.Header(t.Context())); err != nil || id == "" || empty.item(t).ClientID != e.client.ID {
		t.Errorf("%q, %v", id, err)
	}
	// A profile's secret lies in its item: without one, after a logout, there is nothing to sign in with.
	gone := newShelf()
	after := e.session(gone, func(o *auth.SessionOptions) { mint(o); o.App.Secret = "" })
	if state, _, err := after.Check(t.Context()); state != auth.StateNone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	_, err = idOf(after.Header(t.Context()))
	if _, ok := errors.AsType[*auth.LoginRequiredError](err); !ok || gone.bytes() != nil {
		t.Errorf("after a logout: %v", err)
	}
	before := string(empty.bytes())
	wrong := signer
	wrong.CustomerID = "0"
	_, err = idOf(e.session(empty, func(o *auth.SessionOptions) { o.Mint, o.Force = wrong.Mint, true }).Header(t.Context()))
	if _, ok := errors.AsType[*auth.LoginRequiredError](err); !ok || string(empty.bytes()) != before {
		t.Errorf("a refused assertion: %v", err)
	}
	unreadable := errors.New("open private.key: permission denied")
	lost := auth.Signer{Key: func() (*auth.Key, error) { return nil, unreadable }}
	if _, err = idOf(e.session(empty, func(o *auth.SessionOptions) { o.Mint, o.Force = lost.Mint, true }).Header(t.Context())); !errors.Is(err, unreadable) {
		t.Errorf("a key that cannot be read: %v", err)
	}
	if _, err = l.RunMinted(t.Context(), lost.Mint); !errors.Is(err, unreadable) {
		t.Errorf("a key that cannot be read, at login: %v", err)
	}
}

// What is sent is what Workfront documents, and nothing of it is in an error.
func TestExchangeOfAnAssertion(t *testing.T) {
	t.Parallel()
	private, _, err := auth.GenerateKey(noon, "wfauth")
	if err != nil {
		t.Fatal(err)
	}
	signer := auth.Signer{CustomerID: "customer", UserID: "user", Now: func() time.Time { return noon }, Key: func() (*auth.Key, error) { return auth.LoadKey(private) }}
	var assertion string
	transport := served(func(r *http.Request) (*http.Response, error) {
		got := form(t, r)
		assertion = got.Get("jwt_token")
		want := url.Values{"client_id": {"app1"}, "client_secret": {canarySecret}, "jwt_token": {assertion}}
		if r.Method != http.MethodPost || r.URL.String() != origin+"/integrations/oauth2/api/v1/jwt/exchange" || got.Encode() != want.Encode() {
			t.Errorf("%s %s %v", r.Method, r.URL, got)
		}
		return response(400, `{"error":true,"message":"bad `+assertion+` of `+url.QueryEscape(canarySecret)+`"}`), nil
	})
	l := &auth.Login{App: auth.Application{Origin: origin, ID: "app1", Secret: canarySecret, Flow: auth.FlowJWT}, Store: newShelf(), Transport: transport}
	if _, err = l.RunMinted(context.Background(), signer.Mint); err == nil || strings.Contains(err.Error(), assertion) || strings.Contains(err.Error(), url.QueryEscape(canarySecret)) {
		t.Errorf("error %v", err)
	}
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		t.Fatalf("assertion %q", assertion)
	}
	for i, want := range []map[string]any{
		{"alg": "RS256", "typ": "JWT"},
		{"iss": "customer", "sub": "user", "iat": float64(noon.Unix()), "exp": float64(noon.Unix() + 180)},
	} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		decode(t, string(text), &got)
		if len(got) != len(want) {
			t.Errorf("%s", text)
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %v, want %v", key, got[key], value)
			}
		}
	}
}
