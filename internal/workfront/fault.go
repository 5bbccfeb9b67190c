package workfront

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// explained is an error of a transport that has words for it, and knows whether sending again could help.
type explained interface {
	error
	Final() bool
}

// fault is a request that brought no answer.
type fault struct {
	text   string
	cause  error
	final  bool   // sending again cannot help
	burden burden // whether it may be due to the size of what was asked for
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

// asFault tells what an error of the transport means. It names the host only, for a URL may hold secrets.
func asFault(host string, err error) *fault {
	f := &fault{text: oneLine(fmt.Sprintf("talk to %s: %v", host, err)), cause: err}
	if e, ok := errors.AsType[explained](err); ok {
		f.text, f.final = oneLine(e.Error()), e.Final()
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case ok && timeout.Timeout(), errors.Is(err, errStalled):
		f.burden = heavy
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		f.burden = doubtful
	}
	return f
}
