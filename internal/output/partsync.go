package output

import (
	"os"
	"sync"
)

// settles is how much of a file may not be on the disk yet, in bytes, before the rest of it comes: the end does not have to wait for
// the whole then, nor does a signal.
const settles = 64 << 20

// settling brings a file to the disk while it comes.
type settling struct {
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows
	asked  int64      // up to where it is on the disk, or will be
	begun  bool
	failed error
}

// to has what was written up to a place brought to the disk, if that is worth it.
func (s *settling) to(file *os.File, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun || at-s.asked < settles {
		return
	}
	s.asked, s.begun = at, true
	s.running.Go(func() {
		err := file.Sync()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.begun = false
		if s.failed == nil {
			s.failed = err // the system tells it once
		}
	})
}

// end waits until all of the file is on the disk.
func (s *settling) end(file *os.File) error {
	s.running.Wait()
	if s.failed != nil {
		return s.failed
	}
	return file.Sync()
}
