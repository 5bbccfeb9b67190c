package network

import (
	"crypto/x509"
	"fmt"
	"os"
)

// authorities adds a company's own to the system's; nil is the system's alone.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, &SettingError{fmt.Sprintf("WFAUTH_CA_CERT: %v", err)}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, &SettingError{fmt.Sprintf("WFAUTH_CA_CERT: %s holds no certificate in PEM form", path)}
	}
	return roots, nil
}
