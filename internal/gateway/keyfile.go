package gateway

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxKeyFile is more than any key has, in bytes.
const maxKeyFile = 4 << 10

// KeyFile gives what is in a file with a key, which is made if there is none. One that others can read or change is an error, for then
// they have the key, or choose it.
func KeyFile(name string) (text string, err error) {
	if name == "" {
		return "", errors.New("the name of a file is wanted")
	}
	if text, err = makeKeyFile(name); err == nil || !errors.Is(err, fs.ErrExist) {
		return text, err
	}
	file, err := openKeyFile(name)
	if err != nil {
		return "", named(name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a plain file", name)
	}
	if why := shared(info); why != "" {
		return "", fmt.Errorf("%s %s", name, why)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	return string(content), err
}

// makeKeyFile writes a new key to a new file. Two gateways that start at once must not have two keys, so the file gets its name only
// when the key is in it.
func makeKeyFile(name string) (text string, err error) {
	if _, err := os.Lstat(name); err == nil {
		return "", fs.ErrExist
	}
	text = NewKey()
	part := name + "." + rand.Text() + ".part"
	defer os.Remove(part)
	if err = writeNew(part, text); err == nil {
		err = os.Link(part, name) // which never replaces a file, as a renaming would
	}
	if _, ok := errors.AsType[*os.LinkError](err); ok && !errors.Is(err, fs.ErrExist) { // the file system knows no links
		err = writeNew(name, text) // whoever reads it half written is told that it is too short
	}
	return text, named(name, err)
}

func writeNew(name, text string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text+"\n")
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// named is a fault of a file by the name that was given for it.
func named(name string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s: %w", name, e.Err)
	}
	return err
}
