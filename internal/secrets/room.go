package secrets

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
)

// A room is space on disk for a file, taken before there is anything to write:
// a disk that fills up meanwhile, and a process that has no descriptor left,
// then refuse nothing. It lies under the file's temporary name.
type room struct {
	path string
	file *os.File
	dir  *os.File // of path; nil on Windows
}

// makeRoom takes size bytes for a new version of path. They are random, for a
// file system that compresses would take nothing for zeros.
func makeRoom(path string, size int) (*room, error) {
	filling := make([]byte, size)
	_, _ = rand.Read(filling) // never fails
	file, err := create(temporary(path), filling)
	if err != nil {
		return nil, err
	}
	r := &room{path: path, file: file}
	if r.dir, err = openDir(filepath.Dir(path)); err == nil && size > 0 {
		err = file.Sync() // some file systems only now look for the space
	}
	if err != nil {
		r.free()
		return nil, err
	}
	return r, nil
}

// use makes data the new version of the file, and gives back the rest. At once
// means that it has its name as soon as can be, so that a kill loses it no more,
// and only then is made to survive a power cut as well; else it is the other way
// about, and no cut shows half of it. Windows cannot rename an open file.
func (r *room) use(data []byte, atOnce bool) error {
	defer r.free()
	if _, err := r.file.WriteAt(data, 0); err != nil {
		return err
	}
	if err := r.file.Truncate(int64(len(data))); err != nil {
		return err
	}
	if atOnce && runtime.GOOS != "windows" {
		if err := os.Rename(temporary(r.path), r.path); err != nil {
			return err
		}
		if err := r.file.Sync(); err != nil {
			return err
		}
		return syncDir(r.dir)
	}
	if err := r.file.Sync(); err != nil {
		return err
	}
	if err := r.file.Close(); err != nil {
		return err
	}
	if err := renamed(temporary(r.path), r.path); err != nil {
		return err
	}
	return syncDir(r.dir)
}

// free gives back what use has left; closing twice does no harm.
func (r *room) free() {
	_ = r.file.Close()
	if r.dir != nil {
		_ = r.dir.Close()
	}
	_ = os.Remove(temporary(r.path)) // not there after use
}
