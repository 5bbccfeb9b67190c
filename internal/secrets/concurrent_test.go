package secrets

import (
	"fmt"
	"sync"
	"testing"
)

// What was read under one lock says nothing under the next.
func TestEachLockReadsAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	i := b.open()
	release, err := i.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(t, i, `{"n":1}`)
	release()
	save(t, b.open(), `{"n":2}`) // another process
	if release, err = i.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer release()
	save(t, i, `{"n":3}`)
	if e := b.stored(t); e.Generation != 3 {
		t.Errorf("generation %d, want 3", e.Generation)
	}
}

// A goroutine that reads without the lock may be late with what it has read.
func TestLateReaderChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	i := b.open()
	late, err := i.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := i.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	save(t, i, `{"n":2}`)
	i.remember(late)
	save(t, i, `{"n":3}`)
	if e := b.stored(t); e.Generation != 3 {
		t.Errorf("generation %d, want 3", e.Generation)
	}
}

// Without the lock, a reader may see the item of one moment and the sealed
// file of the next.
func TestLargeItemThatShrinksMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.KeyringLimit = 1
	save(t, b.open(), `{"n":1}`)
	b.o.KeyringLimit = -1
	b.faulty.afterGet = func() { save(t, b.open(), `{"n":2}`) }
	check(t, b.open(), `{"n":2}`)
}

func TestItemInManyGoroutines(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := OpenMemory()
	i.recovery = b.open().recovery
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if err := count(t, i); err != nil {
					t.Error(err)
				}
				if _, err := i.Load(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	check(t, i, `{"n":40}`)
}

func count(t *testing.T, i *Item) error {
	release, err := i.Lock(t.Context())
	if err != nil {
		return err
	}
	defer release()
	payload, err := i.Load(t.Context())
	if err != nil {
		return err
	}
	return i.Save(t.Context(), fmt.Appendf(nil, `{"n":%d}`, number(payload)+1))
}
