package secrets

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
)

// testdata/layout1.age is a file as wfauth wrote it before it had two parts.
func TestEarlierLayout(t *testing.T) {
	t.Parallel()
	old, err := os.ReadFile("testdata/layout1.age")
	if err != nil {
		t.Fatal(err)
	}
	place := func(t *testing.T) (Options, string) {
		o := options(t)
		path := OpenFile(o).where
		if err := os.WriteFile(path, old, 0o600); err != nil {
			t.Fatal(err)
		}
		return o, path
	}
	content := func(t *testing.T, path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	o, path := place(t)
	payload, err := openFile(o).Load(t.Context())
	if err != nil || !bytes.Contains(payload, []byte(`"session_id":"CANARY-session"`)) {
		t.Fatalf("loaded %q, %v", payload, err)
	}
	if !bytes.Equal(content(t, path), old) {
		t.Error("reading it changed it")
	}
	reserving(t, openFile(o), func(i *Item) { save(t, i, `{"n":2}`) })
	if _, ok := parseParts(content(t, path)); !ok {
		t.Errorf("saved as %q", content(t, path))
	}
	check(t, openFile(o), `{"n":2}`)
	if got := files(t, o.SealedDir); len(got) != 2 { // and the lock's
		t.Errorf("files %q", got)
	}

	o, path = place(t)
	change(t, o, "CANARY-next")
	if _, ok := parseParts(content(t, path)); !ok {
		t.Errorf("sealed anew as %q", content(t, path))
	}
	o.Passphrase = func(context.Context) (string, error) { return "CANARY-next", nil }
	check(t, openFile(o), string(payload))

	o, path = place(t)
	o.Passphrase = func(context.Context) (string, error) { return "CANARY-wrong", nil }
	_, err = openFile(o).Load(t.Context())
	checkKind(t, err, WrongPassphrase)
	checkKind(t, openFile(o).Save(t.Context(), []byte(`{"n":2}`)), WrongPassphrase)
	checkKind(t, openSeal(o).Change(t.Context(), nil), WrongPassphrase)
	o.Passphrase = nil
	_, err = openFile(o).Load(t.Context())
	checkKind(t, err, MissingPassphrase)
	if !bytes.Equal(content(t, path), old) {
		t.Error("a wrong passphrase changed it")
	}

	o, path = place(t)
	if err := os.WriteFile(path, old[:len(old)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = openFile(o).Load(t.Context())
	checkKind(t, err, Damaged)
	checkKind(t, openSeal(o).Change(t.Context(), nil), Damaged)
}

func openSeal(o Options) *Seal {
	s := OpenSeal(o)
	s.files.options.Work = 1
	return s
}

func change(t *testing.T, o Options, next string) {
	t.Helper()
	if err := openSeal(o).Change(t.Context(), func(context.Context) (string, error) { return next, nil }); err != nil {
		t.Fatal(err)
	}
}

// Once it is known, a key opens the file without the passphrase, whatever else changes.
func TestPassphraseIsPaidForOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	i := openFile(o)
	save(t, i, `{"n":1}`)
	i.backend.(*sealedFiles).passphrase.set("CANARY-wrong") // whoever pays for it again fails
	check(t, i, `{"n":1}`)
	save(t, i, `{"n":2}`)
	underLock(t, i, func(i *Item) { save(t, i, `{"n":3}`) })
	if err := i.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	change(t, o, "CANARY-next")
	save(t, openFileBy(o, "CANARY-next"), `{"n":4}`)
	check(t, i, `{"n":4}`)
	save(t, i, `{"n":5}`)
	check(t, openFileBy(o, "CANARY-next"), `{"n":5}`)
}

func openFileBy(o Options, passphrase string) *Item {
	o.Passphrase = func(context.Context) (string, error) { return passphrase, nil }
	return openFile(o)
}

// Whoever waits for the lock has been asked for the passphrase, and has paid for it: nobody waits for that.
func TestPassphraseIsPaidForBeforeTheLock(t *testing.T) {
	t.Parallel()
	o := options(t)
	save(t, openFile(o), `{"n":1}`)
	release, err := openFile(o).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	o.Passphrase = nil
	o.AskPassphrase = func(context.Context) (string, error) { close(asked); return "CANARY-passphrase", nil }
	i := openFile(o)
	locked := make(chan func())
	go func() {
		release, err := i.Lock(t.Context())
		if err != nil {
			t.Error(err)
			release = func() {}
		}
		locked <- release
	}()
	select {
	case <-asked:
	case <-time.After(2 * time.Minute):
		t.Error("nobody was asked while another had the lock")
	}
	release()
	defer (<-locked)()
	i.backend.(*sealedFiles).passphrase.set("CANARY-wrong")
	check(t, i, `{"n":1}`)
	save(t, i, `{"n":2}`)
}

func TestChangeOfPassphrase(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := OpenFile(o).where
	if err := openSeal(o).Change(t.Context(), nil); !errors.Is(err, ErrNoFile) {
		t.Errorf("without a file: %v", err)
	}
	save(t, openFile(o), `{"n":1}`)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("they differ")
	err = openSeal(o).Change(t.Context(), func(context.Context) (string, error) { return "", refused })
	if !errors.Is(err, refused) {
		t.Errorf("error %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file changed, %v", err)
	}
	change(t, o, "CANARY-next")
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was, _ := parseParts(before)
	is, ok := parseParts(after)
	if !ok || !bytes.Equal(was.value, is.value) || bytes.Equal(was.key, is.key) {
		t.Error("not only the first part has changed")
	}
	_, err = openFile(o).Load(t.Context())
	checkKind(t, err, WrongPassphrase)
	check(t, openFileBy(o, "CANARY-next"), `{"n":1}`)
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// What another process does between the old passphrase and the new one is neither lost nor undone.
func TestChangeOfPassphraseBesideOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, o Options)
		want      func(t *testing.T, o Options, err error)
	}{
		"a renewal": {
			func(t *testing.T, o Options) { save(t, openFile(o), `{"n":2}`) },
			func(t *testing.T, o Options, err error) {
				if err != nil {
					t.Fatal(err)
				}
				check(t, openFileBy(o, "CANARY-next"), `{"n":2}`)
			},
		},
		"a logout": {
			func(t *testing.T, o Options) {
				if err := openFile(o).Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			func(t *testing.T, o Options, err error) {
				if !errors.Is(err, ErrNoFile) {
					t.Errorf("error %v", err)
				}
				check(t, openFile(o), "")
			},
		},
		"another login": {
			func(t *testing.T, o Options) {
				if err := openFile(o).Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
				save(t, openFile(o), `{"n":3}`)
			},
			func(t *testing.T, o Options, err error) {
				checkKind(t, err, Unusable)
				check(t, openFile(o), `{"n":3}`)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			save(t, openFile(o), `{"n":1}`)
			err := openSeal(o).Change(t.Context(), func(context.Context) (string, error) {
				c.meanwhile(t, o)
				return "CANARY-next", nil
			})
			c.want(t, o, err)
		})
	}
}
