package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Host is a Workfront tenant: an origin, as RFC 6454 has it.
type Host struct {
	origin string
	name   string // host name, lower case, without port
	addr   string // host name with the port, where it is not the scheme's own
}

// HostError is a text that names no tenant. It shows no user name, password or query, which may be secrets.
type HostError struct {
	Text    string
	Instead string // what to type in its place; may be empty
}

func (e *HostError) Error() string { return e.Text }

// lanes are the environments of a tenant, as they stand in its host name: production, preview and two sandboxes.
var lanes = [...]string{"my", "preview", "sb01", "sb02"}

// ParseHost reads what people have for a tenant: "acme" or "acme.preview" (names under workfront.com), a host name, an origin,
// or an address below /attask/, of which the origin counts. http:// is accepted for loopback addresses only, so that no
// session crosses a network in clear text. Its errors are [*HostError].
func ParseHost(s string) (Host, error) {
	scheme, authority, rest := cutAddress(Plain(s))
	path := rest
	if i := strings.IndexAny(rest, "?#;"); i >= 0 {
		path = rest[:i]
	}
	if strings.Contains(authority, "@") {
		return Host{}, &HostError{Text: "host: a user name or password cannot stand in it"}
	}
	shown := authority + path
	if scheme != "" {
		shown = scheme + "://" + shown
	}
	bad := func(instead, why string) (Host, error) {
		return Host{}, &HostError{fmt.Sprintf("host %.200q%s", shown, why), instead}
	}
	switch {
	case shown == "":
		return Host{}, &HostError{Text: "the host is empty"}
	case strings.ContainsFunc(authority, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("", ": only ASCII letters, digits, dots, hyphens and a port can stand in it")
	}
	if scheme == "" {
		scheme, authority = "https", fullName(authority)
	}
	u, err := url.Parse(scheme + "://" + authority)
	if err != nil || u.Host != authority {
		return bad("", " is not a host name or an origin")
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !validName(name) {
		return bad("", " is not a host name or an origin")
	}
	if name == "experience.adobe.com" {
		return notTheAPI(rest)
	}
	port := u.Port()
	if strings.HasSuffix(u.Host, ":") || (port != "" && !validPort(port)) {
		return bad("", ": the port is not a number from 1 to 65535")
	}
	addr := name
	if strings.Contains(name, ":") {
		addr = "[" + name + "]"
	}
	standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	if port != "" && port != standard {
		addr += ":" + port
	}
	switch {
	case standard == "":
		return bad("https://"+addr, ": the scheme must be https")
	case u.Scheme == "http" && !loopbackName(name):
		return bad("https://"+addr, ": http:// is for loopback addresses only; use https://")
	}
	h := Host{origin: u.Scheme + "://" + addr, name: name, addr: addr}
	if below := path == "/attask" || strings.HasPrefix(path, "/attask/"); !below && rest != "" && rest != "/" {
		return bad(h.origin, ": only the origin is wanted, without a path")
	}
	return h, nil
}

// hostUsage advises the login that the host was meant for.
func hostUsage(err error) error {
	usage := &UsageError{Text: err.Error()}
	if e, ok := errors.AsType[*HostError](err); ok && e.Instead != "" {
		usage.Hint = "wfauth login " + e.Instead
	}
	return usage
}

// cutAddress splits what may be a whole address. What follows the authority begins with /, ? or #.
func cutAddress(text string) (scheme, authority, rest string) {
	if before, after, ok := strings.Cut(text, "://"); ok && !strings.ContainsAny(before, "/?#") {
		scheme, text = strings.ToLower(before), after
	}
	if i := strings.IndexAny(text, "/?#"); i >= 0 {
		return scheme, text[:i], text[i:]
	}
	return scheme, text, ""
}

// fullName completes what tenants are called: "acme" is a name in the lane my, "acme.preview" one in another.
func fullName(text string) string {
	domain, lane, ok := strings.Cut(text, ".")
	switch {
	case !ok && label(text) && text != "localhost":
		return text + ".my.workfront.com"
	case ok && label(domain) && slices.Contains(lanes[:], strings.ToLower(lane)):
		return text + ".workfront.com"
	}
	return text
}

// notTheAPI refuses the address that most people see, of Adobe's shell around Workfront. Its fragment names the tenant:
// "/#/@acme/so:acme-Production/workfront/".
func notTheAPI(rest string) (Host, error) {
	e := &HostError{Text: "host \"experience.adobe.com\": that is Adobe's page around Workfront, and not the tenant's own host"}
	_, tenant, _ := strings.Cut(rest, "@")
	if i := strings.IndexAny(tenant, "/?#:&"); i >= 0 {
		tenant = tenant[:i]
	}
	if tenant = strings.ToLower(tenant); label(tenant) && validName(tenant) {
		e.Instead = tenant + ".my.workfront.adobe.com"
		e.Text += ", which is " + e.Instead
	}
	return Host{}, e
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

// The two names under which Adobe serves tenants, the older first.
const (
	domainWorkfront = ".workfront.com"
	domainAdobe     = ".workfront.adobe.com"
)

// Adobe is the newer name of a tenant, DOMAIN.LANE.workfront.adobe.com, where h is the older one; otherwise the zero Host.
func (h Host) Adobe() Host {
	domain, lane, ok := h.tenant()
	if !ok || strings.HasSuffix(h.name, domainAdobe) {
		return Host{}
	}
	name := domain + "." + lane + domainAdobe
	return Host{origin: "https://" + name, name: name, addr: name}
}

// tenant splits DOMAIN.LANE.workfront.com (or .workfront.adobe.com); ok is false for a host of any other form.
func (h Host) tenant() (domain, lane string, ok bool) {
	for _, suffix := range [...]string{domainWorkfront, domainAdobe} {
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
