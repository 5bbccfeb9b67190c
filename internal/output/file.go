package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// ErrFolder is about a name that is a folder's.
var ErrFolder = errors.New("it is a folder")

// A File is one that is replaced as a whole: what is written goes beside it,
// and takes its place with Commit. Until then, and after Discard, whoever reads
// it sees what it held before. A symbolic link stays, and the file that it leads
// to is replaced. What is no regular file, a device or a pipe, is written to as
// it is.
type File struct {
	name string   // as it was given
	part *os.File // what is written
	temp string   // its name; empty: it has none yet
	to   string   // what Commit replaces; empty: nothing
}

// CreateFile prepares the replacement of a file, which need not be there. A
// folder of that name, a missing folder and a file that may not be written to
// are errors that [ErrFolder], [fs.ErrNotExist] and [fs.ErrPermission] name.
// Nobody can see the new file before it is whole where the system has files
// without a name; elsewhere it is a hidden one in the same folder.
func CreateFile(name string) (*File, error) {
	path, old, err := target(name)
	if err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o666) // less what the user's mask says
	if old != nil {
		if !old.Mode().IsRegular() {
			return &File{name: name}, nil
		}
		mode = old.Mode().Perm()
	}
	f := &File{name: name, to: path}
	if f.part, f.temp, err = createPart(path, mode); err == nil && old != nil {
		keepOwner(f.part, old)
		err = f.part.Chmod(mode)
	}
	if err != nil {
		f.Discard()
		return nil, fileError(name, err)
	}
	return f, nil
}

// target is where a name leads, and what is there: nil for nothing. What may not be written to, and a folder, are errors.
func target(name string) (path string, old fs.FileInfo, err error) {
	if info, err := os.Stat(name); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return name, info, nil // where a link of the system leads, as /dev/stdout to a pipe, may have no name
	}
	path, err = followed(name)
	if err != nil {
		return "", nil, fileError(name, err)
	}
	old, err = os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, nil
	case err != nil:
		return "", nil, fileError(name, err)
	case old.IsDir():
		return "", nil, fileError(name, ErrFolder)
	case old.Mode().IsRegular():
		// A rename would replace what cannot be written to, without asking.
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return "", nil, fileError(name, err)
		}
		w.Close()
	}
	return path, old, nil
}

// Replaces tells whether the file is replaced, and not a device or a pipe.
func (f *File) Replaces() bool { return f.to != "" }

// followed is where a symbolic link leads, also where nothing is yet.
func followed(path string) (string, error) {
	for range 40 { // as many as Linux follows
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil // Stat will say what there is to say
		}
		link, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	return "", syscall.ELOOP
}

// Write writes to what will be the file. A pipe is opened by the first write,
// for that waits until someone reads.
func (f *File) Write(p []byte) (int, error) {
	if f.part == nil {
		file, err := os.OpenFile(f.name, os.O_WRONLY, 0)
		if err != nil {
			return 0, fileError(f.name, err)
		}
		f.part = file
	}
	n, err := f.part.Write(p)
	if err != nil {
		err = fileError(f.name, err)
	}
	return n, err
}

// Commit makes what was written the file, so that it is whole after a power cut
// as well. It is done with then, whether that worked or not.
func (f *File) Commit() error {
	if f.to == "" {
		return f.close()
	}
	err := f.part.Sync()
	if err == nil && f.temp == "" {
		temp := partName(f.to)
		if err = link(f.part, temp); err == nil {
			f.temp = temp
		}
	}
	if closed := f.close(); err == nil {
		err = closed // Windows renames no open file
	}
	if err == nil {
		err = replace(f.temp, f.to)
	}
	if err != nil {
		f.Discard()
		return fileError(f.name, err)
	}
	return nil
}

// Discard leaves the file as it was; nothing can be written to it any more. A
// device or a pipe keeps what it has.
func (f *File) Discard() {
	if f.to == "" {
		return // someone may still be waiting for it to open
	}
	_ = f.close() // whatever it says, nothing of it is wanted
	if f.temp != "" {
		_ = os.Remove(f.temp) // all that can be done
	}
}

func (f *File) close() error {
	if f.part == nil {
		return nil
	}
	return f.part.Close()
}

// createNamed creates a hidden file beside path.
func createNamed(path string, mode fs.FileMode) (part *os.File, temp string, err error) {
	temp = partName(path)
	part, err = os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, "", err
	}
	return part, temp, nil
}

// partName is a name that nothing else has.
func partName(path string) string {
	return filepath.Join(filepath.Dir(path), ".wfauth-"+rand.Text()+".part")
}

// replace is os.Rename with patience: Windows refuses to replace a file while
// another process reads it.
func replace(from, to string) error {
	for until := time.Now().Add(time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || time.Now().After(until) {
			return err
		}
	}
}

// fileError names the file as it was given, and not what stands beside it.
func fileError(name string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}
