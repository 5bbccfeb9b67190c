package secrets

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// faulty is a backend that fails, or whose process dies, where a test says.
type faulty struct {
	backend
	beforeSet, afterSet, onGet func() error // may panic(kill{}); nil: nothing
	keepsNothing               bool
	afterGet                   func()
	gets                       int
}

type kill struct{}

var errRefused = errors.New("the store refuses")

func refuse() error { return errRefused }
func die() error    { panic(kill{}) }

func (f *faulty) set(ctx context.Context, account string, value []byte) error {
	if f.beforeSet != nil {
		if err := f.beforeSet(); err != nil {
			return err
		}
	}
	if f.keepsNothing {
		return nil
	}
	if err := f.backend.set(ctx, account, value); err != nil || f.afterSet == nil {
		return err
	}
	return f.afterSet()
}

func (f *faulty) get(ctx context.Context, account string) ([]byte, error) {
	f.gets++
	if f.onGet != nil {
		if err := f.onGet(); err != nil {
			return nil, err
		}
	}
	value, err := f.backend.get(ctx, account)
	if hook := f.afterGet; hook != nil {
		f.afterGet = nil // once
		hook()
	}
	return value, err
}

func (f *faulty) delete(ctx context.Context, account string) error {
	if f.keepsNothing {
		return nil
	}
	return f.backend.delete(ctx, account)
}

// bench is one item over a faulty store that outlives its processes.
type bench struct {
	faulty *faulty
	o      Options
	notes  []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{faulty: &faulty{backend: &memory{values: make(map[string][]byte)}}, o: options(t)}
	b.o.Note = func(line string) { b.notes = append(b.notes, line) }
	return b
}

// open is what a process that starts now gets.
func (b *bench) open() *Item {
	i := OpenKeyring(b.o)
	i.backend = b.faulty
	return i
}

// forget is what a keyring does that ends before it has written to disk: it has
// what it had before.
func (b *bench) forget(t testing.TB, before []byte) {
	t.Helper()
	err := b.faulty.backend.delete(t.Context(), b.o.Account)
	if before != nil {
		err = b.faulty.backend.set(t.Context(), b.o.Account, before)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// has is what the store has, as it is.
func (b *bench) has(t testing.TB) []byte {
	t.Helper()
	raw, err := b.faulty.backend.get(t.Context(), b.o.Account)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// wait lets an hour pass for the recovery file, if there is one.
func (b *bench) wait(t testing.TB) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(b.open().recovery.path, then, then); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// heal lets the store work again.
func (b *bench) heal() {
	*b.faulty = faulty{backend: b.faulty.backend}
	b.notes = nil
}

// update is what a refresh does, and says whether the process survived it.
func (b *bench) update(ctx context.Context, payload string) (survived bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			if r != (kill{}) {
				panic(r)
			}
			survived, err = false, nil
		}
	}()
	i := b.open()
	release, err := i.Lock(ctx)
	if err != nil {
		return true, err
	}
	defer release() // as the kernel does for a process that died
	if _, err := i.Load(ctx); err != nil {
		return true, err
	}
	if err := i.Reserve(ctx); err != nil {
		return true, err
	}
	return true, i.Save(ctx, []byte(payload))
}

func (b *bench) stored(t *testing.T) envelope {
	t.Helper()
	raw, err := b.faulty.backend.get(t.Context(), b.o.Account)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decodeEnvelope(raw)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func files(t *testing.T, parts ...string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(parts...))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// checkPrivate checks that nothing under dir shows a canary or its own key,
// and that nobody else may look.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		seen++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, secret := range []string{"CANARY", "AGE-SECRET-KEY"} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d files looked at, %v", seen, err)
	}
}
