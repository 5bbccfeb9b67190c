package secrets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestLockTimeout(t *testing.T) {
	t.Parallel()
	o := options(t)
	release, err := openFile(o).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := openFile(o)
	l := late.locker.(*fileLock)
	l.patience = time.Millisecond
	_, err = late.Lock(t.Context())
	checkKind(t, err, LockTimeout)
	if !strings.Contains(err.Error(), l.path) {
		t.Errorf("error %v does not name %s", err, l.path)
	}
	release()
	if got := files(t, filepath.Dir(l.path)); len(got) != 1 {
		t.Errorf("lock files %q, want one", got)
	}
}

// Whoever gave up makes nothing any more: the folder may be going.
func TestLockThatWasGivenUp(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	stop := errors.New("stopped waiting")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	for i := range 1000 {
		l := &fileLock{path: filepath.Join(root, strconv.Itoa(i), "locks", "x.lock"), patience: time.Minute}
		ctx := ended
		if i%2 == 0 && runtime.GOOS != "windows" { // which keeps what is still open
			ctx, l.patience = t.Context(), 1
		}
		switch h, err := l.lock(ctx); {
		case err == nil:
			h.release() // it came before the end of its patience
		case ctx == ended && !errors.Is(err, stop):
			t.Fatalf("error %v, want the cause of the end", err)
		case ctx != ended:
			checkKind(t, err, LockTimeout)
		}
		if err := os.RemoveAll(filepath.Join(root, strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever gave up is still in the kernel's queue, and must pass on the lock. It
// is another process, without garbage collection, for that would close the file.
func TestLockThatComesTooLate(t *testing.T) {
	t.Parallel()
	s := setting{"file", t.TempDir(), t.TempDir()}
	release, err := s.open().Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start(t, "give up", s, "GOGC=off").says(t, "gave up")
	release()
	release, err = s.open().Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// A person at a terminal is told whom they wait for.
func TestLockNote(t *testing.T) {
	t.Parallel()
	o := options(t)
	notes := make(chan string, 1)
	o.Note = func(line string) { notes <- line }
	o.Interactive = true
	waiting := OpenKeyring(o).locker.(*fileLock).waiting
	if waiting == nil {
		t.Fatal("nothing is said at a terminal")
	}
	waiting()
	if got := <-notes; got != "another wfauth is refreshing acme…" {
		t.Errorf("note %q", got)
	}
	o.Interactive = false
	if OpenKeyring(o).locker.(*fileLock).waiting != nil {
		t.Error("something is said where there is no terminal")
	}
}

// A lock file that was removed keeps nobody out any more: who holds it learns so
// before it asks for anything, and who has waited for it takes the one that
// stands there now.
func TestLockFileThatWasRemoved(t *testing.T) {
	t.Parallel()
	o := options(t)
	reserving(t, openFile(o), func(i *Item) { save(t, i, `{"n":1}`) })
	first, second, third := openFile(o), openFile(o), openFile(o)
	release, err := first.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	inside := make(chan func(), 1)
	go func() {
		release, err := second.Lock(t.Context())
		if err != nil {
			t.Error(err)
		}
		inside <- release
	}()
	time.Sleep(20 * time.Millisecond) // mostly enough for it to wait
	if err := os.Remove(first.locker.(*fileLock).path); err != nil {
		t.Skipf("this system removes no file that is open: %v", err)
	}
	checkKind(t, first.Reserve(t.Context()), LockLost)
	releaseThird, err := third.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
	select {
	case releaseSecond := <-inside:
		releaseSecond()
		t.Error("two have the lock")
	case <-time.After(50 * time.Millisecond):
		releaseThird()
		(<-inside)()
	}
	if got := files(t, o.SealedDir); len(got) != 2 {
		t.Errorf("files %q, want the sealed one and its lock", got)
	}
}

// What stands in the place of a lock's file is named, and nobody has the lock.
func TestFolderInThePlaceOfALock(t *testing.T) {
	t.Parallel()
	o := options(t)
	i := openFile(o)
	if err := os.MkdirAll(i.where+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := i.Lock(t.Context())
	checkKind(t, err, Unusable)
	if !strings.Contains(err.Error(), i.where+".lock: lock: ") {
		t.Errorf("error %v", err)
	}
	if h, ok := i.locker.tryLock(); ok {
		h.release()
		t.Error("somebody has it")
	}
}
