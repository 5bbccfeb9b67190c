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

// An item of a newer wfauth is named as such, and not written over. So is one
// whose key has the form of one and is none, and it is not quoted.
func TestItemThatIsNotForUs(t *testing.T) {
	t.Parallel()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	none := "AGE-SECRET-KEY-1" + strings.Repeat("CANARY", 9) + "CANA"
	if !isIdentity(none) {
		t.Fatal("not of a key's form")
	}
	for _, c := range []struct{ version, key, says string }{
		{"2", key.String(), "written by a newer wfauth (layout 2)"},
		{"1", none, "damaged"},
	} {
		b := newBench(t)
		raw := `{"v":` + c.version + `,"generation":1,"identity":"` + c.key + `","payload":{"n":1}}`
		b.forget(t, []byte(raw))
		underLock(t, b.open(), func(i *Item) {
			for name, f := range map[string]func() error{
				"load":    func() error { _, err := i.Load(t.Context()); return err },
				"save":    func() error { return i.Save(t.Context(), []byte(`{"n":2}`)) },
				"reserve": func() error { return i.Reserve(t.Context()) },
			} {
				err := f()
				checkKind(t, err, Damaged)
				if !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: error %v, want %q", name, err, c.says)
				}
			}
		})
		if got := string(b.has(t)); got != raw {
			t.Errorf("it became %s", got)
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
