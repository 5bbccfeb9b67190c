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

// redirect is a registered redirect URI that is served here. Workfront compares it letter by letter, so the text as
// registered is what is sent.
type redirect struct {
	text string
	host string // as in the URI, without brackets
	port string
	path string // escaped
}

// CheckRedirectURIs says whether each can be served: http, a loopback host, a port that is known.
func CheckRedirectURIs(uris []string) error {
	for _, uri := range uris {
		if _, err := parseRedirect(uri); err != nil {
			return err
		}
	}
	return nil
}

func parseRedirect(text string) (redirect, error) {
	bad := func(why string) (redirect, error) { return redirect{}, &RedirectURIError{URI: text, Why: why} }
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "":
		return bad("not a URL")
	case u.User != nil:
		return redirect{}, &RedirectURIError{URI: "…@" + u.Host, Why: "a user name cannot stand in it"}
	case u.Scheme != "http":
		return bad("the scheme must be http: it is served on this machine")
	case u.Fragment != "" || strings.Contains(text, "#"):
		return bad("a fragment cannot stand in it (RFC 6749, 3.1.2)")
	}
	host := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.IsLoopback() || addr.Zone() != "") {
		return bad("the host must be 127.0.0.1, [::1] or localhost")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port[0] == '0' {
		return bad("the port must be a number from 1 to 65535, the registered one")
	}
	return redirect{text: text, host: host, port: port, path: orRoot(u.EscapedPath())}, nil
}

// listen binds the loopback addresses of the first redirect whose port is free: both stacks for "localhost", because
// browsers try ::1 first (RFC 8252 section 8.3 has nothing but loopback bound).
func listen(uris []string) (redirect, []net.Listener, error) {
	var taken []string
	var last error
	for _, uri := range uris {
		r, err := parseRedirect(uri)
		if err != nil {
			return redirect{}, nil, err
		}
		listeners, err := r.bind()
		if err == nil {
			return r, listeners, nil
		}
		taken = append(taken, r.port)
		last = err
	}
	return redirect{}, nil, &PortsTakenError{Ports: taken, Err: bindReason(last)}
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
	if errors.Is(err, syscall.EACCES) {
		return errors.New("this user may not listen on it")
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
		name, port = strings.Trim(host, "[]"), "80"
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
