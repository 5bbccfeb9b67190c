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
func writeFile(path string, data []byte) (err error) {
	dir, tmp := filepath.Dir(path), temporary(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			_ = os.Remove(tmp)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := renamed(tmp, path); err != nil {
		return err
	}
	return syncDir(dir)
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
