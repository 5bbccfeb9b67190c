package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// source is a file to be uploaded.
type source struct {
	path string // - for stdin
	name string // of the document
}

// sentFile is a file while it is sent. It may be read more than once, as after a renewal of the session.
type sentFile struct {
	content  io.ReaderAt
	size     int64
	close    func()
	progress *terminal.Transfers

	file   *os.File // nil: what came from a pipe, which nobody changes
	before fs.FileInfo
	end    context.CancelCauseFunc

	mu   sync.Mutex // guards what follows: an attempt that is given up may still be reading
	most int64      // how far it was ever read
}

var errChanged = errors.New("the file was changed while it was sent")

// open opens a file; end ends what it is read for. What has no length, as a pipe, is kept on disk first.
func (f source) open(ctx context.Context, a *app, end context.CancelCauseFunc) (*sentFile, error) {
	sent := &sentFile{close: func() {}, end: end}
	pipe := a.env.Stdin
	if f.path != "-" {
		file, err := os.Open(f.path)
		if err != nil {
			return nil, err
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			return nil, err
		}
		if info.Mode().IsRegular() {
			sent.content, sent.size, sent.file, sent.before = file, info.Size(), file, info
			sent.close = func() { file.Close() }
			return sent, nil
		}
		defer file.Close()
		pipe = file
	}
	var err error
	if sent.content, sent.size, sent.close, err = workfront.Spool("", terminal.Reader(ctx, pipe)); err != nil {
		return nil, fmt.Errorf("keep what is to be sent: %w", err)
	}
	return sent, nil
}

// ReadAt ends the request if the file cannot be read as it was: to send it again would not help.
func (s *sentFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.content.ReadAt(p, at)
	s.mu.Lock()
	if more := at + int64(n) - s.most; more > 0 {
		s.most += more
		s.progress.Moved(int(more))
	}
	s.mu.Unlock()
	switch {
	case errors.Is(err, io.EOF) && at+int64(n) < s.size:
		s.end(errChanged)
	case err != nil && !errors.Is(err, io.EOF):
		s.end(err)
	}
	return n, err
}

// unchanged makes sure that what was sent is the file.
func (s *sentFile) unchanged() error {
	if s.file == nil {
		return nil
	}
	after, err := s.file.Stat()
	if err == nil && (after.Size() != s.before.Size() || !after.ModTime().Equal(s.before.ModTime())) {
		err = errChanged
	}
	return err
}
