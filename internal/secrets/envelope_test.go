package secrets

import "testing"

func TestForeignEnvelopes(t *testing.T) {
	t.Parallel()
	for _, raw := range foreign() {
		e, err := decodeEnvelope([]byte(raw))
		if err == nil {
			_, err = e.key()
		}
		if err == nil {
			t.Errorf("%q is taken for ours", raw)
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
