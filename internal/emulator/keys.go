package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// JWTKey is a public key whose owner may sign for the Machine to Machine application.
type JWTKey = *rsa.PublicKey

// ParseJWTKey reads a PEM file as one would upload it to Workfront: a certificate or a public key, RSA.
func ParseJWTKey(text []byte) (JWTKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not a PEM file")
	}
	var public any
	switch block.Type {
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the certificate: %w", err)
		}
		public = certificate.PublicKey
	case "PUBLIC KEY":
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the public key: %w", err)
		}
		public = key
	default:
		return nil, fmt.Errorf("a PEM block %q is neither a certificate nor a public key", block.Type)
	}
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the key is not an RSA key")
	}
	return key, nil
}

// KeyPair is what Workfront's "generate a public/private keypair" hands out, both as PEM.
type KeyPair struct {
	Private     []byte // PKCS#8
	Certificate []byte // self-signed X.509
}

// GenerateKeyPair returns a key pair that the Machine to Machine application accepts from now on.
// It is made on the first call, which takes a moment; later calls return the same.
func (t *Tenant) GenerateKeyPair() (KeyPair, error) {
	pair, err := t.keyPair()
	if err != nil {
		return KeyPair{}, err
	}
	key, err := ParseJWTKey(pair.Certificate)
	if err != nil {
		return KeyPair{}, err
	}
	t.RegisterJWTKey(key)
	return pair, nil
}

// RegisterJWTKey makes the Machine to Machine application accept a key.
func (t *Tenant) RegisterJWTKey(key JWTKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.keys {
		if known.Equal(key) {
			return
		}
	}
	t.keys = append(slices.Clip(t.keys), key)
}

func newKeyPair() (KeyPair, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make a key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("encode the key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "wfauth emulator"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("sign the certificate: %w", err)
	}
	return KeyPair{
		Private:     pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
	}, nil
}
