package secrets

import (
	"strings"
	"testing"

	"filippo.io/age"
)

func TestForeignEnvelopes(t *testing.T) {
	t.Parallel()
	for _, raw := range foreign() {
		e, err := decodeEnvelope([]byte(raw))
		if err == nil && isIdentity(e.Identity) {
			t.Errorf("%q is taken for ours", raw)
		}
	}
}

func TestEnvelopeOfAnotherVersion(t *testing.T) {
	t.Parallel()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	rest := `"generation":1,"identity":"` + key.String() + `","payload":{}}`
	for raw, want := range map[string]string{
		`{"v":1,` + rest: "",
		`{"v":2,` + rest: "newer",
		`{"v":0,` + rest: "not written by wfauth",
		`{` + rest:       "not written by wfauth",
	} {
		_, err := decodeEnvelope([]byte(raw))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.7s…: %v, want %q", raw, err, want)
		}
	}
}

// foreign are values that are not ours, or are damaged.
func foreign() []string {
	return []string{
		"CANARY-someone-elses-password", `"CANARY"`, `{}`, `null`, `[1]`, `7`,
		`{"v":1}`, `{"v":1,"generation":3,"payload":{"token":"CANARY"}}`,
		`{"v":1,"generation":-1,"identity":"CANARY","payload":{}}`,
		`{"v":1,"generation":1,"identity":"AGE-SECRET-KEY-1CANARY","payload":{}}`,
		`{"v":1,"generation":1,"identity":"CANARY","payload":{},"sealed":true}`,
		`{"v":2,"generation":1,"payload":"CANARY"}`, `{"v":2,"other":"CANARY"}`,
		`{"v":1,"generation":1,"identity":"CANARY","payload":{}`,
	}
}
