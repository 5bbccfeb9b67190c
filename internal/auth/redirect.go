package auth

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// redirect is a registered redirect URI. Workfront compares it letter by letter, so the text as registered is what is sent.
type redirect struct {
	text   string
	scheme string
	host   string // as in the URI, without brackets
	port   string
	path   string // escaped
	remote bool   // not on this machine: nothing listens, a person brings the address
}

// CheckRedirectURIs says whether each can be used: http or https on a loopback host with a port that is known, or https
// anywhere else.
func CheckRedirectURIs(uris []string) error {
	for _, uri := range uris {
		if _, err := parseRedirect(uri); err != nil {
			return err
		}
	}
	return nil
}

// OnlyRemote says whether nothing on this machine can take the answer: a person has to bring it.
func OnlyRemote(uris []string) bool {
	for _, uri := range uris {
		if r, err := parseRedirect(uri); err != nil || !r.remote {
			return false
		}
	}
	return true
}

func parseRedirect(text string) (redirect, error) {
	bad := func(why string) (redirect, error) { return redirect{}, &RedirectURIError{URI: text, Why: why} }
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "":
		return bad("not a URL")
	case u.User != nil:
		return redirect{}, &RedirectURIError{URI: "…@" + u.Host, Why: "a user name cannot stand in it"}
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("the scheme must be http or https")
	case u.Fragment != "" || strings.Contains(text, "#"):
		return bad("a fragment cannot stand in it (RFC 6749, 3.1.2)")
	}
	host := strings.ToLower(u.Hostname())
	addr, err := netip.ParseAddr(host)
	remote := host != "localhost" && (err != nil || !addr.IsLoopback() || addr.Zone() != "")
	switch {
	case host == "" || err == nil && (addr.IsUnspecified() || addr.Zone() != ""):
		return bad("the host must be 127.0.0.1, [::1], localhost, or with https any other")
	case remote && u.Scheme == "http":
		return bad("with http the host must be 127.0.0.1, [::1] or localhost: anyone on the way could read the code")
	}
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port[0] == '0' {
		return bad("the port must be a number from 1 to 65535, the registered one")
	}
	return redirect{text: text, scheme: u.Scheme, host: host, port: port, path: orRoot(u.EscapedPath()), remote: remote}, nil
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// is says whether an address is this one, but for its query.
func (r redirect) is(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return u.Scheme == r.scheme && strings.EqualFold(u.Hostname(), r.host) && port == r.port && orRoot(u.EscapedPath()) == r.path
}

// listen binds the loopback addresses of the first redirect whose port is free: both stacks for "localhost", because
// browsers try ::1 first (RFC 8252 section 8.3 has nothing but loopback bound). One on another machine needs none.
func listen(uris []string) (redirect, []net.Listener, error) {
	var failed []string
	var reasons []error
	for _, uri := range uris {
		r, err := parseRedirect(uri)
		if err != nil {
			return redirect{}, nil, err
		}
		if r.remote {
			return r, nil, nil
		}
		listeners, err := r.bind()
		if err == nil {
			return r, listeners, nil
		}
		failed, reasons = append(failed, r.port), append(reasons, err)
	}
	taken := &PortsTakenError{Ports: failed, Err: bindReason(reasons[len(reasons)-1])}
	for i, err := range reasons {
		if inUse(err) {
			taken.InUse = append(taken.InUse, failed[i])
		}
	}
	return redirect{}, nil, taken
}

func (r redirect) bind() ([]net.Listener, error) {
	if r.host != "localhost" {
		l, err := net.Listen("tcp", net.JoinHostPort(r.host, r.port))
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	v4, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", r.port))
	if err != nil {
		return nil, err
	}
	v6, err := net.Listen("tcp6", net.JoinHostPort("::1", r.port))
	switch {
	case err == nil:
		return []net.Listener{v4, v6}, nil
	case inUse(err):
		// Another program would get the code where the browser takes ::1.
		v4.Close()
		return nil, err
	}
	return []net.Listener{v4}, nil // no IPv6 here
}

func bindReason(err error) error {
	if inUse(err) {
		return errors.New("in use by another program")
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		switch errno { // the numbers are those of Windows
		case syscall.EACCES, 10013:
			return errors.New("this user may not listen on it")
		case syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, 10049, 10047:
			return errors.New("this machine does not have its address (is IPv6 off?)")
		}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// inUse knows WSAEADDRINUSE too, which syscall.EADDRINUSE of Windows is not.
func inUse(err error) bool {
	errno, ok := errors.AsType[syscall.Errno](err)
	return ok && (errno == syscall.EADDRINUSE || errno == 10048)
}

// allows says whether a request's Host header means this listener: a page of a foreign name that was pointed at
// 127.0.0.1 (DNS rebinding) does not.
func (r redirect) allows(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), defaultPort(r.scheme)
	}
	if port != r.port {
		return false
	}
	switch strings.ToLower(name) {
	case "127.0.0.1", "::1", "localhost", r.host:
		return true
	}
	return false
}
