package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
)

// authority is a certificate authority that a test made.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // both, as PEM
}

func newAuthority(t *testing.T, folder, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{cert, key, filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".pem")}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(a.file, text, 0o644); err != nil { // of a test, for the proxy's own user
		t.Fatal(err)
	}
	return a
}

// certify gives a certificate for a host.
func (a authority) certify(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// behindSquid is a tenant that only a real Squid can reach, by a name that only it knows.
type behindSquid struct {
	*world
	origin string    // of the tenant
	proxy  string    // host and port
	ca     authority // of the tenant's certificate
	own    authority // of the certificates that the proxy makes, where it inspects TLS
	folder string
	end    func() // stops the proxy, which writes the last of its log then
}

// newSquid starts the proxy: with inspect one that looks into TLS, else one that wants a name and a password.
func newSquid(t *testing.T, inspect bool) behindSquid {
	t.Helper()
	program, err := exec.LookPath("squid")
	if err != nil {
		lacking(t, "proxy", "squid is not installed")
	}
	folder := t.TempDir()
	for _, way := range []string{folder, filepath.Dir(folder)} { // Squid gives up root, and keeps its files here
		if err := os.Chmod(way, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	const host = "acme.my.workfront.test"
	b := behindSquid{world: newWorld(t, emulator.Options{}, nil), folder: folder, ca: newAuthority(t, folder, "tenant authority"), own: newAuthority(t, folder, "Company inspection")}
	server := httptest.NewUnstartedServer(b.gates)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{b.ca.certify(t, host)}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b.origin = "https://" + net.JoinHostPort(host, port)
	b.tenant.SetOrigin(b.origin)
	b.proxy = "127.0.0.1:" + porttest.Free(t)

	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	settings := []string{
		"pid_filename " + filepath.Join(folder, "pid"), "cache_log " + filepath.Join(folder, "cache.log"),
		"access_log stdio:" + filepath.Join(folder, "access.log"), "coredump_dir " + folder, "cache deny all", "shutdown_lifetime 0 seconds",
		"visible_hostname proxy.test", "pinger_enable off", "hosts_file " + file("hosts", "127.0.0.1 "+host+"\n", 0o644),
	}
	if inspect {
		certificates := filepath.Join(folder, "certificates")
		if out, err := exec.Command("/usr/lib/squid/security_file_certgen", "-c", "-s", certificates, "-M", "4MB").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		ownedByProxy(t, certificates)
		settings = append(settings,
			"http_port "+b.proxy+" ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=4MB cert="+b.own.file,
			"sslcrtd_program /usr/lib/squid/security_file_certgen -s "+certificates+" -M 4MB",
			"sslproxy_cert_error allow all", "ssl_bump bump all", "http_access allow all")
	} else {
		helper := file("auth", "#!/bin/sh\nwhile read -r pair; do [ \"$pair\" = 'CANARY-user CANARY-password' ] && echo OK || echo ERR; done\n", 0o755)
		settings = append(settings, "http_port "+b.proxy, "auth_param basic program "+helper, "auth_param basic realm company", "auth_param basic casesensitive on",
			"acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all")
	}
	cmd := exec.Command(program, "-N", "-n", "wfauth"+strings.TrimPrefix(b.proxy, "127.0.0.1:"), "-f", file("squid.conf", strings.Join(settings, "\n")+"\n", 0o644))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.end = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	t.Cleanup(func() {
		b.end()
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(folder, "cache.log"))
			t.Logf("Squid says: %.4000s", text)
		}
	})
	eventually(t.Context(), t, "Squid takes connections", func() bool {
		conn, err := net.Dial("tcp", b.proxy)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return b
}

// ownedByProxy gives a folder to the user that Squid becomes.
func ownedByProxy(t *testing.T, folder string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("proxy")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	err = filepath.Walk(folder, func(path string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, uid, gid)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// through are the variables of a machine behind the proxy.
func (b behindSquid) through(userinfo string, more ...string) *world {
	return b.with(append([]string{
		"HTTPS_PROXY=http://" + userinfo + b.proxy, "WFAUTH_CA_CERT=" + b.ca.file,
		"WFAUTH_HOST=" + b.origin, "WFAUTH_SESSION_ID=" + b.tenant.NewSession(""),
	}, more...)...)
}

// A proxy that wants a name and a password: with them everything works, without them it is said what is missing, before any page is shown,
// and no password is.
func TestSquidWithPassword(t *testing.T) {
	t.Parallel()
	b := newSquid(t, false)
	if out := b.through("CANARY-user:CANARY-password@").must("api", "proj/count"); out != `{"data":{"count":20}}` {
		t.Errorf("with the password: %s", out)
	}
	for userinfo, want := range map[string]string{
		"":                          "wants a user name and password",
		"CANARY-user:CANARY-wrong@": "wants a user name and password",
	} {
		for _, args := range [][]string{{"api", "proj/count"}, {"login", b.origin, "--client-id", "x", "--storage", "file"}} {
			w := b.through(userinfo)
			if args[0] == "login" {
				w = w.with("WFAUTH_SESSION_ID=")
			}
			p := w.run(args...)
			text := p.stderr.String()
			if p.status != 1 || !strings.Contains(text, want) || !strings.Contains(text, "status 407") || strings.Contains(text, "authorize") {
				t.Errorf("%q, %v: exit status %d, %s", userinfo, args, p.status, text)
			}
			if strings.Contains(text, "CANARY-wrong") {
				t.Errorf("the password is shown: %s", text)
			}
			if n := strings.Count(text, "status 407"); n != 1 {
				t.Errorf("said %d times: %s", n, text)
			}
		}
	}
	b.end()
	access, err := os.ReadFile(filepath.Join(b.folder, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(access), "TCP_DENIED/407"); n != 4 {
		t.Errorf("refused %d times: each command is to ask once\n%s", n, access)
	}
}

// A company's proxy that looks into TLS: its authority is named, with the variable that makes it trusted, before any page is shown.
func TestSquidInspectsTLS(t *testing.T) {
	t.Parallel()
	b := newSquid(t, true)
	for _, args := range [][]string{{"api", "proj/count"}, {"login", b.origin, "--client-id", "x", "--storage", "file"}} {
		w := b.through("", "WFAUTH_CA_CERT=")
		if args[0] == "login" {
			w = w.with("WFAUTH_SESSION_ID=")
		}
		p := w.run(args...)
		text := p.stderr.String()
		if p.status != 1 || !strings.Contains(text, "Company inspection") || !strings.Contains(text, "WFAUTH_CA_CERT") || strings.Contains(text, "authorize") {
			t.Errorf("%v: exit status %d, %s", args, p.status, text)
		}
	}
	if out := b.through("", "WFAUTH_CA_CERT="+b.own.file).must("api", "proj/count"); out != `{"data":{"count":20}}` {
		t.Errorf("with its authority: %s", out)
	}
	if text := fmt.Sprint(b.through("", "WFAUTH_CA_CERT="+b.own.file).run("doctor").stdout.String()); !strings.Contains(text, "requests go through http://"+b.proxy) {
		t.Errorf("doctor says:\n%s", text)
	}
}
