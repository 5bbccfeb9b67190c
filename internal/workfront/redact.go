package workfront

import (
	"net/url"
	"strings"
	"unicode"
)

// redacted is u as it may be shown: without user name, and with secret values as ***.
func redacted(u *url.URL) string {
	var b strings.Builder
	b.WriteString(u.Scheme + "://" + u.Host + u.EscapedPath())
	separator := byte('?')
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if pair == "" {
			continue
		}
		b.WriteByte(separator)
		separator = '&'
		key, _, hasValue := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); hasValue && (err != nil || isSecret(name)) {
			pair = key + "=***"
		}
		b.WriteString(pair)
	}
	return b.String()
}

// isSecret tells by its name whether a parameter is one to hide. It also knows those of presigned storage URLs, to which downloads redirect.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	if name == "code" || name == "sig" || name == "jsessionid" {
		return true
	}
	for _, part := range []string{"sessionid", "apikey", "api_key", "password", "passphrase", "token", "secret", "signature", "credential", "assertion", "verifier"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// oneLine makes text of the server's fit to stand in an error: one line of valid UTF-8, with nothing that steers a terminal or is not seen.
// It is not cut here: what is cut can no longer be recognised as a secret.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
