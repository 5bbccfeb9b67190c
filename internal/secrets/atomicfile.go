package secrets

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// writeFile replaces path by data so that after a crash at any moment the old
// or the new content is there, whole. Missing folders are made 0700; the file
// is 0600. One writer at a time: the temporary name is fixed, so that crashes
// leave at most one such file.
func writeFile(path string, data []byte) error {
	r, err := makeRoom(path, 0)
	if err != nil {
		return err
	}
	return r.use(data, false)
}

// create writes a new file, or leaves none. What stands there already, left by
// a crash or laid by a stranger, is never opened: it could be a link to
// another file, or a pipe.
func create(path string, data []byte) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		_ = os.Remove(path)
		return nil, err
	}
	return f, nil
}

// renamed is os.Rename with patience: Windows refuses to replace a file while
// another process reads it.
func renamed(from, to string) error {
	for until := time.Now().Add(time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || time.Now().After(until) {
			return err
		}
	}
}

func temporary(path string) string { return path + ".tmp" }

// openDir opens a folder for syncDir; on Windows, which has no use for it, nil.
func openDir(dir string) (*os.File, error) {
	if runtime.GOOS == "windows" {
		return nil, nil
	}
	return os.Open(dir)
}

// syncDir makes a rename in a folder survive a power cut. Windows cannot do that
// and keeps its directories in a journal instead.
func syncDir(d *os.File) error {
	if d == nil {
		return nil
	}
	return d.Sync()
}

// removeFile removes path and what a crash of writeFile may have left beside
// it. It returns nil when there is no such file.
func removeFile(path string) error {
	for _, p := range []string{temporary(path), path} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
