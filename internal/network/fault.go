package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Fault is why a request brought no answer, in words that say what to look at; they are the same for every command. It names
// the host and nothing else of the URL, which may hold secrets.
type Fault struct {
	text  string
	cause error
	final bool
	lost  bool
}

func (f *Fault) Error() string { return f.text }
func (f *Fault) Unwrap() error { return f.cause }

// Final says whether sending again cannot help: a certificate, a proxy's refusal, a setting.
func (f *Fault) Final() bool { return f.final }

// NoSuchHost says whether the name of the host is not known. Without a network some systems say this of every name.
func (f *Fault) NoSuchHost() bool { return f.lost }

// explain puts an error of the transport into words; connected tells whether there was a connection to send the request on.
// What a server chose of it (the names in its certificate) is quoted.
func explain(host string, connected bool, err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	say := func(final bool, format string, args ...any) *Fault {
		return &Fault{text: fmt.Sprintf(format, args...), cause: err, final: final}
	}
	if setting, ok := errors.AsType[*SettingError](err); ok {
		return say(true, "%s", setting.Text)
	}
	if refusal, ok := errors.AsType[*proxyRefusal](err); ok {
		return say(refusal.status < 500, "connect to %s: %v", host, refusal)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "proxyconnect" || op.Op == "socks connect") {
		final, why := reason("", op.Err)
		return say(final, "connect to %s: the proxy in HTTPS_PROXY cannot be used: %s", host, why)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		f := say(false, "find %s: the name server does not answer (is there a network?)", host)
		if f.lost = dns.IsNotFound; f.lost {
			f.text = fmt.Sprintf("find %s: there is no such host (is the name right, and is there a network?)", host)
		}
		return f
	}
	verb := "connect to"
	if connected {
		verb = "talk to"
	}
	final, why := reason(host, err)
	return say(final, "%s %s: %s", verb, host, why)
}

// reason is what went wrong on the way to the host, or to the proxy before it, which is not named yet.
func reason(named string, err error) (final bool, why string) {
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true, "its certificate is signed by " + issuer(unknown.Cert) + "an authority that this machine does not trust (a company's proxy? name its certificate with WFAUTH_CA_CERT)"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired && invalid.Cert != nil {
		return true, dates(invalid.Cert, time.Now())
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return true, fmt.Sprintf("its certificate is for another name (%s)", names(wrong.Certificate))
	}
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true, fmt.Sprintf("its certificate is not valid: %v", verification.Err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true, "it does not speak TLS (a proxy, or http instead of https?)"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return false, fmt.Sprintf("there is no host %s", dns.Name)
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return false, "no answer in time"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return false, "it closed the connection without an answer"
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		// The numbers are those of Windows, which its syscall package names otherwise.
		switch errno {
		case syscall.ECONNREFUSED, 10061:
			return false, "connection refused" + to(named, err)
		case syscall.EHOSTUNREACH, syscall.ENETUNREACH, 10051, 10065:
			return false, "no network leads there (" + errno.Error() + ")"
		case syscall.ECONNRESET, syscall.EPIPE, 10054:
			return false, "it closed the connection without an answer"
		}
	}
	return false, err.Error()
}

// to is the address that was dialled: what a name stands for can be the mistake.
func to(named string, err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && op.Addr != nil && op.Addr.String() != named {
		return " at " + op.Addr.String()
	}
	return ""
}

// dates tells a certificate that came too early from one that came too late; the clock here may be what is wrong.
func dates(c *x509.Certificate, now time.Time) string {
	here := now.Format(time.DateOnly)
	if now.Before(c.NotBefore) {
		return fmt.Sprintf("its certificate is not valid before %s, and this machine's clock says %s: set the clock", c.NotBefore.Format(time.DateOnly), here)
	}
	return fmt.Sprintf("its certificate ended on %s (this machine's clock says %s: is it right?)", c.NotAfter.Format(time.DateOnly), here)
}

func issuer(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	for _, name := range [...]string{c.Issuer.CommonName, strings.Join(c.Issuer.Organization, " ")} {
		if name != "" {
			return fmt.Sprintf("%.60q, ", name)
		}
	}
	return ""
}

// names are those that a certificate is for, the first few.
func names(c *x509.Certificate) string {
	if c == nil || len(c.DNSNames) == 0 {
		return "none is named in it"
	}
	quoted := make([]string, min(3, len(c.DNSNames)))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%.80q", c.DNSNames[i])
	}
	return strings.Join(quoted, ", ")
}

// proxyRefusal is a proxy that does not let a connection through, or cannot make it.
type proxyRefusal struct {
	proxy  string // host and port
	status int
}

func (r *proxyRefusal) Error() string {
	status := fmt.Sprintf("status %d %s", r.status, http.StatusText(r.status))
	switch {
	case r.status == http.StatusProxyAuthRequired:
		return fmt.Sprintf("the proxy %s wants a user name and password (%s): they stand in HTTPS_PROXY as http://USER:PASSWORD@%s", r.proxy, status, r.proxy)
	case r.status >= 500:
		return fmt.Sprintf("the proxy %s could not reach it (%s)", r.proxy, status)
	}
	return fmt.Sprintf("the proxy %s in HTTPS_PROXY refuses it (%s)", r.proxy, status)
}
