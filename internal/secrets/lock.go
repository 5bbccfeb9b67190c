package secrets

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A locker excludes others from what one credential's holder does. It is not
// reentrant.
type locker interface {
	lock(ctx context.Context) (release func(), err error)
	tryLock() (release func(), ok bool)
}

// fileLock excludes other processes, and other goroutines of this one. The
// kernel frees it when its holder dies. The file has no content and is never
// removed: a process that waits on a removed file would be alone with its lock.
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
		return nil, fault(Unusable, filepath.Dir(l.path), "%w", pathCause(err))
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault(Unusable, l.path, "lock: %w", pathCause(err))
	}
	_ = file.Close() // nothing was written
	return flock.New(l.path, flock.SetFlag(os.O_RDWR)), nil
}

// lock waits in the kernel's queue rather than polling: with many processes
// waiting, the slowest then waits a good deal less. A waiter cannot leave that
// queue, so one whose ctx ends stays in it and gives the lock back on getting it.
func (l *fileLock) lock(ctx context.Context) (func(), error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, l.patience,
		fault(LockTimeout, l.path, "another process has held this lock for %v", l.patience))
	defer cancel()
	if l.waiting != nil {
		note := time.AfterFunc(lockNoteAfter, l.waiting)
		defer note.Stop()
	}
	locked := make(chan error, 1)
	go func() { locked <- f.Lock() }()
	select {
	case err := <-locked:
		if err != nil {
			return nil, fault(Unusable, l.path, "lock: %w", pathCause(err))
		}
		return func() { _ = f.Unlock() }, nil
	case <-ctx.Done():
		go func() {
			if <-locked == nil {
				_ = f.Unlock()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

func (l *fileLock) tryLock() (func(), bool) {
	f, err := l.open()
	if err != nil {
		return nil, false
	}
	if ok, err := f.TryLock(); !ok || err != nil {
		return nil, false
	}
	return func() { _ = f.Unlock() }, true
}

// A turn is the lock of a store that only this process can reach: whoever
// takes the one token out of the channel has it.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t <- struct{}{}
	return t
}

func (t turn) lock(ctx context.Context) (func(), error) {
	select {
	case <-t:
		return t.release, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t turn) tryLock() (func(), bool) {
	select {
	case <-t:
		return t.release, true
	default:
		return nil, false
	}
}

func (t turn) release() { t <- struct{}{} }
