package secrets

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A locker excludes others from what one credential's holder does. It is not
// reentrant.
type locker interface {
	lock(ctx context.Context) (hold, error)
	tryLock() (hold, bool)
}

// A hold is a lock that one has.
type hold struct {
	release func()
	stands  func() bool // nobody has removed it since, so nobody else can have it
}

// fileLock excludes other processes, and other goroutines of this one. The
// kernel frees it when its holder dies. The file has no content and is never
// removed by us: a process that waits on a removed file would be alone with its
// lock. Others may remove it, so a lock counts only while its file stands.
type fileLock struct {
	path     string
	patience time.Duration
	waiting  func() // called once after lockNoteAfter; may be nil
}

// open makes the file, so that a waiter whom nobody waits for any more finds one
// or fails: it makes nothing in a folder that may be about to go. O_RDWR is there
// because NFS refuses an exclusive lock on less.
func (l *fileLock) open() (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return nil, fault(unwritten(err), filepath.Dir(l.path), "%w", pathCause(err))
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		return nil, l.fault(err)
	}
	_ = file.Close() // nothing was written
	return flock.New(l.path, flock.SetFlag(os.O_RDWR|noFollow)), nil
}

func (l *fileLock) hold(f *flock.Flock) hold {
	return hold{
		release: func() { _ = f.Unlock() },
		stands: func() bool {
			mine, err := f.Stat()
			if err != nil {
				return false
			}
			there, err := os.Lstat(l.path)
			return err == nil && os.SameFile(mine, there)
		},
	}
}

func (l *fileLock) lock(ctx context.Context) (hold, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.patience,
		fault(LockTimeout, l.path, "another process has held this lock for %v", l.patience))
	defer cancel()
	if l.waiting != nil {
		note := time.AfterFunc(lockNoteAfter, l.waiting)
		defer note.Stop()
	}
	for {
		h, err := l.lockOnce(ctx)
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed before it was locked
		case err != nil || h.stands():
			return h, err
		default:
			h.release() // its file was removed meanwhile; who comes now takes another
		}
	}
}

// lockOnce waits in the kernel's queue rather than polling: with many processes
// waiting, the slowest then waits a good deal less. A waiter cannot leave that
// queue, so one whose ctx ends stays in it and gives the lock back on getting it.
func (l *fileLock) lockOnce(ctx context.Context) (hold, error) {
	if ctx.Err() != nil {
		return hold{}, context.Cause(ctx)
	}
	f, err := l.open()
	if err != nil {
		return hold{}, err
	}
	ok, err := f.TryLock()
	if ok {
		return l.hold(f), nil
	}
	if err != nil {
		return hold{}, l.fault(err)
	}
	locked := make(chan error, 1)
	go func() { locked <- f.Lock() }()
	select {
	case err := <-locked:
		if err != nil {
			return hold{}, l.fault(err)
		}
		return l.hold(f), nil
	case <-ctx.Done():
		go func() {
			if <-locked == nil {
				_ = f.Unlock()
			}
		}()
		return hold{}, context.Cause(ctx)
	}
}

func (l *fileLock) fault(err error) error {
	return fault(unwritten(err), l.path, "lock: %w", pathCause(err))
}

func (l *fileLock) tryLock() (hold, bool) {
	f, err := l.open()
	if err != nil {
		return hold{}, false
	}
	if ok, err := f.TryLock(); !ok || err != nil {
		return hold{}, false
	}
	h := l.hold(f)
	if !h.stands() {
		h.release()
		return hold{}, false
	}
	return h, true
}

// A turn is the lock of a store that only this process can reach: whoever
// takes the one token out of the channel has it.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t <- struct{}{}
	return t
}

func (t turn) lock(ctx context.Context) (hold, error) {
	select {
	case <-t:
		return t.hold(), nil
	case <-ctx.Done():
		return hold{}, context.Cause(ctx)
	}
}

func (t turn) tryLock() (hold, bool) {
	select {
	case <-t:
		return t.hold(), true
	default:
		return hold{}, false
	}
}

func (t turn) hold() hold {
	return hold{release: func() { t <- struct{}{} }, stands: func() bool { return true }}
}
