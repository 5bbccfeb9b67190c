package objectstore

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// contents keeps what was uploaded: small things in memory, all else in one private file in blocks, so that memory is flat
// whatever comes in. The file has no name where the system allows that, and then goes with the process.
type contents struct {
	mu     sync.Mutex // guards what follows; a content does not change once it is there
	byName map[string]*content
	spill  *os.File
	named  bool
	blocks int64
}

const (
	smallContent = 16 << 10
	contentBlock = 256 << 10
)

// content is the bytes of one upload.
type content struct {
	name   string // of the file as it was sent
	size   int64
	small  []byte
	blocks []int64 // where in the file its blocks are
	file   *os.File
}

// Upload keeps what r gives until the store is closed, and returns the handle by which a document can be made of it.
func (s *Store) Upload(fileName string, r io.Reader) (handle string, err error) {
	c := &content{name: fileName}
	block := make([]byte, contentBlock)
	for {
		n, err := io.ReadFull(r, block)
		c.size += int64(n)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return "", err
		}
		if last && c.blocks == nil && n <= smallContent {
			c.small = append([]byte(nil), block[:n]...)
			break
		}
		if n > 0 {
			if err := s.contents.write(c, block[:n]); err != nil {
				return "", err
			}
		}
		if last {
			break
		}
	}
	return s.contents.put(c), nil
}

func (k *contents) put(c *content) string {
	var random [16]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	handle := hex.EncodeToString(random[:])
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byName[handle] = c
	return handle
}

func (k *contents) get(handle string) (*content, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.byName[handle]
	return c, ok
}

// write appends a block to a content.
func (k *contents) write(c *content, block []byte) error {
	at, err := k.reserve()
	if err != nil {
		return err
	}
	c.file = k.spill
	c.blocks = append(c.blocks, at)
	_, err = c.file.WriteAt(block, at*contentBlock)
	return err
}

// reserve gives the number of a free block, in a file that is made when first needed.
func (k *contents) reserve() (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.spill == nil {
		file, err := os.CreateTemp("", "wfauth-emulator-*")
		if err != nil {
			return 0, fmt.Errorf("keep an upload: %w", err)
		}
		k.spill, k.named = file, os.Remove(file.Name()) != nil
	}
	k.blocks++
	return k.blocks - 1, nil
}

// Close gives back what uploads took on disk. The store must not be used any more.
func (s *Store) Close() error {
	k := &s.contents
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.spill == nil {
		return nil
	}
	err := k.spill.Close()
	if k.named {
		err = errors.Join(err, os.Remove(k.spill.Name()))
	}
	k.spill = nil
	return err
}

// ReadAt reads from anywhere in a content, as io.ReaderAt has it.
func (c *content) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, os.ErrInvalid
	}
	for n < len(p) && off < c.size {
		rest := p[n:min(int64(len(p)), int64(n)+c.size-off)]
		m := 0
		if c.blocks == nil {
			m = copy(rest, c.small[off:])
		} else {
			within := off % contentBlock
			rest = rest[:min(int64(len(rest)), contentBlock-within)]
			if m, err = c.file.ReadAt(rest, c.blocks[off/contentBlock]*contentBlock+within); m == 0 && err != nil {
				return n, err
			}
		}
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
