package terminal

import (
	"html"
	"net/url"
	"strings"
	"testing"
)

// A secret is masked in every form in which a server may say it back, with what nobody sees in its middle, and where the
// message is cut.
func TestMask(t *testing.T) {
	t.Parallel()
	const secret = `CAN"ARY/<secret>+&=é&GTand`
	var m Mask
	m.Add(secret)
	m.Add(secret + "-and-more")
	m.Add("short")
	middle := func(with string) string { return secret[:9] + with + secret[9:] }
	for _, said := range []string{
		secret, secret + "-and-more", url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
		strings.ReplaceAll(secret, `"`, `\"`), strings.NewReplacer(`"`, `\"`, "/", `\/`).Replace(secret),
		`CAN\"ARY/\u003csecret\u003e+\u0026=é\u0026GTand`, html.UnescapeString(secret), html.UnescapeString(url.PathEscape(secret)),
		middle("\u200b"), middle("\x01"), middle("\u200d\u00ad\u2060"), middle("\x1b"),
	} {
		if got := m.Text("short: it was " + said + " ind\u200beed"); got != "short: it was *** ind\u200beed" {
			t.Errorf("%q becomes %q", said, got)
		}
		if got := m.Text(said + said); got != "******" {
			t.Errorf("twice %q becomes %q", said, got)
		}
		for fill := maxPrintable - 40; fill < maxPrintable+5; fill++ {
			if got := m.Printable(strings.Repeat("x", fill) + said); strings.Contains(got, "xCAN") {
				t.Errorf("cut after %d: …%s", fill, got[len(got)-60:])
			}
		}
	}
	if got := m.Text("bad \xff bytes\u200b"); got != "bad \xff bytes\u200b" {
		t.Errorf("%q", got)
	}
}
