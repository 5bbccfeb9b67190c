package output

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrOther is about bytes that are not the rest of what is there.
var ErrOther = errors.New("what came is not the rest of the same file")

// A Part is a file that is not whole yet, in the folder where it will be. It stays for another run only if that can ask for its rest: then
// it is a hidden file, and its name says what it is a part of. Otherwise it has no name where the system has such files.
type Part struct {
	folder string
	key    string
	left   []string // names of earlier runs' parts
	held   *partLock

	file      *os.File // nil: nothing is there
	temp      string   // its name; empty: it has none
	validator string
	keeps     bool // another run can go on
	failed    bool // it could not be written to

	size, at int64 // what is there, and where the next write goes
	disk     *settling
}

// overlap is how much is asked for again of what is there: after a crash, or from a server that does not do as it says, the end may be
// another file's.
const overlap = 64 << 10

// Has is from where on the file is wanted, and the validator of what is there before.
func (p *Part) Has() (size int64, validator string) {
	if p.validator == "" {
		return 0, ""
	}
	return max(0, p.size-overlap), p.validator
}

// Size is how much is there.
func (p *Part) Size() int64 { return p.size }

// Begin says where the next bytes belong. At 0 a file begins anew: with a validator, and where parts are sent on demand, another run can
// go on with it.
func (p *Part) Begin(from int64, validator string, resumes bool) error {
	if from > 0 {
		if p.file == nil || from > p.size {
			return ErrOther
		}
		p.at = from
		return nil
	}
	p.drop()
	p.forget()
	p.validator = validator
	if name := p.nameFor(validator); name != "" && resumes && p.lock() {
		path := filepath.Join(p.folder, name)
		_ = os.Remove(path) // of an earlier run; if it is anything else, it stays
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			p.file, p.temp, p.keeps = file, path, true
			return nil
		}
	}
	var err error
	if p.file, p.temp, err = createPart(filepath.Join(p.folder, "part"), 0o666); err != nil {
		p.failed = true
		return fileError(p.folder, err)
	}
	return nil
}

// Write goes on where the last one ended. What is there already must be the same.
func (p *Part) Write(b []byte) (n int, err error) {
	if again := min(int64(len(b)), p.size-p.at); again > 0 {
		there := make([]byte, again)
		if _, err := p.file.ReadAt(there, p.at); err != nil && !errors.Is(err, io.EOF) {
			return 0, fileError(p.folder, err)
		}
		if !bytes.Equal(there, b[:again]) {
			return 0, ErrOther
		}
		p.at += again
		n = int(again)
	}
	if n < len(b) {
		m, err := p.file.WriteAt(b[n:], p.at)
		n, p.at, p.size = n+m, p.at+int64(m), p.at+int64(m)
		if err != nil {
			p.failed = true
			return n, fileError(p.folder, err)
		}
		if p.disk == nil {
			p.disk = &settling{asked: p.at - int64(m)}
		}
		p.disk.to(p.file, p.at)
	}
	return n, nil
}

// Place gives the file, which is whole, a name in its folder, or another one like it if something has that: it replaces nothing. It is
// done with then, whether that worked or not.
func (p *Part) Place(name string) (path string, err error) {
	defer p.unlock()
	if err := p.settle(); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		path = filepath.Join(p.folder, numbered(name, n))
		err := p.place(path)
		if errors.Is(err, fs.ErrExist) && n < 100_000 {
			continue
		}
		if err != nil {
			p.drop()
			return "", fileError(path, err)
		}
		p.forget()
		return path, nil
	}
}

// settle makes the file whole also after a power cut.
func (p *Part) settle() error {
	if p.disk == nil {
		p.disk = &settling{}
	}
	if err := p.disk.end(p.file); err != nil {
		p.drop()
		return fileError(p.folder, err)
	}
	return nil
}

// place makes path the file's name, if nothing has it.
func (p *Part) place(path string) error {
	if p.temp == "" {
		if err := link(p.file, path); err != nil {
			return err
		}
		return p.file.Close()
	}
	err := os.Link(p.temp, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return err
	case err == nil:
		return errors.Join(p.file.Close(), os.Remove(p.temp))
	}
	// A file system without links: the name is taken first, and then the file put in its place.
	taken, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), p.file.Close(), replace(p.temp, path)); err != nil {
		_ = os.Remove(path) // it is empty
		return err
	}
	return nil
}

// Replace puts the file, which is whole, in the place of the one of this name, as [File.Commit] does.
func (p *Part) Replace(name string) error {
	defer p.unlock()
	to, old, err := target(name)
	if err == nil && old != nil && !old.Mode().IsRegular() {
		err = fileError(name, errors.New("it has become something else than a file"))
	}
	if err != nil {
		p.drop()
		return err
	}
	if err := p.settle(); err != nil {
		return err
	}
	f := &File{name: name, part: p.file, temp: p.temp, to: to}
	if old != nil {
		keepOwner(f.part, old)
		if err := f.part.Chmod(old.Mode().Perm()); err != nil {
			f.Discard()
			return fileError(name, err)
		}
	}
	if err := f.Commit(); err != nil {
		return err
	}
	p.forget()
	return nil
}

// Leave ends a file that is not whole. What is kept of it for another run is told; all else goes.
func (p *Part) Leave() (kept int64) {
	defer p.unlock()
	if !p.keeps || p.failed || p.size == 0 {
		p.drop()
		return 0
	}
	_ = p.file.Close() // what is not on the disk is found out by the overlap
	return p.size
}

// Discard ends a file of which nothing is wanted.
func (p *Part) Discard() {
	p.drop()
	p.unlock()
}

// drop removes what is there.
func (p *Part) drop() {
	if p.file != nil {
		_ = p.file.Close() // nothing of it is wanted
		if p.temp != "" {
			_ = os.Remove(p.temp) // all that can be done
		}
	}
	p.file, p.temp, p.validator, p.keeps, p.size, p.at, p.disk = nil, "", "", false, 0, 0, nil
}
