package output

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// spillChunk is the usual one.
const spillChunk = 1 << 20

// A spill keeps rows until the last has come: the first megabyte in memory,
// more in a temporary file of which nobody else knows, and which goes by itself
// when the process ends, however it does.
type spill struct {
	chunk int      // what waits in memory before it goes to the file, in bytes
	file  *os.File // nil until it is needed
	kept  int64    // bytes of whole rows in the file
	buf   []byte   // what comes after them
	rows  int
}

// add keeps a copy of a row, behind its length. The row is kept even if the
// file is full.
func (s *spill) add(row jsontext.Value) error {
	s.buf = binary.AppendUvarint(s.buf, uint64(len(row)))
	s.buf = append(s.buf, row...)
	s.rows++
	if len(s.buf) < s.chunk {
		return nil
	}
	if s.file == nil {
		file, err := temporary()
		if err != nil {
			return spillError(err)
		}
		s.file = file
	}
	if _, err := s.file.WriteAt(s.buf, s.kept); err != nil {
		return spillError(err)
	}
	s.kept += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// each calls do for the rows, in order. A row holds during the call only.
func (s *spill) each(do func(jsontext.Value) error) error {
	source := io.Reader(bytes.NewReader(s.buf))
	if s.file != nil {
		source = io.MultiReader(io.NewSectionReader(s.file, 0, s.kept), source)
	}
	r := bufio.NewReaderSize(source, 256<<10)
	var row []byte
	for range s.rows {
		size, err := binary.ReadUvarint(r)
		if err == nil {
			row = slices.Grow(row[:0], int(size))[:size]
			_, err = io.ReadFull(r, row)
		}
		if err != nil {
			return spillError(err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// discard gives the rows up, and the file with them.
func (s *spill) discard() {
	if s.file != nil {
		s.file.Close() // whatever it says, nothing of the file is wanted
	}
	*s = spill{}
}

// A SpillError is a fault of the temporary file in which rows wait.
type SpillError struct{ Err error }

func (e *SpillError) Error() string {
	return fmt.Sprintf("rows wait in %s until the last has come, since not all columns are named: %v", os.TempDir(), e.Err)
}

func (e *SpillError) Unwrap() error { return e.Err }

// spillError leaves out the name of a file that nobody can look at.
func spillError(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return &SpillError{err}
}
