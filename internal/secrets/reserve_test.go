package secrets

import (
	"os"
	"path/filepath"
	"testing"
)

// Where room was made for it, a first save that the store refuses is kept.
func TestFirstSaveThatIsReservedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	underLock(t, b.open(), func(i *Item) {
		check(t, i, "")
		if err := i.Reserve(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.faulty.beforeSet = refuse
		save(t, i, `{"n":1}`)
	})
	b.heal()
	check(t, b.open(), `{"n":1}`)
}

// A login that comes to nothing leaves nothing; one that has an earlier session
// leaves that.
func TestAbandon(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	abandon := func() {
		t.Helper()
		if err := b.open().Abandon(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	abandon()
	reserving(t, b.open(), func(*Item) {})
	if e := b.stored(t); !isIdentity(e.Identity) || e.Generation != 0 {
		t.Errorf("reserving has left generation %d", e.Generation)
	}
	check(t, b.open(), "")
	abandon()
	if raw := b.has(t); raw != nil {
		t.Errorf("%d bytes are left", len(raw))
	}
	for _, payload := range []string{`{"n":1}`, `{"n":2}`} {
		if _, err := b.update(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
		abandon()
		check(t, b.open(), payload)
	}
	if left := files(t, b.o.StateDir, "recovery"); len(left) > 1 {
		t.Errorf("left behind: %q", left)
	}
}

// What Reserve has taken is given back, used or not, and once more after a crash.
func TestReserveLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	save(t, b.open(), `{"n":1}`)
	tmp := temporary(b.open().recovery.path)
	if err := os.MkdirAll(filepath.Dir(tmp), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tmp, []byte("of a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	underLock(t, b.open(), func(i *Item) {
		for range 2 {
			if err := i.Reserve(t.Context()); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(tmp); err != nil || info.Size() < spare {
				t.Fatalf("taken: %v, %v", info, err)
			}
		}
	})
	if left := files(t, b.o.StateDir, "recovery"); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	reserving(t, b.open(), func(i *Item) {
		save(t, i, `{"n":2}`)
		save(t, i, `{"n":3}`)
	})
	if left := files(t, b.o.StateDir, "recovery"); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	check(t, b.open(), `{"n":3}`)
}
