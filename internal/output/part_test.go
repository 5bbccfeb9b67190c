package output

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const (
	partKey = "58d389be000000deb46805b72b41e3b4"
	partTag = `"tag-1"`
)

// contentOf are n bytes that are alike nowhere.
func contentOf(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(string(rune('a'+i%26)), 1+i%7))
		b.WriteByte(byte(i))
		b.WriteByte(byte(i >> 8))
	}
	return b.Bytes()[:n]
}

func partIn(t *testing.T, dir string) *Part {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f.Part(partKey)
}

// put writes to a part from a place on.
func put(t *testing.T, p *Part, from int64, tag string, content []byte) {
	t.Helper()
	if err := p.Begin(from, tag, true); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Write(content); n != len(content) || err != nil {
		t.Fatalf("%d bytes of %d, %v", n, len(content), err)
	}
}

func placed(t *testing.T, p *Part, name string) string {
	t.Helper()
	path, err := p.Place(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// What is not whole stays for another run, and goes on there; when it is whole nothing else is left.
func TestPartIsGoneOnWith(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := contentOf(200_000)
	p := partIn(t, dir)
	if has, tag := p.Has(); has != 0 || tag != "" {
		t.Errorf("%d bytes are there, %q", has, tag)
	}
	put(t, p, 0, partTag, content[:150_000])
	if kept := p.Leave(); kept != 150_000 {
		t.Errorf("%d bytes are kept", kept)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), ".wfauth-"+partKey+"-") {
		t.Errorf("left: %v", entries)
	}

	p = partIn(t, dir)
	has, tag := p.Has()
	if has != 150_000-overlap || tag != partTag {
		t.Errorf("%d bytes are there, %q", has, tag)
	}
	if kept := p.Leave(); kept != 150_000 { // nothing came
		t.Errorf("%d bytes are kept", kept)
	}
	p = partIn(t, dir)
	has, _ = p.Has()
	put(t, p, has, partTag, content[has:has+100])      // within what is there
	put(t, p, has, partTag, content[has:has+overlap])  // again, to its end
	put(t, p, has, partTag, content[has:150_000+5000]) // over it
	has, _ = p.Has()
	put(t, p, has, partTag, content[has:])
	if p.Size() != 200_000 {
		t.Errorf("%d bytes", p.Size())
	}
	if path := placed(t, p, "brief.pdf"); path != filepath.Join(dir, "brief.pdf") {
		t.Error(path)
	}
	holds(t, dir, map[string]string{"brief.pdf": string(content)})
}

// Nothing is left of what no other run could go on with.
func TestPartIsRemoved(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(t *testing.T, p *Part){
		"nothing came":       func(*testing.T, *Part) {},
		"not a byte came":    func(t *testing.T, p *Part) { put(t, p, 0, partTag, nil) },
		"no validator":       func(t *testing.T, p *Part) { put(t, p, 0, "", contentOf(9)) },
		"no parts are sent":  func(t *testing.T, p *Part) { _ = p.Begin(0, partTag, false); _, _ = p.Write(contentOf(9)) },
		"a long validator":   func(t *testing.T, p *Part) { put(t, p, 0, `"`+strings.Repeat("x", 200)+`"`, contentOf(9)) },
		"not to be kept":     func(t *testing.T, p *Part) { put(t, p, 0, partTag, contentOf(9)); p.Discard() },
		"could not be had":   func(t *testing.T, p *Part) { put(t, p, 0, partTag, contentOf(9)); p.failed = true },
		"begun anew without": func(t *testing.T, p *Part) { put(t, p, 0, partTag, contentOf(9)); put(t, p, 0, "", contentOf(9)) },
	} {
		dir := t.TempDir()
		p := partIn(t, dir)
		do(t, p)
		if kept := p.Leave(); kept != 0 {
			t.Errorf("%s: %d bytes are kept", name, kept)
		}
		holds(t, dir, map[string]string{})
	}
}

// Bytes that are another file's are seen where they overlap with what is there, and the file begins anew.
func TestPartOfAnotherFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := contentOf(200_000)
	p := partIn(t, dir)
	put(t, p, 0, partTag, content)
	has, _ := p.Has()
	if err := p.Begin(has, partTag, true); err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(content[has:])
	wrong[len(wrong)-1]++
	if _, err := p.Write(wrong); !errors.Is(err, ErrOther) {
		t.Errorf("%v", err)
	}
	if err := p.Begin(200_001, partTag, true); !errors.Is(err, ErrOther) {
		t.Errorf("behind its end: %v", err)
	}
	put(t, p, 0, `"tag-2"`, []byte("another"))
	if kept := p.Leave(); kept != 7 {
		t.Errorf("%d bytes are kept", kept)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
	p = partIn(t, dir)
	if has, tag := p.Has(); has != 0 || tag != `"tag-2"` { // all of it is asked for again, and compared
		t.Errorf("%d bytes are there, %q", has, tag)
	}
	if err := (&Part{folder: dir}).Begin(5, partTag, true); !errors.Is(err, ErrOther) {
		t.Errorf("a rest of nothing: %v", err)
	}
	p.Discard()
	holds(t, dir, map[string]string{})
}

// Two runs at once do not write to the same part.
func TestPartIsOneProcesss(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content := contentOf(1000)
	first := partIn(t, dir)
	put(t, first, 0, partTag, content[:500])
	second := partIn(t, dir)
	if has, _ := second.Has(); has != 0 {
		t.Errorf("it has %d bytes of the other's", has)
	}
	put(t, second, 0, partTag, content)
	put(t, first, 0, partTag, content)
	placed(t, second, "x")
	placed(t, first, "x")
	holds(t, dir, map[string]string{"x": string(content), "x (2)": string(content)})
	third := partIn(t, dir)
	put(t, third, 0, partTag, content[:500])
	fourth := partIn(t, dir)
	put(t, fourth, 0, partTag, content[:400])
	if kept := fourth.Leave(); kept != 0 {
		t.Errorf("the second's part is kept, with %d bytes", kept)
	}
	if kept := third.Leave(); kept != 500 {
		t.Errorf("the first's part has %d bytes", kept)
	}
}

// No name is taken from anything.
func TestPartReplacesNothing(t *testing.T) {
	t.Parallel()
	for name, resumes := range map[string]bool{"with a name": true, "without": false} {
		dir := t.TempDir()
		if err := errors.Join(
			os.WriteFile(filepath.Join(dir, "a.pdf"), []byte("mine"), 0o600),
			os.Mkdir(filepath.Join(dir, "a (2).pdf"), 0o700),
		); err != nil {
			t.Fatal(err)
		}
		want := "a (3).pdf"
		if os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, want)) == nil { // wants a right that few have on Windows
			want = "a (4).pdf"
		}
		p := partIn(t, dir)
		if err := p.Begin(0, partTag, resumes); err != nil {
			t.Fatal(err)
		}
		_, _ = p.Write([]byte("theirs"))
		if path := placed(t, p, "a.pdf"); path != filepath.Join(dir, want) {
			t.Errorf("%s: %s", name, path)
		}
		mine, _ := os.ReadFile(filepath.Join(dir, "a.pdf"))
		theirs, _ := os.ReadFile(filepath.Join(dir, want))
		_, err := os.Stat(filepath.Join(dir, "nowhere"))
		if string(mine) != "mine" || string(theirs) != "theirs" || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %q, %v", name, mine, theirs, err)
		}
	}
}

// What looks like a part and is none of this user's is left alone: nothing is read from it, and nothing written to it.
func TestPartThatIsNone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // links are a right that few have
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for name, plant := range map[string]func(path string) error{
		"link":      func(path string) error { return os.Symlink(elsewhere, path) },
		"hard link": func(path string) error { return os.Link(elsewhere, path) }, // as after a kill between two names
		"folder":    func(path string) error { return os.Mkdir(path, 0o700) },
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		dir := t.TempDir()
		_ = os.Remove(elsewhere)
		if err := os.WriteFile(elsewhere, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := plant(filepath.Join(dir, (&Part{key: partKey}).nameFor(partTag))); err != nil {
			t.Fatal(err)
		}
		p := partIn(t, dir)
		if has, tag := p.Has(); has != 0 || tag != "" {
			t.Errorf("%s: %d bytes, %q", name, has, tag)
		}
		put(t, p, 0, partTag, []byte("new"))
		placed(t, p, "x")
		if text, err := os.ReadFile(elsewhere); string(text) != "as it was" || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "x")); string(text) != "new" || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// The name of a part tells what it is a part of, on every system.
func TestPartName(t *testing.T) {
	t.Parallel()
	for _, validator := range []string{partTag, "Mon, 02 Nov 2026 10:00:00 GMT", `"a/b\c:*` + "\x01" + `ü"`} {
		name := (&Part{key: partKey}).nameFor(validator)
		key, got, ok := parsePart(name)
		if key != partKey || got != validator || !ok || strings.ToLower(name) != name || len(name) > maxName {
			t.Errorf("%q is %q of %q, %v", name, got, key, ok)
		}
	}
	for _, none := range []string{"", ".wfauth-.part", ".wfauth-" + partKey + ".part", ".wfauth-" + partKey + ".lock", "x.part", ".wfauth-a-!.part", ".wfauth-a-.part"} {
		if key, validator, ok := parsePart(none); ok {
			t.Errorf("%q is a part of %q, %q", none, key, validator)
		}
	}
}

// A file of a given name is replaced as a whole, through a link, and stays who may read it.
func TestPartReplaces(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	name, to := filepath.Join(dir, "link"), filepath.Join(elsewhere, "out")
	if os.Symlink(to, name) != nil {
		name = to // on Windows
	}
	for n, resumes := range []bool{true, false} {
		text := strings.Repeat("x", n+1)
		if n > 0 {
			if err := os.Chmod(to, 0o640); err != nil {
				t.Fatal(err)
			}
		}
		f, err := OpenFolderOf(name)
		if err != nil {
			t.Fatal(err)
		}
		p := f.Part(partKey)
		if err := p.Begin(0, partTag, resumes); err != nil {
			t.Fatal(err)
		}
		_, _ = p.Write([]byte(text))
		if err := p.Replace(name); err != nil {
			t.Fatal(err)
		}
		holds(t, elsewhere, map[string]string{"out": text})
	}
	if info, err := os.Stat(to); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	// What has become a folder meanwhile is not replaced.
	p := partIn(t, elsewhere)
	put(t, p, 0, partTag, []byte("x"))
	if err := errors.Join(os.Remove(to), os.Mkdir(to, 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := p.Replace(name); !errors.Is(err, ErrFolder) {
		t.Errorf("%v", err)
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
	holds(t, elsewhere, map[string]string{})
}

func TestFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "no"), file, "/dev/null"} {
		if _, err := OpenFolder(path); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
	for name, want := range map[string]error{dir: ErrFolder, filepath.Join(dir, "no", "file"): fs.ErrNotExist} {
		if _, err := OpenFolderOf(name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	holds(t, dir, map[string]string{"file": ""})
	if err := os.Chmod(dir, 0o500); err != nil || os.Geteuid() == 0 || runtime.GOOS == "windows" {
		return // whom no mode holds off
	}
	if _, err := OpenFolder(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("not to be written to: %v", err)
	}
	_ = os.Chmod(dir, 0o700)
}
