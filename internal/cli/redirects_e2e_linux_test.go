package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
)

// A redirect on another machine: the person brings the address, by stdin where there is no terminal. The profile keeps it, a
// refresh repeats it, and doctor knows that there is nothing to listen on.
func TestRemoteRedirectLogin(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://wfauth.example/callback"
	w := newWorld(t, emulator.Options{RedirectURIs: []string{elsewhere}}, nil)
	w.redirect = elsewhere
	login := func(args ...string) {
		t.Helper()
		p := &process{cmd: w.command(append([]string{"login", "--no-browser"}, args...)...)}
		stdin, err := p.cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		p.start(t)
		landing := w.landing(p.says(authorizeURL()))
		p.says(regexp.MustCompile(`(?m)^wfauth: then give the address that the browser ends up at to stdin, on one line$`))
		if _, err := io.WriteString(stdin, "a word\n"+landing+"\n"); err != nil {
			t.Fatal(err)
		}
		if p.wait() != 0 {
			t.Fatalf("exit status %d: %s", p.status, p.stderr.String())
		}
	}
	login(w.url, "--redirect-uri", elsewhere)
	w = w.with("WFAUTH_REDIRECT_URI=")
	login()
	w.must("token", "--refresh")
	if out := w.run("doctor").stdout.String(); !strings.Contains(out, "redirect port  "+elsewhere+" is not on this machine") {
		t.Errorf("doctor: %s", out)
	}

	p := w.run("login", "--no-browser") // stdin has nothing
	if p.status != 4 || !strings.Contains(p.stderr.String(), "the input ended before") {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
	if p := w.run("login", "--flow", "code", "--client-secret-stdin", "--redirect-uri", elsewhere); p.status != 2 {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}

	m := w.atTerminal("login", "--no-browser")
	landing := w.landing(m.says(authorizeURL()))
	m.says(regexp.MustCompile(`(?m)^wfauth: then paste here the address that the browser ends up at:$`))
	m.presses(landing + enter)
	m.ends(0)
}

// https on this machine, with a certificate of one's own, which the profile keeps.
func TestSecureRedirectLogin(t *testing.T) {
	t.Parallel()
	secure := strings.Replace("http://127.0.0.1:"+porttest.Free(t)+"/callback", "http:", "https:", 1)
	w := newWorld(t, emulator.Options{RedirectURIs: []string{secure}}, nil)
	certificate, key := selfSigned(t)
	p, address := w.startLogin("--redirect-uri", secure, "--redirect-cert", certificate, "--redirect-key", key)
	w.redirect = secure
	landing, err := url.Parse(w.landing(address))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := trusting(t, certificate).Get(landing.String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if p.wait() != 0 || resp.StatusCode != http.StatusOK || strings.Contains(p.stderr.String(), "the browser warns") {
		t.Errorf("exit status %d, page %s: %s", p.status, resp.Status, p.stderr.String())
	}
	config, err := os.ReadFile(filepath.Join(w.home, ".config", "wfauth", "config.yaml"))
	if err != nil || !strings.Contains(string(config), "redirect_cert: "+certificate) || !strings.Contains(string(config), "redirect_key: "+key) {
		t.Errorf("%v: %s", err, config)
	}
	w = w.with("WFAUTH_REDIRECT_URI=")
	w.must("token", "--refresh")
	if out := w.run("doctor").stdout.String(); !strings.Contains(out, secure+" can be served") {
		t.Errorf("doctor: %s", out)
	}
	if err := os.Remove(certificate); err != nil {
		t.Fatal(err)
	}
	if p := w.run("login"); p.status != 2 || !strings.Contains(p.stderr.String(), "--redirect-cert "+certificate) {
		t.Errorf("exit status %d: %s", p.status, p.stderr.String())
	}
}

// A login with --no-pkce sends no challenge, says what that costs, and is repeated so.
func TestNoPKCELogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	client := w.webClient()
	w = w.with("WFAUTH_CLIENT_ID="+client.ID, "WFAUTH_CLIENT_SECRET="+client.Secret)
	for _, args := range [][]string{{"--no-pkce"}, {}, {"--no-pkce=false"}} {
		p, address := w.startLogin(args...)
		if err := playBrowser(t.Context(), address, w.user(), "allow"); err != nil {
			t.Fatal(err)
		}
		without := len(args) == 0 || args[0] == "--no-pkce"
		if p.wait() != 0 || strings.Contains(address, "code_challenge") == without || strings.Contains(p.stderr.String(), "without PKCE") != without {
			t.Errorf("%v: exit status %d: %s", args, p.status, p.stderr.String())
		}
	}
}

// Strangers who hold whatever they can cannot use up the descriptors that storing the session needs.
func TestStrangersLeaveDescriptors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{}, nil)
	p := &process{cmd: w.command()}
	p.cmd.Path, p.cmd.Args = "/bin/sh", []string{"sh", "-c", `ulimit -n 90; exec "$0" login "$1" --no-browser`, w.program, w.url}
	p.start(t)
	address := p.says(authorizeURL())
	host := strings.TrimSuffix(strings.TrimPrefix(w.redirect, "http://"), "/callback")
	for i := range 400 {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 { // one that has sent its header counts as well
			_, _ = fmt.Fprintf(conn, "POST /callback HTTP/1.1\r\nHost: %s\r\nContent-Length: 100000\r\n\r\n", host)
		}
	}
	if err := playBrowser(t.Context(), address, w.user(), "allow"); err != nil {
		t.Fatal(err)
	}
	if p.wait() != 0 {
		t.Fatalf("exit status %d: %s", p.status, p.stderr.String())
	}
	w.must("token", "--refresh")
}

// selfSigned is a certificate for 127.0.0.1 with its key, as files.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret)
}

// trusting is a browser that knows a certificate.
func trusting(t *testing.T, path string) *http.Client {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}
}
