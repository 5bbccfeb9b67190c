package secrets

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// A keyring that ends before it has written to disk has the generation before,
// or for a first login the item of which nothing but the identity was kept. That
// may happen again to what a load has put right.
func TestKeyringThatComesBackOlder(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"of a first login": "", "of a renewal": `{"n":1}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if before == "" {
				reserving(t, b.open(), func(*Item) {})
			} else if _, err := b.update(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			older := b.has(t)
			check(t, b.open(), before)
			if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				check(t, b.open(), `{"n":2}`)
				b.wait(t) // the load is the first in an hour, but what it writes is new
				b.forget(t, older)
				check(t, b.open(), `{"n":2}`)
				if e := b.stored(t); string(e.Payload) != `{"n":2}` {
					t.Errorf("not put right: %s", e.Payload)
				}
				check(t, b.open(), `{"n":2}`)
				if !b.open().recovery.exists() {
					t.Fatal("the recovery file went before the store can have kept the item")
				}
			}
		})
	}
}

// A clock that was put right leaves a recovery file of the future: it goes.
func TestRecoveryFileOfTheFuture(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for n := range 2 {
		if _, err := b.update(t.Context(), fmt.Sprintf(`{"n":%d}`, n)); err != nil {
			t.Fatal(err)
		}
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(b.open().recovery.path, later, later); err != nil {
		t.Fatal(err)
	}
	check(t, b.open(), `{"n":1}`)
	if b.open().recovery.exists() {
		t.Error("it is still there")
	}
}

// meddling is a locker before whose next tryLock another process is quick.
type meddling struct {
	locker
	first func()
}

func (m meddling) tryLock() (hold, bool) {
	m.first()
	return m.locker.tryLock()
}

// What a load has seen may be old by the time it has the lock: it looks again
// before it writes over an item or removes a file.
func TestRepairLooksAgain(t *testing.T) {
	t.Parallel()
	for name, refusing := range map[string]func() error{"behind": nil, "rested": refuse} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			save(t, b.open(), `{"n":1}`)
			if name == "behind" {
				b.faulty.beforeSet = refuse
			}
			if _, err := b.update(t.Context(), `{"n":2}`); err != nil {
				t.Fatal(err)
			}
			b.heal()
			b.wait(t)
			i := b.open()
			i.locker = meddling{i.locker, func() {
				b.faulty.beforeSet = refusing // or not
				if _, err := b.update(t.Context(), `{"n":3}`); err != nil {
					t.Error(err)
				}
				b.heal()
			}}
			check(t, i, `{"n":2}`)
			if e := b.stored(t); string(e.Payload) != `{"n":3}` {
				t.Errorf("the store has %s", e.Payload)
			}
			check(t, b.open(), `{"n":3}`)
		})
	}
}
