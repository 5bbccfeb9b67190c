package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// An Input is a text of rows that can be read more than once: a file, or what was kept of a pipe.
type Input struct {
	file    *os.File
	Spooled bool // it came from a pipe: no file can be named after it
}

// Open opens a file of rows. What is no regular file, such as a pipe, is spooled.
func Open(name string) (*Input, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, inputError(name, err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("it is a folder")
	case info.Mode().IsRegular():
		return &Input{file: file}, nil
	default:
		var in *Input
		if in, err = Spool(file); err == nil {
			file.Close() // it was read to its end
			return in, nil
		}
	}
	file.Close()
	return nil, inputError(name, err)
}

// Spool keeps all of a pipe in a private temporary file, for rows are checked before the first is sent.
func Spool(pipe io.Reader) (*Input, error) {
	file, err := private()
	if err != nil {
		return nil, fmt.Errorf("keep the input in %s: %w", os.TempDir(), cause(err))
	}
	if _, err := io.Copy(file, pipe); err != nil {
		file.Close()
		return nil, err
	}
	return &Input{file: file, Spooled: true}, nil
}

// Close gives the file up.
func (in *Input) Close() error { return in.file.Close() }

// text is the whole input from its beginning. Several can be read at a time.
func (in *Input) text() io.Reader { return io.NewSectionReader(in.file, 0, 1<<62) }

func inputError(name string, err error) error { return fmt.Errorf("%s: %w", name, cause(err)) }

// cause leaves out the name that stands in the message already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// byteOrderMark is that of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// begin passes a byte order mark and tells JSON from CSV by the first character that is no blank.
func begin(r *bufio.Reader) (json bool, err error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.IndexByte(head, 0) >= 0 {
		return false, &Fault{Why: "this is UTF-16: save it as UTF-8"}
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		_, _ = r.Discard(len(byteOrderMark)) // they were there
	}
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		switch {
		case errors.Is(err, io.EOF):
			return false, &Fault{Why: "it is empty"}
		case errors.Is(err, bufio.ErrBufferFull):
			return false, &Fault{Why: "it begins with nothing but blanks"}
		case err != nil:
			return false, err
		case bytes.IndexByte([]byte(" \t\r\n"), head[n-1]) < 0:
			return head[n-1] == '[' || head[n-1] == '{', nil
		}
	}
}

// maxRow is how large a row may be, in bytes as it is written: far more than a request may be, and little enough to be held.
const maxRow = 16 << 20

// A meter ends a text in which one row is too large, before it is in memory.
type meter struct {
	r    io.Reader
	left int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLarge
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// row begins a row.
func (m *meter) row() { m.left = maxRow }

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxRow>>20)
