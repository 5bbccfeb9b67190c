package secrets

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fill makes the next write of a new version of path fail for want of space. It
// puts /dev/full where the temporary file would be, so that the error is the
// kernel's own; the failing write removes it.
func fill(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", temporary(path)); err != nil {
		t.Fatal(err)
	}
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	o := options(t)
	save(t, openFile(o), `{"n":1}`)
	item, recovery := openFile(o).where, openFile(o).recovery.path

	// Both full: an error, and the old session stays.
	fill(t, item)
	fill(t, recovery)
	err := openFile(o).Save(t.Context(), []byte(`{"n":2}`))
	checkKind(t, err, Unusable)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space", err)
	}
	check(t, openFile(o), `{"n":1}`)

	// No room for the recovery file only: the write itself is enough.
	fill(t, recovery)
	save(t, openFile(o), `{"n":3}`)
	check(t, openFile(o), `{"n":3}`)

	// No room for the item only: kept beside it until there is.
	fill(t, item)
	notes := 0
	o.Note = func(string) { notes++ }
	save(t, openFile(o), `{"n":4}`)
	if notes != 1 {
		t.Errorf("%d notes, want 1", notes)
	}
	check(t, openFile(o), `{"n":4}`)
	check(t, openFile(o), `{"n":4}`)
	if openFile(o).recovery.exists() {
		t.Error("the item was not put right")
	}

	fill(t, openFile(o).backend.(*sealedFiles).path(o.Account+".probe"))
	checkKind(t, openFile(o).Probe(t.Context()), Unusable)
}
