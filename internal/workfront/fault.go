package workfront

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// fault is a network error in words that say what to look at. It names the host only, for a URL may hold secrets.
type fault struct {
	text  string
	cause error
	final bool // sending again cannot help

	burden burden // whether it may be due to the size of what was asked for
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

// explain puts an error of the transport into words.
func explain(host string, err error) error {
	say := func(final bool, format string, args ...any) error {
		return &fault{text: oneLine(fmt.Sprintf(format, args...)), cause: err, final: final}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return say(false, "connect to %s: the proxy cannot be reached: %v", host, op.Err)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return say(true, "find %s: there is no such host (is the name right, and is there a network?)", host)
		}
		return say(false, "find %s: the name server does not answer (is there a network?)", host)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return say(true, "connect to %s: its certificate is signed by an authority that this machine does not trust (a company's proxy? its certificate can be named with WFAUTH_CA_CERT)", host)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return say(true, "connect to %s: its certificate is not valid: %v", host, err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return say(true, "connect to %s: it does not speak TLS (a proxy, or http instead of https?)", host)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return say(false, "connect to %s: connection refused", host)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return &fault{text: oneLine(fmt.Sprintf("talk to %s: no answer in time", host)), cause: err, burden: heavy}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) {
		return &fault{text: oneLine(fmt.Sprintf("talk to %s: it closed the connection without an answer", host)), cause: err, burden: doubtful}
	}
	return say(false, "talk to %s: %v", host, err)
}
