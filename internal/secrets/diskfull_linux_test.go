package secrets

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of its own, and gives a way to fill it up and
// to free it again.
func smallDisk(t *testing.T, limit string) (dir string, fill, free func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "mode=0700,"+limit); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	fill = func() {
		if err := os.MkdirAll(filler, 0o700); err != nil {
			t.Fatal(err)
		}
		block := make([]byte, 4096)
		if strings.Contains(limit, "inodes") {
			block = nil
		}
		for n := 0; ; n++ {
			err := os.WriteFile(filepath.Join(filler, strconv.Itoa(n)), block, 0o600)
			if errors.Is(err, syscall.ENOSPC) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	free = func() {
		if err := os.RemoveAll(filler); err != nil {
			t.Fatal(err)
		}
	}
	return dir, fill, free
}

// On a disk that is full nothing may be asked for whose answer could not be
// kept; and an answer whose room was taken is kept, however full the disk is by
// then. What is to be removed is removed.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"size=1m", "nr_inodes=40"} {
		for _, store := range []string{"file", "keyring"} {
			t.Run(store+" "+limit, func(t *testing.T) {
				t.Parallel()
				dir, fill, free := smallDisk(t, limit)
				b := newBench(t)
				b.o.StateDir, b.o.SealedDir = filepath.Join(dir, "state"), filepath.Join(dir, "sealed")
				open := b.open
				if store == "file" {
					open = func() *Item { return openFile(b.o) }
				}
				reserving(t, open(), func(i *Item) { save(t, i, `{"n":1}`) })

				fill()
				underLock(t, open(), func(i *Item) {
					check(t, i, `{"n":1}`)
					err := i.Reserve(t.Context())
					checkKind(t, err, NoRoom)
					if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no room for a new session") {
						t.Errorf("error %v", err)
					}
				})
				check(t, open(), `{"n":1}`)

				free()
				reserving(t, open(), func(i *Item) {
					fill()
					save(t, i, `{"n":2}`)
				})
				check(t, open(), `{"n":2}`)
				free()
				check(t, open(), `{"n":2}`)
				if left, err := filepath.Glob(filepath.Join(dir, "*", "*.tmp")); len(left) > 0 || err != nil {
					t.Errorf("left behind: %q, %v", left, err)
				}

				fill()
				underLock(t, open(), func(i *Item) {
					if err := i.Delete(t.Context()); err != nil {
						t.Error(err)
					}
				})
				check(t, open(), "")
			})
		}
	}
}

// The room is taken in full and is there, not only promised: a process that may
// write no file of that size learns it from Reserve. It needs no right to mount.
func TestReserveTakesTheRoomInFull(t *testing.T) {
	t.Parallel()
	s := setting{"file", t.TempDir(), t.TempDir()}
	reserving(t, s.open(), func(i *Item) { save(t, i, `{"n":1}`) })
	start(t, "reserve with small files", s).says(t, s.open().recovery.path+": there is no room for a new session: file too large")
	check(t, s.open(), `{"n":1}`)
}

// Each of the three: that of a file before it has its name, that of the
// recovery file after, and that of the folder. The kernel refuses one of them.
func TestEverythingIsSynced(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"sync file", "sync folder"} {
		c := start(t, role, setting{"file", t.TempDir(), t.TempDir()})
		for _, what := range []string{"written", "written at once"} {
			c.says(t, what+": input/output error")
		}
	}
	start(t, "sync room", setting{"file", t.TempDir(), t.TempDir()}).says(t, "taken: input/output error")
}
