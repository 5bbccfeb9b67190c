package auth

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// minKeyBits is the shortest RSA key that RS256 may be used with (RFC 7518 section 3.3).
const minKeyBits = 2048

// Key is a private key that signs for a Machine to Machine application.
type Key struct{ private *rsa.PrivateKey }

// KeyError says why a text is no key to sign with: exit status 2. It never shows any of the text.
type KeyError struct{ Why string }

func (e *KeyError) Error() string { return e.Why }

// LoadKey reads the private key of a PEM file, PKCS#8 or PKCS#1. Certificates and parameters that stand in the file too
// are passed over, and what a variable or another system has made of the line ends is undone.
// Errors are of type *KeyError.
func LoadKey(text []byte) (*Key, error) {
	text = asLines(text)
	other := "not a PEM file: it has no line -----BEGIN PRIVATE KEY-----"
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, &KeyError{Why: other}
		}
		switch kind := block.Type; {
		case kind == "PRIVATE KEY" || kind == "RSA PRIVATE KEY" && !encrypted(block):
			return parseKey(block)
		case kind == "ENCRYPTED PRIVATE KEY" || encrypted(block):
			return nil, &KeyError{Why: "the key is encrypted, and nobody would be there to unlock it: decrypt it with openssl pkey"}
		case kind == "OPENSSH PRIVATE KEY":
			return nil, &KeyError{Why: "an OpenSSH key, not PKCS#8 or PKCS#1"}
		case kind == "EC PRIVATE KEY" || kind == "DSA PRIVATE KEY":
			return nil, &KeyError{Why: "not an RSA key"}
		case kind == "CERTIFICATE":
			other = "a certificate, not the private key that belongs to it"
		case strings.HasSuffix(kind, "PUBLIC KEY"):
			other = "a public key, not the private key that belongs to it"
		}
	}
}

// asLines gives a PEM text its lines: those of other systems, those that are only written as \n or \r\n, those that have become blanks,
// and those that are indented.
func asLines(text []byte) []byte {
	s := strings.NewReplacer("\ufeff", "", "\r\n", "\n", "\r", "\n").Replace(string(text))
	if !strings.Contains(strings.TrimSpace(s), "\n") {
		s = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n").Replace(s)
	}
	if !strings.Contains(strings.TrimSpace(s), "\n") {
		const dashes = "-----"
		if parts := strings.Split(s, dashes); len(parts) == 5 { // "", BEGIN, the key, END, ""
			s = dashes + parts[1] + dashes + "\n" + strings.Join(strings.Fields(parts[2]), "\n") + "\n" + dashes + parts[3] + dashes + "\n"
		}
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return []byte(strings.Join(lines, "\n"))
}

// encrypted knows the encryption of RFC 1421, which stands in a block's headers.
func encrypted(block *pem.Block) bool {
	return strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
}

func parseKey(block *pem.Block) (*Key, error) {
	var parsed any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, &KeyError{Why: "the key is damaged"} // the parser's words could hold parts of it
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, &KeyError{Why: "not an RSA key"}
	}
	if bits := private.N.BitLen(); bits < minKeyBits {
		return nil, &KeyError{Why: fmt.Sprintf("the RSA key has %d bits, and at least %d are needed", bits, minKeyBits)}
	}
	return &Key{private}, nil
}
