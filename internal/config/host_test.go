package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/config"
)

func TestParseHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, origin, name, err, instead string }{
		{in: "acme", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "ACME", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.preview.workfront.com", origin: "https://acme.preview.workfront.com", name: "acme-preview"},
		{in: "https://acme.sb01.workfront.adobe.com/", origin: "https://acme.sb01.workfront.adobe.com", name: "acme-sb01"},
		{in: "https://acme.my.workfront.com:443", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.my.workfront.com.", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "wf.example.org:8443", origin: "https://wf.example.org:8443", name: "wf-example-org"},
		{in: "http://127.0.0.1:4711", origin: "http://127.0.0.1:4711", name: "local"},
		{in: "http://[::1]:4711", origin: "http://[::1]:4711", name: "local"},
		{in: "http://localhost:80", origin: "http://localhost", name: "local"},
		{in: "localhost", origin: "https://localhost", name: "local"},
		{in: " acme\r\n", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "\xff\xfea\x00c\x00m\x00e\x00\n\x00", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.my", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.preview", origin: "https://acme.preview.workfront.com", name: "acme-preview"},
		{in: "Acme.SB01", origin: "https://acme.sb01.workfront.com", name: "acme-sb01"},
		{in: "acme.sb02", origin: "https://acme.sb02.workfront.com", name: "acme-sb02"},
		{in: "acme.sb03", origin: "https://acme.sb03", name: "acme-sb03"},
		{in: "acme.example", origin: "https://acme.example", name: "acme-example"},
		{in: "https://acme.my.workfront.com/attask/api", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "https://acme.my.workfront.com/attask", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.my.workfront.com/attask/api/v19.0/proj/search?a=b c&sessionID=CANARY#x", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme/attask/api-internal/", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "acme.preview/", origin: "https://acme.preview.workfront.com", name: "acme-preview"},
		{in: "HTTPS://ACME.my.workfront.com/attask/", origin: "https://acme.my.workfront.com", name: "acme"},
		{in: "http://127.0.0.1:4711/attask/api/v22.0", origin: "http://127.0.0.1:4711", name: "local"},
		{in: "https://experience.adobe.com/#/@acme/so:acme-Production/workfront/home", err: "acme.my.workfront.adobe.com", instead: "acme.my.workfront.adobe.com"},
		{in: "experience.adobe.com/#/@Acme", err: "acme.my.workfront.adobe.com", instead: "acme.my.workfront.adobe.com"},
		{in: "https://experience.adobe.com/?shell=1#/@acme?x=y", err: "Adobe's page", instead: "acme.my.workfront.adobe.com"},
		{in: "https://experience.adobe.com/", err: "Adobe's page"},
		{in: "https://experience.adobe.com/#/@-evil-/", err: "Adobe's page"},
		{in: "", err: "empty"},
		{in: " \n", err: "empty"},
		{in: "http://acme.my.workfront.com", err: "loopback", instead: "https://acme.my.workfront.com"},
		{in: "http://localhost.evil.example", err: "loopback", instead: "https://localhost.evil.example"},
		{in: "http://127.0.0.1.evil.example", err: "loopback", instead: "https://127.0.0.1.evil.example"},
		{in: "ftp://acme", err: "https", instead: "https://acme"},
		{in: "https://acme.my.workfront.com/login", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "acme/home", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "https://acme.my.workfront.com/attasks", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "https://acme.my.workfront.com?a=b", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "https://acme.my.workfront.com/?sessionID=CANARY", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "https://acme.my.workfront.com/x;jsessionid=CANARY", err: "path", instead: "https://acme.my.workfront.com"},
		{in: "https://user:CANARY@acme.my.workfront.com", err: "password"},
		{in: "user:CANARY%@acme", err: "password"},
		{in: "//acme", err: "not a host name"},
		{in: "acm%65", err: "not a host name"},
		{in: "acme workfront", err: "ASCII"},
		{in: "acme\r\nX: y", err: "ASCII"},
		{in: "äcme.my.workfront.com", err: "ASCII"},
		{in: "https://acme:99999", err: "port"},
		{in: "https://acme.example.com:", err: "port"},
		{in: "-acme", err: "not a host name"},
		{in: "acme..com", err: "not a host name"},
		{in: "https://", err: "not a host name"},
	} {
		h, err := config.ParseHost(c.in)
		if c.err != "" {
			e, ok := errors.AsType[*config.HostError](err)
			if !ok || !strings.Contains(e.Text, c.err) || strings.Contains(e.Text+e.Instead, "CANARY") || e.Instead != c.instead {
				t.Errorf("ParseHost(%q) = %v, %v; want an error with %q, and in its place %q", c.in, h, err, c.err, c.instead)
			}
			if ok && e.Instead != "" {
				if again, err := config.ParseHost(e.Instead); err != nil {
					t.Errorf("ParseHost(%q) advises %q: %v, %v", c.in, e.Instead, again, err)
				}
			}
			continue
		}
		if err != nil || h.String() != c.origin || h.ProfileName() != c.name {
			t.Errorf("ParseHost(%q) = %v, %v, profile %s; want %s, profile %s", c.in, h, err, h.ProfileName(), c.origin, c.name)
		}
		if err := config.CheckName(h.ProfileName()); err != nil {
			t.Errorf("%q: %v", c.in, err)
		}
	}
}

// What a host is called under Adobe's newer name.
func TestAdobe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"acme": "https://acme.my.workfront.adobe.com", "acme.preview": "https://acme.preview.workfront.adobe.com",
		"acme.my.workfront.adobe.com": "", "http://127.0.0.1:1": "", "wf.example.org": "", "https://a.b.my.workfront.com": "",
	} {
		h, err := config.ParseHost(in)
		if err != nil || h.Adobe().String() != want {
			t.Errorf("%s: %s, %v; want %s", in, h.Adobe(), err, want)
		}
	}
}
