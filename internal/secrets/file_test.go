package secrets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
)

func TestFileIsSealedAndPrivate(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.SealedDir = filepath.Join(o.SealedDir, "wfauth", "sealed")
	if err := OpenFile(o).Save(t.Context(), []byte(`{"token":"`+canary+`"}`)); err != nil {
		t.Fatal(err)
	}
	checkPrivate(t, filepath.Dir(o.SealedDir))
	const name = "acme@acme.my.workfront.com.age"
	if got := files(t, o.SealedDir); len(got) != 1 || got[0] != name {
		t.Fatalf("files %q, want one, %s", got, name)
	}
	data, err := os.ReadFile(filepath.Join(o.SealedDir, name))
	if err != nil {
		t.Fatal(err)
	}
	// Any age opens it, at the cost that is documented.
	parts, ok := parseParts(data)
	if !ok {
		t.Fatalf("not two parts: %q", data)
	}
	first, err := io.ReadAll(armor.NewReader(bytes.NewReader(parts.key)))
	if err != nil {
		t.Fatal(err)
	}
	stanza := strings.Fields(strings.Split(string(first), "\n")[1])
	if len(stanza) != 4 || stanza[1] != "scrypt" || stanza[3] != "15" {
		t.Errorf("sealed as %q, want scrypt with the work factor 15", stanza)
	}
	id, err := age.NewScryptIdentity("CANARY-passphrase")
	if err != nil {
		t.Fatal(err)
	}
	text, err := openArmored(parts.key, id)
	if err != nil {
		t.Fatal(err)
	}
	key, err := age.ParseIdentities(bytes.NewReader(text)) // as age -i reads a file
	if err != nil {
		t.Fatal(err)
	}
	plain, err := openArmored(parts.value, key[0])
	if err != nil || !bytes.Contains(plain, []byte(canary)) {
		t.Errorf("age opens it as %q, %v", plain, err)
	}
}

func TestPassphrase(t *testing.T) {
	t.Parallel()
	o := options(t)
	save(t, openFile(o), `{"n":1}`)
	path := OpenFile(o).where
	ofItself := errors.New("no terminal to ask at")
	for name, c := range map[string]struct {
		passphrase func(context.Context) (string, error)
		check      func(t *testing.T, err error)
	}{
		"wrong": {
			func(context.Context) (string, error) { return "CANARY-wrong", nil },
			func(t *testing.T, err error) { checkKind(t, err, WrongPassphrase) },
		},
		"empty": {
			func(context.Context) (string, error) { return "", nil },
			func(t *testing.T, err error) { checkKind(t, err, MissingPassphrase) },
		},
		"none to ask": {
			nil,
			func(t *testing.T, err error) { checkKind(t, err, MissingPassphrase) },
		},
		"not to be had": {
			func(context.Context) (string, error) { return "", ofItself },
			func(t *testing.T, err error) {
				if !errors.Is(err, ofItself) {
					t.Errorf("error %v", err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.Passphrase = c.passphrase
			_, err := openFile(o).Load(t.Context())
			c.check(t, err)
			if !strings.Contains(err.Error(), path) && !errors.Is(err, ofItself) {
				t.Errorf("error %v does not name %s", err, path)
			}
			c.check(t, openFile(o).Save(t.Context(), []byte(`{"n":2}`)))
			c.check(t, openFile(o).Probe(t.Context())) // though it would go well beside it
		})
	}
	check(t, openFile(o), `{"n":1}`)
}

// A file that is not there yet is not spoken of as sealed.
func TestNewFileWithoutPassphrase(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Passphrase = nil
	check(t, openFile(o), "")
	for _, err := range []error{openFile(o).Probe(t.Context()), openFile(o).Save(t.Context(), []byte(`{"n":1}`))} {
		checkKind(t, err, NoPassphrase)
		if text := err.Error(); !strings.HasPrefix(text, openFile(o).where+": ") || strings.Contains(text, "sealed, ") {
			t.Errorf("error %v", err)
		}
	}
}

func TestPassphraseIsAskedForOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	asked := 0
	o.Passphrase = func(context.Context) (string, error) { asked++; return "CANARY-passphrase", nil }
	i := openFile(o)
	check(t, i, "")
	if asked != 0 {
		t.Error("asked for the passphrase of a file that is not there")
	}
	save(t, i, `{"n":1}`)
	save(t, i, `{"n":2}`)
	check(t, i, `{"n":2}`)
	if asked != 1 {
		t.Errorf("asked %d times, want 1", asked)
	}
	o.Passphrase = nil // none is needed to throw it away
	if err := openFile(o).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, openFile(o), "")
}

// A file that is damaged, or is not ours, is named and never overwritten.
func TestForeignFile(t *testing.T) {
	t.Parallel()
	o := options(t)
	save(t, openFile(o), `{"n":1}`)
	path := OpenFile(o).where
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	another := options(t)
	save(t, openFile(another), `{"n":1}`)
	other, err := os.ReadFile(OpenFile(another).where)
	if err != nil {
		t.Fatal(err)
	}
	good0, _ := parseParts(good)
	other0, _ := parseParts(other)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	toKey, err := seal([]byte("CANARY"), key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{
		"text": []byte("CANARY, the passwords of someone\n"), "empty": {}, "cut": good[:len(good)-1], "head only": good[:40],
		"changed": append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), "longer": append(bytes.Clone(good), 0),
		"to a key": toKey, "too dear": dearer(t, good), "no key": append(firstPart(t, "CANARY"), good0.value...),
		"no armour": append([]byte(armor.Header+"\nCANARY\n"+armorEnd), good0.value...),
	}
	for name, parts := range map[string][][]byte{
		"one part": {good0.key}, "the other part": {good0.value}, "turned": {good0.value, good0.key},
		"three parts": {good0.key, good0.value, good0.value}, "apart": {good0.key, []byte("\n"), good0.value},
		"the key of another": {other0.key, good0.value},
	} {
		cases[name] = bytes.Join(parts, nil)
	}
	for _, plain := range foreign() {
		r, err := age.NewScryptRecipient("CANARY-passphrase")
		if err != nil {
			t.Fatal(err)
		}
		r.SetWorkFactor(1)
		if cases["holds "+plain], err = seal([]byte(plain), r); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range cases {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openFile(o).Load(t.Context())
		checkKind(t, err, Damaged)
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v does not name %s", name, err, path)
		}
		checkKind(t, openFile(o).Save(t.Context(), []byte(`{"n":2}`)), Damaged)
		if kept, err := os.ReadFile(path); !bytes.Equal(kept, content) || err != nil {
			t.Errorf("%s: the file became %q, %v", name, kept, err)
		}
	}
}

// firstPart is one that holds something else than a key.
func firstPart(t *testing.T, text string) []byte {
	t.Helper()
	r, err := age.NewScryptRecipient("CANARY-passphrase")
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(1)
	part, err := sealArmored([]byte(text), r)
	if err != nil {
		t.Fatal(err)
	}
	return part
}

// dearer is a sealed file that asks for more work than is given; age itself takes up to 22.
func dearer(t *testing.T, file []byte) []byte {
	t.Helper()
	parts, _ := parseParts(file)
	key, err := io.ReadAll(armor.NewReader(bytes.NewReader(parts.key)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := armor.NewWriter(&b)
	if _, err := w.Write(bytes.Replace(key, []byte(" 1\n"), []byte(" 19\n"), 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), parts.value...)
}

// The way to a sealed file may be a link, to a folder above it or to the file,
// and the state folder another: whoever comes by it meets the same lock and the
// same recovery file.
func TestSealedFileByAnotherWay(t *testing.T) {
	t.Parallel()
	o := options(t)
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.SealedDir = filepath.Join(home, "config", "wfauth", "sealed")
	way := func(link string) Options {
		other := o
		other.StateDir, other.SealedDir = t.TempDir(), link
		return other
	}
	links := t.TempDir()
	above, file := filepath.Join(links, "config"), filepath.Join(links, "sealed", filepath.Base(openFile(o).where))
	if err := os.MkdirAll(filepath.Join(home, "config"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(home, "config"), above); err != nil {
		t.Fatal(err) // on Windows this needs the developer mode, which CI has
	}
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(openFile(o).where, file); err != nil {
		t.Fatal(err)
	}
	for name, link := range map[string]string{"folder": filepath.Join(above, "wfauth", "sealed"), "file": filepath.Dir(file)} {
		if name == "folder" { // also before there is anything
			if got, want := openFile(way(link)).where, openFile(o).where; got != want {
				t.Errorf("the file is at %s, not at %s", got, want)
			}
		}
		reserving(t, openFile(o), func(i *Item) { save(t, i, `{"n":1}`) })
		release, err := openFile(o).Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		other := openFile(way(link))
		other.locker.(*fileLock).patience = time.Millisecond
		_, err = other.Lock(t.Context())
		checkKind(t, err, LockTimeout)
		release()

		i := openFile(o)
		i.backend = &faulty{backend: i.backend, beforeSet: refuse}
		i.note = func(string) {}
		reserving(t, i, func(i *Item) { save(t, i, `{"n":2}`) })
		check(t, openFile(way(link)), `{"n":2}`)
		reserving(t, openFile(way(link)), func(i *Item) { save(t, i, `{"n":3}`) })
		check(t, openFile(o), `{"n":3}`)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link became %v, %v", info, err)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ account, goos, want string }{
		{"acme@acme.my.workfront.com", "linux", "acme@acme.my.workfront.com"},
		{"local@127.0.0.1:8080", "linux", "local@127.0.0.1:8080"},
		{"local@127.0.0.1:8080", "windows", "local@127.0.0.1_8080"},
		{"local@[::1]:8080", "windows", "local@[__1]_8080"},
		{"../../etc/x", "linux", ".._.._etc_x"},
		{`..\x`, "windows", ".._x"},
	} {
		if got := fileName(c.account, c.goos); got != c.want {
			t.Errorf("fileName(%q, %s) = %q, want %q", c.account, c.goos, got, c.want)
		}
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	o := options(t)
	blocker := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.SealedDir, o.StateDir = filepath.Join(blocker, "sealed"), filepath.Join(blocker, "state")
	checkKind(t, openFile(o).Probe(t.Context()), Unusable)
	for _, i := range []*Item{openFile(o), OpenKeyring(o)} {
		_, err := i.Lock(t.Context())
		checkKind(t, err, Unusable)
	}
}
