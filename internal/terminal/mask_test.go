package terminal

import (
	"bytes"
	"strings"
	"testing"
)

const secret = "CANARY-s3cret/=&\"<é"

// A secret is masked in every form in which it may be said back, and with characters in it that nobody sees.
func TestMask(t *testing.T) {
	t.Parallel()
	var m Mask
	m.Add(secret)
	m.Add("CANARY-s3cret/=&\"<é-and-more")
	m.Add("short")
	for in, want := range map[string]string{
		"a " + secret + " b":                         "a *** b",
		secret + "-and-more":                         "***",
		"CANARY-s3cret%2F%3D%26%22%3C%C3%A9":         "***",
		"CANARY-s3cret%2F=&%22%3C%C3%A9":             "***",
		"CANARY-s3cret/=&amp;&#34;&lt;é":             "***",
		`CANARY-s3cret/=\u0026\"\u003cé`:             "***",
		"CANARY\u200b-s3cret\x01/=&\"<é":             "***",
		"é\u200d CANARY-\u2060s3cret/=&\"\ufe0f<é\n": "é ***\n",
		"short words stay":                           "short words stay",
		"family 👨\u200d👩 and \u202e":                 "family 👨\u200d👩 and \u202e",
	} {
		if got := m.Text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	var out bytes.Buffer
	w := m.Writer(&out)
	if n, err := w.Write([]byte(secret)); n != len(secret) || err != nil || out.String() != "***" {
		t.Errorf("wrote %q: %d, %v", out.String(), n, err)
	}
}

// What is cut after masking shows no part of a secret, wherever the cut falls.
func TestMaskBeforeClip(t *testing.T) {
	t.Parallel()
	var m Mask
	m.Add(secret)
	for i := range 40 {
		text := strings.Repeat("x", maxPrintable-i) + secret
		if got := Clip(m.Text(Line(text))); strings.Contains(got, "CANARY") {
			t.Errorf("%d before the cut: %q", i, got[maxPrintable-i:])
		}
	}
}
