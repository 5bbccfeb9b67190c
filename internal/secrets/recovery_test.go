package secrets

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestKillPointsOfSave(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    func(b *bench)
		survives bool
		want     string
	}{
		"before the recovery file is whole": {func(b *bench) {
			// What such a kill leaves: a beginning under the temporary name.
			path := b.open().recovery.path
			if err := writeFile(path, []byte("age-encryption.org/v1\n-> X25")); err != nil {
				t.Error(err)
			}
			if err := os.Rename(path, temporary(path)); err != nil {
				t.Error(err)
			}
			b.faulty.onGet = die
		}, false, `{"n":1}`},
		"after the recovery file":   {func(b *bench) { b.faulty.beforeSet = die }, false, `{"n":2}`},
		"after the write":           {func(b *bench) { b.faulty.afterSet = die }, false, `{"n":2}`},
		"refused":                   {func(b *bench) { b.faulty.beforeSet = refuse }, true, `{"n":2}`},
		"refused after it was done": {func(b *bench) { b.faulty.afterSet = refuse }, true, `{"n":2}`},
		"accepted but not kept":     {func(b *bench) { b.faulty.keepsNothing = true }, true, `{"n":2}`},
		"nothing":                   {func(b *bench) {}, true, `{"n":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			save(t, b.open(), `{"n":1}`)
			c.fault(b)
			survived, err := b.update(t.Context(), `{"n":2}`)
			if survived != c.survives || err != nil {
				t.Fatalf("survived %v, %v", survived, err)
			}
			b.heal()
			check(t, b.open(), c.want)
			if b.open().recovery.path == "" {
				t.Fatal("no recovery file to look for")
			}
			e := b.stored(t)
			if string(e.Payload) != c.want {
				t.Errorf("after a load the store has %s, want %s", e.Payload, c.want)
			}
			if _, err := b.update(t.Context(), `{"n":3}`); err != nil {
				t.Fatal(err)
			}
			check(t, b.open(), `{"n":3}`)
			if left := files(t, b.o.StateDir, "recovery"); len(left) != 1 || left[0] != filepath.Base(b.open().recovery.path) {
				t.Errorf("files %q, want the recovery file and nothing else", left)
			}
			b.wait(t)
			check(t, b.open(), `{"n":3}`)
			if left := files(t, b.o.StateDir, "recovery"); len(left) != 0 {
				t.Errorf("left behind: %q", left)
			}
			if e := b.stored(t); string(e.Payload) != `{"n":3}` {
				t.Errorf("the store has %s", e.Payload)
			}
			if len(b.notes) > 0 {
				t.Errorf("notes after all is well: %q", b.notes)
			}
		})
	}
}

// Where nothing could be sealed before, a failing write is an error.
func TestFirstSaveThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.faulty.beforeSet = refuse
	if err := b.open().Save(t.Context(), []byte(`{"n":1}`)); !errors.Is(err, errRefused) {
		t.Fatalf("error %v, want the store's", err)
	}
	b.faulty.beforeSet, b.faulty.keepsNothing = nil, true
	checkKind(t, b.open().Save(t.Context(), []byte(`{"n":1}`)), Lost)
	b.heal()
	check(t, b.open(), "")
}

// What was written is compared before it counts: then the store's own write has
// to do.
func TestRecoveryFileIsReadBack(t *testing.T) {
	t.Parallel()
	for name, reread := range map[string]func(string) ([]byte, error){
		"something else": func(string) ([]byte, error) { return []byte("CANARY"), nil },
		"nothing":        func(string) ([]byte, error) { return nil, nil },
		"an error":       func(string) ([]byte, error) { return nil, errRefused },
	} {
		b := newBench(t)
		save(t, b.open(), `{"n":1}`)
		b.faulty.beforeSet = refuse
		i := b.open()
		i.recovery.reread = reread
		if err := i.Save(t.Context(), []byte(`{"n":2}`)); !errors.Is(err, errRefused) {
			t.Errorf("%s was read back, and the payload is said to be safe: %v", name, err)
		}
		b.faulty.beforeSet = nil
		save(t, i, `{"n":3}`)
		check(t, b.open(), `{"n":3}`)
	}
}

// A store that refuses for long is written to again by each who finds it
// behind, and read meanwhile through the sealed file.
func TestStoreThatRefusesForLong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.beforeSet = refuse
	for _, payload := range []string{`{"n":2}`, `{"n":3}`, `{"n":4}`} {
		if _, err := b.update(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
		check(t, b.open(), payload)
		if e := b.stored(t); string(e.Payload) != `{"n":1}` {
			t.Fatalf("the store has %s", e.Payload)
		}
	}
	if len(b.notes) != 3 || !strings.Contains(b.notes[0], b.open().recovery.path) {
		t.Errorf("notes %q, want one a save, naming the file", b.notes)
	}
}

// Save needs no read of the store between the load under the lock and the
// moment from which the payload is safe.
func TestSaveSealsBeforeItAsksTheStore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	i := b.open()
	release, err := i.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	check(t, i, `{"n":1}`)
	b.faulty.onGet, b.faulty.beforeSet = refuse, refuse
	save(t, i, `{"n":2}`)
	save(t, i, `{"n":3}`)
	b.heal()
	check(t, b.open(), `{"n":3}`)
}

// In the usual case a load asks the store once.
func TestLoadReadsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.gets = 0
	check(t, b.open(), `{"n":1}`)
	if b.faulty.gets != 1 {
		t.Errorf("%d reads of the store, want 1", b.faulty.gets)
	}
}

// While someone holds the lock, a load repairs nothing: it could write an
// older generation over that of the holder.
func TestLoadWritesOnlyUnderTheLock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.beforeSet = refuse
	if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
		t.Fatal(err)
	}
	b.heal()
	holder := b.open()
	release, err := holder.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(t, b.open(), `{"n":2}`)
	check(t, holder, `{"n":2}`)
	if e := b.stored(t); string(e.Payload) != `{"n":1}` {
		t.Errorf("the store was written to while it was locked: %s", e.Payload)
	}
	release()
	check(t, b.open(), `{"n":2}`)
	if e := b.stored(t); string(e.Payload) != `{"n":2}` {
		t.Errorf("the store was not put right: %s", e.Payload)
	}
}

// A recovery file of a newer wfauth holds what this one must not lose: it is
// neither used nor left out.
func TestRecoveryFileOfANewerWfauth(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	key, err := age.ParseX25519Identity(b.stored(t).Identity)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := seal([]byte(`{"v":2,"generation":9,"payload":{"n":9}}`), key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFile(b.open().recovery.path, newer); err != nil {
		t.Fatal(err)
	}
	_, err = b.open().Load(t.Context())
	checkKind(t, err, Damaged)
	if !strings.Contains(err.Error(), "newer wfauth") {
		t.Errorf("error %v", err)
	}
	checkKind(t, b.open().Save(t.Context(), []byte(`{"n":2}`)), Damaged)
	if kept, err := os.ReadFile(b.open().recovery.path); !bytes.Equal(kept, newer) || err != nil {
		t.Errorf("it was written over: %v", err)
	}
}

// A recovery file that does not open is named and kept, and what the store has
// goes on being used.
func TestRecoveryFileThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	stranger, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := seal([]byte(`{"v":1,"generation":9,"payload":{"n":9}}`), stranger.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"damaged": []byte("CANARY"), "empty": {}, "of another": foreign} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			save(t, b.open(), `{"n":1}`)
			path := b.open().recovery.path
			if err := writeFile(path, content); err != nil {
				t.Fatal(err)
			}
			check(t, b.open(), `{"n":1}`)
			if len(b.notes) != 1 || !strings.Contains(b.notes[0], path) {
				t.Errorf("notes %q, want one that names %s", b.notes, path)
			}
			if kept, err := os.ReadFile(path); !bytes.Equal(kept, content) || err != nil {
				t.Errorf("the file became %q, %v", kept, err)
			}
			if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
				t.Fatal(err)
			}
			b.heal()
			check(t, b.open(), `{"n":2}`)
		})
	}
}

// A file that cannot be read could be read by another hand: an error, before
// an older session is used.
func TestRecoveryFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	path := b.open().recovery.path
	if err := os.MkdirAll(path, 0o700); err != nil { // root may read any file, but no folder
		t.Fatal(err)
	}
	_, err := b.open().Load(t.Context())
	checkKind(t, err, Unusable)
	if !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name %s", err, path)
	}
}

// When the item is gone its recovery file is of no use: said, but no error, so
// that a login is possible; and that one is the newest there can be.
func TestRecoveryFileWithoutItem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.beforeSet = die
	if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
		t.Fatal(err)
	}
	b.heal()
	if err := b.faulty.delete(t.Context(), b.o.Account); err != nil {
		t.Fatal(err)
	}
	check(t, b.open(), "")
	if len(b.notes) != 1 || !strings.Contains(b.notes[0], b.open().recovery.path) {
		t.Errorf("notes %q", b.notes)
	}
	if _, err := b.update(t.Context(), `{"n":3}`); err != nil {
		t.Fatal(err)
	}
	b.heal()
	check(t, b.open(), `{"n":3}`)
	if len(b.notes) != 0 {
		t.Errorf("notes %q", b.notes)
	}
}

func TestDeleteRemovesEveryCopy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.beforeSet = refuse
	if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
		t.Fatal(err)
	}
	b.heal()
	if err := os.WriteFile(temporary(b.open().recovery.path), []byte("of a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.open().Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, b.open(), "")
	if left := files(t, b.o.StateDir, "recovery"); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestDeleteThatDeletesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	b.faulty.keepsNothing = true
	checkKind(t, b.open().Delete(t.Context()), Lost)
}

// What lies on disk is sealed, 0600, in folders of 0700.
func TestRecoveryFileIsSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.StateDir = filepath.Join(b.o.StateDir, "state", "wfauth")
	save(t, b.open(), `{"n":1}`)
	b.faulty.beforeSet = refuse
	if _, err := b.update(t.Context(), `{"token":"`+canary+`"}`); err != nil {
		t.Fatal(err)
	}
	checkPrivate(t, b.o.StateDir)
}
