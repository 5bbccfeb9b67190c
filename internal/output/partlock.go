package output

import (
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// A partLock keeps a second process from a part. It is held on a file of its own beside it, since Windows lets nobody write what is
// locked, and by the system, so that a kill frees it.
type partLock struct{ held *flock.Flock }

// lock tries to have the parts of the file for this process alone. Where it cannot, the file has a part that no other run sees.
func (p *Part) lock() bool {
	if p.held != nil {
		return true
	}
	path := filepath.Join(p.folder, partPrefix+p.key+".lock")
	for {
		held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		if ok, err := held.TryLock(); !ok || err != nil {
			return false
		}
		mine, err := held.Stat()
		if there, errThere := os.Lstat(path); err == nil && errThere == nil && os.SameFile(mine, there) {
			p.held = &partLock{held}
			return true
		}
		_ = held.Unlock() // its file was removed meanwhile; who comes now takes another
	}
}

// unlock removes the lock's file while it is held, so that nobody waits for what is not there. Windows removes no open file.
func (p *Part) unlock() {
	if p.held == nil {
		return
	}
	path := p.held.held.Path()
	if runtime.GOOS != "windows" {
		_ = os.Remove(path)
	}
	_ = p.held.held.Unlock()
	if runtime.GOOS == "windows" {
		_ = os.Remove(path)
	}
	p.held = nil
}
