package workfront

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err   error
		want  string
		final bool
	}{
		{&net.DNSError{IsNotFound: true, Name: "acme"}, "no such host", true},
		{&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}, "name server", false},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused", false},
		{os.ErrDeadlineExceeded, "no answer in time", false},
		{io.EOF, "closed the connection", false},
		{io.ErrUnexpectedEOF, "closed the connection", false},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "WFAUTH_CA_CERT", true},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "acme"}}, "certificate is not valid", true},
		{tls.RecordHeaderError{}, "does not speak TLS", true},
		{errors.New("something\nelse"), "something else", false},
	} {
		err := explain("acme.my.workfront.com", c.err)
		f, ok := errors.AsType[*fault](err)
		if !ok || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "acme.my.workfront.com") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v", c.err, err)
			continue
		}
		if f.final != c.final || f.Unwrap() != c.err {
			t.Errorf("%v: final %v", c.err, f.final)
		}
	}
}

// A certificate that is not trusted is met once, and nothing is sent to whoever shows it.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	connections := 0
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections++
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	transport := &http.Transport{}
	c := memory(t, nil)
	c.Origin, c.Transport = parse(t, s.URL), transport
	_, err := c.Do(t.Context(), Request{Path: "proj"})
	transport.CloseIdleConnections()
	s.Close()
	if err == nil || !strings.Contains(err.Error(), "does not trust") || connections != 1 {
		t.Errorf("%v after %d connections", err, connections)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, stop := context.WithCancelCause(t.Context())
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		stop(interrupted)
		<-r.Context().Done()
	})
	if r, err := c.Do(ctx, Request{Path: "proj"}); r != nil || err != interrupted {
		t.Errorf("%v", err)
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	in := "https://u:canary@h/p%2Fq?sessionID=canary&a=1&API%4Bey=canary&%24%24LIMIT=2&X-Amz-Signature=canary&code=canary&refresh_token=canary&client_secret=canary&userPassword_Mod=canary&flag&token"
	want := "https://h/p%2Fq?sessionID=***&a=1&API%4Bey=***&%24%24LIMIT=2&X-Amz-Signature=***&code=***&refresh_token=***&client_secret=***&userPassword_Mod=***&flag&token"
	if got := redacted(parse(t, in)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := redacted(parse(t, "https://h/?%zz=canary")); got != "https://h/?%zz=***" {
		t.Errorf("got %s", got)
	}
}
