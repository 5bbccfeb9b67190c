//go:build unix

package secrets

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What a stranger lays where a temporary file will be is not written through,
// and not waited for.
func TestPlantedTemporaryFile(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(victim, path string) error{
		"symlink":   os.Symlink,
		"dangling":  func(victim, path string) error { return os.Symlink(victim+".new", path) },
		"hard link": os.Link,
		"pipe":      func(_, path string) error { return syscall.Mkfifo(path, 0o600) },
		"file":      func(_, path string) error { return os.WriteFile(path, []byte("longer than what is written"), 0o666) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.SealedDir = filepath.Join(o.SealedDir, "sealed")
			victim := filepath.Join(o.StateDir, "victim")
			if err := os.WriteFile(victim, []byte("of the user"), 0o644); err != nil {
				t.Fatal(err)
			}
			reserving(t, openFile(o), func(i *Item) { save(t, i, `{"n":1}`) })
			for _, path := range []string{openFile(o).where, openFile(o).recovery.path} {
				if err := plant(victim, temporary(path)); err != nil {
					t.Fatal(err)
				}
			}
			reserving(t, openFile(o), func(i *Item) { save(t, i, `{"n":2}`) })
			check(t, openFile(o), `{"n":2}`)
			if text, err := os.ReadFile(victim); string(text) != "of the user" || err != nil {
				t.Errorf("the user's file became %q, %v", text, err)
			}
			if _, err := os.Lstat(victim + ".new"); err == nil {
				t.Error("a file was made where the link led")
			}
			if err := os.Remove(victim); err != nil {
				t.Fatal(err)
			}
			checkPrivate(t, o.SealedDir)
			if left := files(t, o.SealedDir); len(left) != 2 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// A sealed file counts only if it is a plain file of this user's.
func TestSealedFileThatIsNoneOfOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lay  func(path string) error
		says string
	}{
		"a pipe":   {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "not a plain file"},
		"a folder": {func(path string) error { return os.Mkdir(path, 0o700) }, "not a plain file"},
		"a link":   {func(path string) error { return os.Symlink("/dev/null", path) }, "too many levels of symbolic links"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := openFile(options(t)) // one that was there before is followed, and then its target is the file
			if err := c.lay(i.where); err != nil {
				t.Fatal(err)
			}
			_, err := i.Load(t.Context())
			checkKind(t, err, Unusable)
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %q", err, c.says)
			}
		})
	}
}

// A file of another user is not read, by root either.
func TestFileOfAnotherUser(t *testing.T) {
	t.Parallel()
	path := "/etc/passwd" // root's
	if os.Geteuid() == 0 {
		o := options(t)
		save(t, openFile(o), `{"n":1}`)
		path = openFile(o).where
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
		_, err := openFile(o).Load(t.Context())
		checkKind(t, err, Unusable)
	}
	if data, _, err := readOwn(path); data != nil || err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// A sealed file that others could read is for the user alone again, and that is
// said once.
func TestSealedFileThatOthersCouldRead(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o644, 0o640, 0o622, 0o601} {
		o := options(t)
		save(t, openFile(o), `{"n":1}`)
		path := openFile(o).where
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		var notes []string
		o.Note = func(line string) { notes = append(notes, line) }
		check(t, openFile(o), `{"n":1}`)
		check(t, openFile(o), `{"n":1}`)
		if len(notes) != 1 || !strings.Contains(notes[0], path) {
			t.Errorf("mode %o: notes %q", mode, notes)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %o became %v, %v", mode, info.Mode(), err)
		}
	}
}
