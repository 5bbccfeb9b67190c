package secrets

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

func TestMove(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Getenv = secrettest.Keyring(t).Getenv
	keyring := func() *Item { return OpenKeyring(o) }
	file := func() *Item { return openFile(o) }
	ctx := t.Context()

	if err := Move(ctx, keyring(), file()); err != nil {
		t.Fatalf("move nothing: %v", err)
	}
	check(t, file(), "")
	for n, c := range []struct{ from, to func() *Item }{{keyring, file}, {file, keyring}} {
		save(t, c.to(), `{"old":1}`)
		for range 5 { // so that the older one has the higher generation
			save(t, c.to(), `{"old":2}`)
		}
		want := `{"n":` + string(rune('0'+n)) + `}`
		save(t, c.from(), want)
		if err := Move(ctx, c.from(), c.to()); err != nil {
			t.Fatal(err)
		}
		check(t, c.to(), want)
		check(t, c.from(), "")
		if err := Move(ctx, c.from(), c.to()); err != nil {
			t.Fatalf("move again: %v", err)
		}
		check(t, c.to(), want)
	}
}

// A move that fails leaves everything where it was.
func TestMoveThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	o := b.o
	o.Passphrase = func(context.Context) (string, error) { return "", nil }
	checkKind(t, Move(t.Context(), b.open(), openFile(o)), MissingPassphrase)
	check(t, b.open(), `{"n":1}`)

	file := openFile(b.o)
	save(t, file, `{"n":2}`)
	refusing := OpenMemory()
	refusing.backend = &faulty{backend: refusing.backend, beforeSet: refuse}
	if err := Move(t.Context(), file, refusing); !errors.Is(err, errRefused) {
		t.Fatalf("error %v, want the store's", err)
	}
	check(t, file, `{"n":2}`)
	release, ok := file.locker.tryLock()
	if !ok {
		t.Fatal("the lock is still held")
	}
	release()
}

// recorder notes the order in which locks are taken.
type recorder struct {
	locker
	name  string
	order *[]string
}

func (r recorder) lock(ctx context.Context) (func(), error) {
	*r.order = append(*r.order, r.name)
	return r.locker.lock(ctx)
}

// Two moves in opposite directions must not wait for each other.
func TestMovesLockInOneOrder(t *testing.T) {
	t.Parallel()
	var order []string
	item := func(where string) *Item {
		i := OpenMemory()
		i.where, i.locker = where, recorder{i.locker, where, &order}
		return i
	}
	a, b := item("a"), item("b")
	for _, err := range []error{Move(t.Context(), a, b), Move(t.Context(), b, a)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(order, ""); got != "abab" {
		t.Errorf("locked in the order %s, want abab", got)
	}
}
