package network

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ask sends one request as the program does; trusted is the server's own certificate where it is to be trusted.
func ask(t *testing.T, address string, trusted *x509.Certificate, change func(*http.Transport)) error {
	t.Helper()
	env := map[string]string{}
	if trusted != nil {
		env["WFAUTH_CA_CERT"] = filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(env["WFAUTH_CA_CERT"], pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base, err := NewTransport(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	defer base.CloseIdleConnections()
	if change != nil {
		change(base)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: Connecting{Base: base, UserAgent: "wfauth/test"}}).Do(r)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// secure serves with a certificate of its own for some name and time.
func secure(t *testing.T, name string, from, until time.Time) (address string, c *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Inspecting\x1b[2J Box"}, NotBefore: from, NotAfter: until,
		DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, c
}

// proxied is a transport through a proxy.
func proxied(address string) func(*http.Transport) {
	return func(base *http.Transport) {
		u, err := url.Parse(address)
		base.Proxy = func(*http.Request) (*url.URL, error) { return u, err }
	}
}

// proxyOf answers each CONNECT with a status.
func proxyOf(t *testing.T, status int) string {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(proxy.Close)
	return strings.Replace(proxy.URL, "http://", "http://me:CANARY-password@", 1)
}

// Each way in which a request can fail is told by host and cause, with what to look at; what will be the same next time
// is final.
func TestFaults(t *testing.T) {
	t.Parallel()
	now := time.Now()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	gone := closed.Addr().String()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	unknown, _ := secure(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))
	early, earlyCert := secure(t, "127.0.0.1", now.Add(48*time.Hour), now.Add(72*time.Hour))
	late, lateCert := secure(t, "127.0.0.1", now.Add(-72*time.Hour), now.Add(-48*time.Hour))
	other, otherCert := secure(t, "other.example", now.Add(-time.Hour), now.Add(time.Hour))
	const tenant = "https://acme.my.workfront.com"
	tests := map[string]struct {
		address string
		trusted *x509.Certificate
		change  func(*http.Transport)
		final   bool
		says    []string
	}{
		"nobody listens":        {"http://" + gone, nil, nil, false, []string{"connect to " + gone + ": connection refused"}},
		"no such name":          {"https://no-such-host.invalid", nil, nil, false, []string{"find no-such-host.invalid: ", "is there a network?"}},
		"closed without a word": {cut.URL, nil, nil, false, []string{"talk to 127.0.0.1:", "closed the connection without an answer"}},
		"no TLS":                {strings.Replace(plain.URL, "http:", "https:", 1), nil, nil, true, []string{"does not speak TLS"}},
		"unknown authority":     {unknown, nil, nil, true, []string{"connect to 127.0.0.1:", `"Inspecting\x1b[2J Box"`, "WFAUTH_CA_CERT"}},
		"not yet valid":         {early, earlyCert, nil, true, []string{"not valid before " + earlyCert.NotBefore.Format(time.DateOnly), "clock"}},
		"no longer valid":       {late, lateCert, nil, true, []string{"ended on " + lateCert.NotAfter.Format(time.DateOnly), "clock"}},
		"another name":          {other, otherCert, nil, true, []string{"for another name", "other.example"}},
		"proxy wants a password": {tenant, nil, proxied(proxyOf(t, 407)), true, []string{
			"connect to acme.my.workfront.com: the proxy 127.0.0.1:", "wants a user name and password (status 407 ", "HTTPS_PROXY",
		}},
		"proxy refuses":        {tenant, nil, proxied(proxyOf(t, 403)), true, []string{"refuses it (status 403 Forbidden)", "HTTPS_PROXY"}},
		"proxy cannot":         {tenant, nil, proxied(proxyOf(t, 503)), false, []string{"could not reach it (status 503 "}},
		"proxy gone":           {tenant, nil, proxied("http://" + gone), false, []string{"the proxy in HTTPS_PROXY cannot be used: connection refused at " + gone}},
		"proxy of no name":     {tenant, nil, proxied("http://no-such-proxy.invalid:3128"), false, []string{"the proxy in HTTPS_PROXY cannot be used: ", "no-such-proxy.invalid"}},
		"proxy, another's TLS": {tenant, nil, proxied(unknown), true, []string{"the proxy in HTTPS_PROXY cannot be used: its certificate is signed by", "WFAUTH_CA_CERT"}},
		"socks proxy gone":     {tenant, nil, proxied("socks5://" + gone), false, []string{"the proxy in HTTPS_PROXY cannot be used: connection refused at " + gone}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := ask(t, test.address, test.trusted, test.change)
			fault, ok := errors.AsType[*Fault](err)
			if !ok {
				t.Fatalf("%v", err)
			}
			for _, want := range test.says {
				if !strings.Contains(fault.Error(), want) {
					t.Errorf("%q does not say %q", fault, want)
				}
			}
			if fault.Final() != test.final {
				t.Errorf("final %v: %v", fault.Final(), fault)
			}
			if strings.ContainsAny(fault.Error(), "\n\x1b") || strings.Contains(fault.Error(), "CANARY") {
				t.Errorf("%q", fault)
			}
		})
	}
}

// Ctrl-C is no fault of the network's; a deadline is.
func TestFaultOfTheContext(t *testing.T) {
	t.Parallel()
	silent := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	for ctx, want := range map[context.Context]string{cancelled: context.Canceled.Error(), late: "connect to acme.my.workfront.com: no answer in time"} {
		r := httptest.NewRequest(http.MethodGet, "https://acme.my.workfront.com/", nil).WithContext(ctx)
		if _, err := (Connecting{Base: silent}).RoundTrip(r); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// An HTTPS_PROXY that cannot be read is said, with its password masked, wherever it would be used.
func TestProxySetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		proxy, none, host string
		says              string // "" for no error
	}{
		{"http://proxy.example:3128", "", "https://acme.my.workfront.com", ""},
		{"proxy.example:3128", "", "https://acme.my.workfront.com", ""},
		{"socks5://proxy.example:1080", "", "https://acme.my.workfront.com", ""},
		{"http://proxy.example:31x8", "", "https://acme.my.workfront.com", `HTTPS_PROXY: "http://proxy.example:31x8" is not`},
		{"http://me:CANARY@proxy.example:31x8", "", "https://acme.my.workfront.com", `HTTPS_PROXY: "http://***@proxy.example:31x8" is not`},
		{"http://me:CAN%ARY@proxy.example:3128", "", "https://acme.my.workfront.com", `HTTPS_PROXY: "http://***@proxy.example:3128" is not`},
		{"me:CANARY@proxy.example:31x8", "", "https://acme.my.workfront.com", `HTTPS_PROXY: "***@proxy.example:31x8" is not`},
		{"http://me:CANARY%40proxy.example:3128", "", "https://acme.my.workfront.com", `HTTPS_PROXY: "http://***%40proxy.example:3128" is not`},
		{"ftp://proxy.example:3128", "", "https://acme.my.workfront.com", "HTTPS_PROXY: "},
		{"http://", "", "https://acme.my.workfront.com", "HTTPS_PROXY: "},
		{"http://proxy.example:31x8", "", "http://127.0.0.1:4711", ""},
		{"http://proxy.example:31x8", "", "https://localhost:4711", ""},
		{"http://proxy.example:31x8", "", "https://[::1]:4711", ""},
		{"http://proxy.example:31x8", "*", "https://acme.my.workfront.com", ""},
		{"http://proxy.example:31x8", "a.example, .workfront.com", "https://acme.my.workfront.com", ""},
		{"http://proxy.example:31x8", "workfront.com:443", "https://acme.my.workfront.com", ""},
		{"http://proxy.example:31x8", "workfront.com:8443", "https://acme.my.workfront.com", "HTTPS_PROXY: "},
		{"http://proxy.example:31x8", "orkfront.com", "https://acme.my.workfront.com", "HTTPS_PROXY: "},
		{"http://proxy.example:31x8", "10.0.0.0/8", "https://10.1.2.3", ""},
		{"http://proxy.example:31x8", "10.0.0.0/8", "https://11.1.2.3", "HTTPS_PROXY: "},
	} {
		u, err := url.Parse(c.host)
		if err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"HTTPS_PROXY": c.proxy, "NO_PROXY": c.none}
		_, err = ProxyFor(func(name string) string { return env[name] }, u)
		setting, ok := errors.AsType[*SettingError](err)
		if (c.says == "") != (err == nil) || c.says != "" && (!ok || !strings.HasPrefix(setting.Text, c.says)) || ok && strings.Contains(setting.Text, "CANARY") {
			t.Errorf("%s, NO_PROXY %q, %s: %v, want %q", c.proxy, c.none, c.host, err, c.says)
		}
	}
}
