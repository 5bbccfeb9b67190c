package network

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ProxyFor is the proxy that a request to u goes through, nil for none. What the standard library passes over in silence, an
// HTTPS_PROXY that cannot be read, is a [*SettingError], unless u would go past the proxy anyway.
func ProxyFor(getenv func(string) string, u *url.URL) (*url.URL, error) {
	name, text := "HTTPS_PROXY", getenv("HTTPS_PROXY")
	if text == "" {
		name, text = "https_proxy", getenv("https_proxy")
	}
	if u.Scheme == "https" && text != "" && !readable(text) && !pastProxy(u, getenv) {
		return nil, &SettingError{name + ": " + withoutPassword(text) + " is not the address of a proxy, such as http://proxy.example:3128"}
	}
	return http.ProxyFromEnvironment(&http.Request{URL: u})
}

// readable reads what the standard library would: a URL, or a host and a port.
func readable(text string) bool {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return false
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}

// withoutPassword takes away what stands before the last @, escaped or not: nothing else of an address that cannot be read
// can be told apart.
func withoutPassword(text string) string {
	at := max(strings.LastIndexByte(text, '@'), strings.LastIndex(text, "%40"))
	if at >= 0 {
		scheme, _, ok := strings.Cut(text[:at], "://")
		if scheme += "://"; !ok {
			scheme = ""
		}
		text = scheme + "***" + text[at:]
	}
	return fmt.Sprintf("%.200q", text)
}

// pastProxy says whether u is reached directly whatever the proxy is: this machine, and what NO_PROXY names.
func pastProxy(u *url.URL, getenv func(string) string) bool {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = "443"
	}
	addr, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && addr.IsLoopback() {
		return true
	}
	list := getenv("NO_PROXY")
	if list == "" {
		list = getenv("no_proxy")
	}
	for item := range strings.SplitSeq(strings.ToLower(list), ",") {
		item = strings.TrimSpace(item)
		if item == "*" {
			return true
		}
		if network, parseErr := netip.ParsePrefix(item); parseErr == nil {
			if err == nil && network.Contains(addr.Unmap()) {
				return true
			}
			continue
		}
		if name, only, splitErr := net.SplitHostPort(item); splitErr == nil {
			if only != port {
				continue
			}
			item = name
		}
		item = strings.TrimPrefix(strings.TrimPrefix(item, "*"), ".")
		if item != "" && (host == item || strings.HasSuffix(host, "."+item)) {
			return true
		}
	}
	return false
}
