package bulk

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
)

// doubles finds texts that stand twice among any number, in little memory: their hashes are sorted, so many at a time, and wait in a
// temporary file to be merged. 128 bits with a seed of their own do not meet by chance.
type doubles struct {
	chunk  int // how many are sorted at a time
	seeds  [2]maphash.Seed
	hashes []hashed
	file   *os.File
	kept   []int64 // where each sorted run ends in the file
}

// doublesChunk is the usual one: 3 MB.
const doublesChunk = 128 << 10

// hashedSize is that of one in the file.
const hashedSize = 24

type hashed struct{ a, b, row uint64 }

func (h hashed) compare(other hashed) int {
	return cmp.Or(cmp.Compare(h.a, other.a), cmp.Compare(h.b, other.b), cmp.Compare(h.row, other.row))
}

func (d *doubles) add(text string, row int) error {
	if d.hashes == nil {
		d.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	d.hashes = append(d.hashes, hashed{maphash.String(d.seeds[0], text), maphash.String(d.seeds[1], text), uint64(row)})
	if len(d.hashes) < d.chunk {
		return nil
	}
	return d.spill()
}

func (d *doubles) spill() error {
	if d.file == nil {
		file, err := private()
		if err != nil {
			return doublesError(err)
		}
		d.file = file
	}
	slices.SortFunc(d.hashes, hashed.compare)
	buf := make([]byte, 0, hashedSize*len(d.hashes))
	for _, h := range d.hashes {
		buf = binary.LittleEndian.AppendUint64(buf, h.a)
		buf = binary.LittleEndian.AppendUint64(buf, h.b)
		buf = binary.LittleEndian.AppendUint64(buf, h.row)
	}
	start := d.end()
	if _, err := d.file.WriteAt(buf, start); err != nil {
		return doublesError(err)
	}
	d.kept = append(d.kept, start+int64(len(buf)))
	d.hashes = d.hashes[:0]
	return nil
}

func (d *doubles) end() int64 {
	if len(d.kept) == 0 {
		return 0
	}
	return d.kept[len(d.kept)-1]
}

// each calls do with the row in which a text stands first and each other one that has it, by the second.
func (d *doubles) each(do func(first, second int)) error {
	slices.SortFunc(d.hashes, hashed.compare)
	runs := []func() (hashed, error){d.rest()}
	start := int64(0)
	for _, end := range d.kept {
		runs = append(runs, stored(bufio.NewReaderSize(io.NewSectionReader(d.file, start, end-start), 16<<10)))
		start = end
	}
	heads := make([]*hashed, len(runs))
	var first hashed
	for begun := false; ; begun = true {
		least := -1
		for i, next := range runs {
			if heads[i] == nil && next != nil {
				h, err := next()
				switch {
				case errors.Is(err, io.EOF):
					runs[i] = nil
					continue
				case err != nil:
					return doublesError(err)
				}
				heads[i] = &h
			}
			if heads[i] != nil && (least < 0 || heads[i].compare(*heads[least]) < 0) {
				least = i
			}
		}
		if least < 0 {
			return nil
		}
		h := *heads[least]
		heads[least] = nil
		if begun && h.a == first.a && h.b == first.b {
			do(int(first.row), int(h.row))
		} else {
			first = h
		}
	}
}

// rest gives what never went to the file.
func (d *doubles) rest() func() (hashed, error) {
	i := 0
	return func() (hashed, error) {
		if i == len(d.hashes) {
			return hashed{}, io.EOF
		}
		i++
		return d.hashes[i-1], nil
	}
}

func stored(r *bufio.Reader) func() (hashed, error) {
	return func() (h hashed, err error) {
		var buf [hashedSize]byte
		if _, err := io.ReadFull(r, buf[:]); err != nil {
			return h, err
		}
		return hashed{binary.LittleEndian.Uint64(buf[:]), binary.LittleEndian.Uint64(buf[8:]), binary.LittleEndian.Uint64(buf[16:])}, nil
	}
}

func (d *doubles) close() {
	if d.file != nil {
		d.file.Close() // whatever it says, nothing of it is wanted
	}
}

func doublesError(err error) error {
	return fmt.Errorf("look for doubles in %s: %w", os.TempDir(), cause(err))
}

// lowest keeps the first pairs of rows, as many as are shown, and counts the others.
type lowest struct {
	pairs []twins
	more  int
}

type twins struct{ first, second int }

func (l *lowest) add(first, second int) {
	at, _ := slices.BinarySearchFunc(l.pairs, second, func(p twins, row int) int { return cmp.Compare(p.second, row) })
	l.pairs = slices.Insert(l.pairs, at, twins{first, second})
	if len(l.pairs) > maxFaults {
		l.pairs = l.pairs[:maxFaults]
		l.more++
	}
}
