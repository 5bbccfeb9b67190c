package bulk

import (
	"errors"
	"os"
	"runtime"

	"github.com/gofrs/flock"
)

// ErrBusy is about a journal that another process is writing.
var ErrBusy = errors.New("another process is at work on it")

// A lock keeps a second process from a journal. It is held on a file of its own beside it, since Windows lets nobody read what is
// locked, and by the system, so that a kill frees it.
type lock struct{ held *flock.Flock }

func lockBeside(journal string) (*lock, error) {
	path := journal + ".lock"
	for {
		held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		ok, err := held.TryLock()
		switch {
		case err != nil:
			return nil, inputError(path, err)
		case !ok:
			return nil, inputError(journal, ErrBusy)
		}
		mine, err := held.Stat()
		if there, errThere := os.Lstat(path); err == nil && errThere == nil && os.SameFile(mine, there) {
			return &lock{held}, nil
		}
		_ = held.Unlock() // its file was removed meanwhile; who comes now takes another
	}
}

// release removes the file while it is held, so that nobody waits for what is not there. Windows removes no open file, and
// afterwards none that another process has opened.
func (l *lock) release() {
	path := l.held.Path()
	_ = os.Remove(path)
	_ = l.held.Unlock()
	if runtime.GOOS == "windows" {
		_ = os.Remove(path)
	}
}
