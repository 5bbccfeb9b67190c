package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// replaced writes text by a File, to the end that is given.
func replaced(t *testing.T, name, text string, end func(*File) error) error {
	t.Helper()
	f, err := CreateFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return end(f)
}

// holds wants a folder to have these files and no other.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if wanted, ok := want[e.Name()]; !ok || err != nil || string(text) != wanted {
			t.Errorf("%s holds %q, %v", e.Name(), text, err)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, not %d", len(entries), len(want))
	}
}

func discard(f *File) error { f.Discard(); return nil }

func TestFileIsReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "out.csv")
	if err := replaced(t, name, "first", func(f *File) error {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a reader sees it before it is whole: %v", err)
		}
		return f.Commit()
	}); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"out.csv": "first"})
	if err := replaced(t, name, "second", discard); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"out.csv": "first"})
	if err := replaced(t, name, "third", func(f *File) error {
		if text, err := os.ReadFile(name); string(text) != "first" || err != nil {
			t.Errorf("a reader sees %q, %v", text, err)
		}
		return f.Commit()
	}); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"out.csv": "third"})
}

// The hidden file of systems that have none without a name.
func TestFileBesideIsRemoved(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*File) error{"commit": (*File).Commit, "discard": discard} {
		dir := t.TempDir()
		f := &File{name: "given", to: filepath.Join(dir, "out")}
		var err error
		if f.part, f.temp, err = createNamed(f.to, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("text")); err != nil {
			t.Fatal(err)
		}
		if err := end(f); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		if name == "commit" {
			want["out"] = "text"
		}
		holds(t, dir, want)
	}
	// What cannot be put in its place goes, too.
	dir := t.TempDir()
	f := &File{name: "given", to: filepath.Join(dir, "out")}
	var err error
	if f.part, f.temp, err = createNamed(f.to, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(f.to, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil {
		t.Errorf("a folder is in its place: %v", err)
	}
	if err := os.Remove(f.to); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{})
}

func TestFileKeepsMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // modes are Unix's
	}
	name := filepath.Join(t.TempDir(), "out")
	plain, err := os.OpenFile(name+".plain", os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	want, err := plain.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{want.Mode(), 0o600, 0o664, 0o755} {
		if mode != want.Mode() {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
		if err := replaced(t, name, "text", (*File).Commit); err != nil {
			t.Fatal(err)
		}
		if got, err := os.Stat(name); err != nil || got.Mode() != mode {
			t.Errorf("mode %v, not %v: %v", got.Mode(), mode, err)
		}
	}
}

// A link stays, and where it leads is written, be there something or not.
func TestFileBehindALink(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	link, chain := filepath.Join(dir, "link"), filepath.Join(dir, "chain")
	if err := errors.Join(os.Symlink(filepath.Join(elsewhere, "out"), link), os.Symlink("link", chain)); err != nil {
		if runtime.GOOS == "windows" {
			return // wants a right that few have
		}
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second"} {
		if err := replaced(t, chain, text, (*File).Commit); err != nil {
			t.Fatal(err)
		}
		holds(t, elsewhere, map[string]string{"out": text})
		holds(t, dir, map[string]string{"link": text, "chain": text})
		if to, err := os.Readlink(link); err != nil || to != filepath.Join(elsewhere, "out") {
			t.Errorf("the link leads to %q, %v", to, err)
		}
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateFile(filepath.Join(dir, "loop")); err == nil {
		t.Error("a link to itself is taken")
	}
}

func TestFileThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	locked := filepath.Join(dir, "locked")
	if err := os.WriteFile(locked, []byte("as it was"), 0o400); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		dir:                              ErrFolder,
		filepath.Join(dir, "no", "file"): fs.ErrNotExist,
		locked:                           fs.ErrPermission,
	} {
		f, err := CreateFile(name)
		if f != nil && name == locked && os.Geteuid() == 0 { // whom no mode holds off
			f.Discard()
			continue
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	holds(t, dir, map[string]string{"locked": "as it was"})
}

// A device is written to, and not replaced.
func TestFileThatIsADevice(t *testing.T) {
	t.Parallel()
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(*File) error{(*File).Commit, discard} {
		if err := replaced(t, os.DevNull, "text", end); err != nil {
			t.Fatal(err)
		}
		if after, err := os.Stat(os.DevNull); err != nil || after.Mode() != before.Mode() {
			t.Errorf("it has become %v, %v", after.Mode(), err)
		}
	}
	f, err := CreateFile(os.DevNull)
	if err == nil {
		err = f.Commit() // nothing was written
	}
	if err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("/dev/full"); err == nil { // Linux's
		f, err := CreateFile("/dev/full")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("text")); err == nil || err.Error() != "/dev/full: no space left on device" {
			t.Errorf("a full device: %v", err)
		}
		f.Discard()
	}
}
