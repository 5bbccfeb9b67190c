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
	f, err := create(temporary(path), data)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = renamed(temporary(path), path)
	}
	if err != nil {
		_ = os.Remove(temporary(path))
		return err
	}
	return syncDir(filepath.Dir(path))
}

// writeFileAtOnce is writeFile for what has to be there as soon as can be: once
// it has its name, a kill loses it no more, and only then is it made to survive
// a power cut as well. Windows cannot rename an open file.
func writeFileAtOnce(path string, data []byte) error {
	if runtime.GOOS == "windows" {
		return writeFile(path, data)
	}
	f, err := create(temporary(path), data)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.Rename(temporary(path), path); err != nil {
		_ = os.Remove(temporary(path))
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// create writes a new file, or leaves none.
func create(path string, data []byte) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
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

// syncDir makes a rename in dir survive a power cut. Windows cannot do that
// and keeps its directories in a journal instead.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// readFile is os.ReadFile that returns nil, nil when there is no such file.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
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
