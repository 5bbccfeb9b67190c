package secrets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// readFile returns what is in a file of this user's, or nil, nil when there is
// none.
func readFile(path string) ([]byte, error) {
	data, _, err := readOwn(path)
	return data, err
}

// readOwn is readFile that also has a note, if others could have read or changed
// the file. It then has the mode 0600 again, where the file system lets it.
func readOwn(path string) (data []byte, note string, err error) {
	f, err := openOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	if !info.Mode().IsRegular() {
		return nil, "", errors.New("it is not a plain file")
	}
	if uid, ok := stranger(info); ok {
		return nil, "", fmt.Errorf("it belongs to another user (%d)", uid)
	}
	if wide := tooWide(info); wide != 0 {
		note = fmt.Sprintf("others could read or change %s (mode %04o); now it has 0600", path, wide)
		_ = f.Chmod(0o600) // some file systems say yes and keep no modes
		if info, err = f.Stat(); err == nil && tooWide(info) != 0 {
			note = fmt.Sprintf("others can read or change %s (mode %04o), and its file system keeps no other mode", path, wide)
		}
	}
	data, err = io.ReadAll(f)
	return data, note, err
}
