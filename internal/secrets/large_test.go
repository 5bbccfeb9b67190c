package secrets

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// Secrets too large for the keyring rest beside it, sealed; nobody notices.
func TestLargeItem(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.StateDir += "/state"
	o.Getenv = secrettest.Keyring(t).Getenv
	o.KeyringLimit = 400
	open := func() *Item { return OpenKeyring(o) }
	large := func(n string) string { return `{"n":` + n + `,"token":"` + strings.Repeat(canary, 3000) + `"}` }

	for _, payload := range []string{large("1"), large("2"), `{"n":3}`, large("4"), `{"n":5}`, large("6")} {
		save(t, open(), payload)
		check(t, open(), payload)
		raw, err := open().backend.get(t.Context(), o.Account)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > o.KeyringLimit {
			t.Errorf("%d bytes in the keyring, which holds %d", len(raw), o.KeyringLimit)
		}
		isLarge := len(payload) > o.KeyringLimit
		hourAgo := time.Now().Add(-time.Hour)
		if err := os.Chtimes(open().recovery.path, hourAgo, hourAgo); err != nil {
			t.Fatal(err)
		}
		check(t, open(), payload)
		if open().recovery.exists() != isLarge {
			t.Errorf("sealed file: %v, large: %v", !isLarge, isLarge)
		}
		if isLarge {
			checkPrivate(t, o.StateDir)
		}
	}
	if err := open().Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, open(), "")
	if left := files(t, o.StateDir, "recovery"); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A sealed file that is missing, or was put back from a backup, is an error: an
// older session must not be used.
func TestLargeItemWithoutItsFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.KeyringLimit = 1
	save(t, b.open(), `{"n":1}`)
	path := b.open().recovery.path
	old, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, b.open(), `{"n":2}`)
	for name, replace := range map[string]func() error{
		"older":   func() error { return writeFile(path, old) },
		"damaged": func() error { return writeFile(path, old[:len(old)-1]) },
		"missing": func() error { return removeFile(path) },
	} {
		if err := replace(); err != nil {
			t.Fatal(err)
		}
		_, err := b.open().Load(t.Context())
		checkKind(t, err, Damaged)
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v does not name %s", name, err, path)
		}
	}
	if err := b.open().Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, b.open(), "")
}

func TestKillPointsOfALargeSave(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(f *faulty){
		"before":  func(f *faulty) { f.beforeSet = die },
		"after":   func(f *faulty) { f.afterSet = die },
		"refused": func(f *faulty) { f.beforeSet = refuse },
	} {
		for _, limit := range []int{1, -1} { // from large to large, and from small to large
			b := newBench(t)
			b.o.KeyringLimit = limit
			save(t, b.open(), `{"n":1}`)
			b.o.KeyringLimit = 1
			fault(b.faulty)
			if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			b.heal()
			check(t, b.open(), `{"n":2}`)
			if e := b.stored(t); !e.Sealed || e.Generation != 2 {
				t.Errorf("%s: not put right: sealed %v, generation %d", name, e.Sealed, e.Generation)
			}
		}
	}
}

// The first login of a profile with a large session.
func TestFirstLargeSaveThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.KeyringLimit = 1
	b.faulty.beforeSet = die
	if _, err := b.update(t.Context(), `{"n":1}`); err != nil {
		t.Fatal(err)
	}
	b.heal()
	check(t, b.open(), "")
	save(t, b.open(), `{"n":2}`)
	b.heal()
	check(t, b.open(), `{"n":2}`)
}
