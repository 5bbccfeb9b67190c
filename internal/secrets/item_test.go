package secrets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

const canary = "CANARY-refresh-token-7f3a"

// options are those of a profile in fresh folders, patient enough for a busy
// machine.
func options(t *testing.T) Options {
	t.Helper()
	bus := &Bus{}
	t.Cleanup(bus.Close)
	return Options{
		Account: "acme@acme.my.workfront.com", Origin: "https://acme.my.workfront.com", ClientID: "client-1",
		StateDir: t.TempDir(), SealedDir: t.TempDir(),
		Passphrase: func(context.Context) (string, error) { return "CANARY-passphrase", nil },
		Deadline:   5 * time.Minute,
		Note:       func(line string) { t.Errorf("unexpected note: %s", line) },
		Getenv:     func(string) string { return "" },
		Bus:        bus,
	}
}

// stores are all ways to keep an item; each call of open finds the same one.
func stores() map[string]func(t *testing.T) (open func() *Item) {
	return map[string]func(t *testing.T) func() *Item{
		"keyring": func(t *testing.T) func() *Item {
			o := options(t)
			o.Getenv = secrettest.Keyring(t).Getenv
			return func() *Item { return OpenKeyring(o) }
		},
		"file": func(t *testing.T) func() *Item {
			o := options(t)
			return func() *Item { return openFile(o) }
		},
		"memory": func(*testing.T) func() *Item {
			i := OpenMemory()
			return func() *Item { return i }
		},
	}
}

// openFile is OpenFile with so little scrypt that the race detector can bear it.
func openFile(o Options) *Item {
	i := OpenFile(o)
	i.backend.(*sealedFiles).options.Work = 1
	return i
}

func eachStore(t *testing.T, test func(t *testing.T, open func() *Item)) {
	for name, store := range stores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, store(t))
		})
	}
}

func TestItem(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, open func() *Item) {
		ctx := t.Context()
		check(t, open(), "")
		for _, payload := range []string{`{"token":"` + canary + `<&>é"}`, `{"n":12345678901234567890}`, `[]`} {
			save(t, open(), payload)
			check(t, open(), payload)
		}
		if err := open().Delete(ctx); err != nil {
			t.Fatal(err)
		}
		check(t, open(), "")
		if err := open().Delete(ctx); err != nil {
			t.Fatalf("delete what is not there: %v", err)
		}
		save(t, open(), `{"after":"delete"}`)
		check(t, open(), `{"after":"delete"}`)
	})
}

func TestPayloadThatIsNotJSON(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, open func() *Item) {
		save(t, open(), `{"good":1}`)
		for _, payload := range []string{"", "{", canary, `{"a":` + canary + `}`, `{}{}`} {
			err := open().Save(t.Context(), []byte(payload))
			if err == nil {
				t.Errorf("payload %q was taken", payload)
			} else if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("payload in the error: %v", err)
			}
		}
		check(t, open(), `{"good":1}`)
	})
}

func TestProbeLeavesNothing(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, open func() *Item) {
		ctx := t.Context()
		save(t, open(), `{"kept":1}`)
		i := open()
		if err := i.Probe(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err := i.backend.get(ctx, i.account+".probe"); left != nil || err != nil {
			t.Errorf("left behind: %q, %v", left, err)
		}
		check(t, open(), `{"kept":1}`)
	})
}

func TestLockExcludes(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, open func() *Item) {
		release, err := open().Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second := open()
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stopped waiting")
		cancel(stop)
		if _, err := second.Lock(ctx); !errors.Is(err, stop) {
			t.Fatalf("lock while it is held: %v", err)
		}
		release()
		release() // is allowed, and releases nobody else's
		release, err = second.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release()
	})
}

func check(t *testing.T, i *Item, want string) {
	t.Helper()
	got, err := i.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want || (want == "") != (got == nil) {
		t.Fatalf("loaded %q, want %q", got, want)
	}
}

func save(t *testing.T, i *Item, payload string) {
	t.Helper()
	if err := i.Save(t.Context(), []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

// underLock is what a command does that may change the item.
func underLock(t *testing.T, i *Item, f func(i *Item)) {
	t.Helper()
	release, err := i.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	f(i)
}

// reserving is what a command does that will have an answer to keep.
func reserving(t *testing.T, i *Item, f func(i *Item)) {
	t.Helper()
	underLock(t, i, func(i *Item) {
		if err := i.Reserve(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(i)
	})
}

func checkKind(t *testing.T, err error, want Kind) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != want {
		t.Fatalf("error %v (%[1]T), want one of kind %d", err, want)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\r") || strings.Contains(text, "CANARY") {
		t.Errorf("not one line without a secret: %q", text)
	}
}
