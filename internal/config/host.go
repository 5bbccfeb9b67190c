package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Host is a Workfront tenant: an origin, as RFC 6454 has it.
type Host struct {
	origin string
	name   string // host name, lower case, without port
	addr   string // host name with the port, where it is not the scheme's own
}

// ParseHost reads what a person types for a tenant: "acme" (a name under my.workfront.com), a host name, or an origin.
// http:// is accepted for loopback addresses only, so that no session crosses a network in clear text.
func ParseHost(s string) (Host, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Host{}, errors.New("the host is empty")
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return Host{}, fmt.Errorf("host %q: only ASCII letters, digits, dots, hyphens and a port can stand in it", s)
		}
	}
	if !strings.Contains(text, "://") {
		if label(text) && text != "localhost" {
			text += ".my.workfront.com"
		}
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Host{}, fmt.Errorf("host %q is not a host name or an origin", s)
	}
	switch {
	case u.User != nil:
		return Host{}, errors.New("host: a user name or password cannot stand in it")
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "", u.Opaque != "":
		return Host{}, fmt.Errorf("host %q: only the origin is wanted, without a path", s)
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !validName(name) {
		return Host{}, fmt.Errorf("host %q is not a host name or an origin", s)
	}
	port := u.Port()
	if strings.HasSuffix(u.Host, ":") || (port != "" && !validPort(port)) {
		return Host{}, fmt.Errorf("host %q: the port is not a number from 1 to 65535", s)
	}
	switch u.Scheme {
	case "https":
		if port == "443" {
			port = ""
		}
	case "http":
		if !loopbackName(name) {
			return Host{}, fmt.Errorf("host %q: http:// is for loopback addresses only; use https://", s)
		}
		if port == "80" {
			port = ""
		}
	default:
		return Host{}, fmt.Errorf("host %q: the scheme must be https", s)
	}
	addr := name
	if strings.Contains(name, ":") {
		addr = "[" + name + "]"
	}
	if port != "" {
		addr += ":" + port
	}
	return Host{origin: u.Scheme + "://" + addr, name: name, addr: addr}, nil
}

// String is the origin, "https://acme.my.workfront.com"; empty for the zero Host.
func (h Host) String() string { return h.origin }

// Addr is the host name, with its port where the origin has one: the HOST of a store's account PROFILE@HOST.
func (h Host) Addr() string { return h.addr }

// IsZero says whether no host was given.
func (h Host) IsZero() bool { return h.origin == "" }

// loopback says whether the host is this machine.
func (h Host) loopback() bool { return loopbackName(h.name) }

// ProfileName is the name that a login without --profile gives its profile: "acme" for the production lane,
// "acme-preview" for another, "local" for a loopback host.
func (h Host) ProfileName() string {
	if h.loopback() {
		return "local"
	}
	name := h.name
	if domain, lane, ok := h.tenant(); ok {
		name = domain
		if lane != "my" {
			name += "-" + lane
		}
	}
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name), "-_")
	return name[:min(len(name), 64)]
}

// tenant splits DOMAIN.LANE.workfront.com (or .workfront.adobe.com); ok is false for a host of any other form.
func (h Host) tenant() (domain, lane string, ok bool) {
	for _, suffix := range [...]string{".workfront.com", ".workfront.adobe.com"} {
		if rest, found := strings.CutSuffix(h.name, suffix); found {
			domain, lane, ok = strings.Cut(rest, ".")
			if ok && domain != "" && lane != "" && !strings.Contains(lane, ".") {
				return domain, lane, true
			}
		}
	}
	return "", "", false
}

// label says whether s is one DNS label, so that "acme" is told from "acme.example.com" and "acme:8080".
func label(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsAny(s, ".:[]/@?#%")
}

func validName(name string) bool {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Zone() == ""
	}
	if name == "" || len(name) > 253 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || len(part) > 63 || strings.HasPrefix(part, "-") || strings.HasSuffix(part, "-") {
			return false
		}
		for _, r := range part {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
				return false
			}
		}
	}
	return true
}

func validPort(port string) bool {
	n := 0
	for _, r := range port {
		if r < '0' || r > '9' || n > 65535 {
			return false
		}
		n = n*10 + int(r-'0')
	}
	return n >= 1 && n <= 65535
}

func loopbackName(name string) bool {
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.IsLoopback()
}
