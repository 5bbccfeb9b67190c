package output

import (
	"encoding/base32"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Folder is one that files come into, each in a [Part] until it is whole. It may be used from several goroutines at once.
type Folder struct {
	path string

	mu    sync.Mutex          // guards what follows
	parts map[string][]string // names of what earlier runs have left, by key
}

const (
	partPrefix = ".wfauth-"
	partSuffix = ".part"
	// maxValidator is how much of a part's name its validator may take.
	maxValidator = 100
)

// OpenFolder looks at what is in a folder, and makes sure that files can be made there.
func OpenFolder(path string) (*Folder, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer dir.Close()
	probe, temp, err := createPart(filepath.Join(path, "part"), 0o600)
	if err != nil {
		return nil, fileError(path, err)
	}
	(&Part{file: probe, temp: temp}).drop()
	f := &Folder{path: path, parts: map[string][]string{}}
	for {
		names, err := dir.Readdirnames(1000)
		for _, name := range names {
			if key, _, ok := parsePart(name); ok {
				f.parts[key] = append(f.parts[key], name)
			}
		}
		if len(names) == 0 {
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, fileError(path, err)
			}
			return f, nil
		}
	}
}

// OpenFolderOf is the folder of a file that is to be replaced as a whole, also where its name is a link. What keeps a file from being
// replaced is an error, as of [CreateFile].
func OpenFolderOf(file string) (*Folder, error) {
	path, _, err := target(file)
	if err != nil {
		return nil, err
	}
	return OpenFolder(filepath.Dir(path))
}

// Part is a file to come that is known by a key, of letters and digits; what an earlier run has left of it is gone on with. A file
// without a key begins anew.
func (f *Folder) Part(key string) *Part {
	p := &Part{folder: f.path, key: key}
	f.mu.Lock()
	p.left = f.parts[key]
	f.mu.Unlock()
	if key != "" && len(p.left) > 0 {
		p.find()
	}
	return p
}

// A part's name says what it is a part of, so that another run can ask for the rest of just that.
func (p *Part) nameFor(validator string) string {
	text := encoding().EncodeToString([]byte(validator))
	if validator == "" || p.key == "" || len(text) > maxValidator {
		return ""
	}
	return partPrefix + p.key + "-" + strings.ToLower(text) + partSuffix
}

func parsePart(name string) (key, validator string, ok bool) {
	middle, ok := strings.CutPrefix(name, partPrefix)
	if !ok {
		return "", "", false
	}
	if middle, ok = strings.CutSuffix(middle, partSuffix); !ok {
		return "", "", false
	}
	key, text, ok := strings.Cut(middle, "-")
	raw, err := encoding().DecodeString(strings.ToUpper(text))
	return key, string(raw), ok && err == nil && len(raw) > 0
}

// encoding has no letters in two cases, which some systems do not tell apart.
func encoding() *base32.Encoding { return base32.HexEncoding.WithPadding(base32.NoPadding) }

// find opens what is left of a file, if it is this user's, a plain file, and no other process is at work on it.
func (p *Part) find() {
	if !p.lock() {
		return
	}
	for _, name := range p.left {
		path := filepath.Join(p.folder, name)
		before, err := os.Lstat(path)
		if err != nil || !before.Mode().IsRegular() || !ownAlone(before) {
			continue
		}
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if opened, err := file.Stat(); err != nil || !os.SameFile(before, opened) || opened.Size() == 0 {
			file.Close()
			continue
		}
		_, p.validator, _ = parsePart(name)
		p.file, p.temp, p.size, p.keeps = file, path, before.Size(), true
		return
	}
}

// forget removes what earlier runs have left of a file that begins anew.
func (p *Part) forget() {
	if p.held == nil {
		return
	}
	for _, name := range p.left {
		_ = os.Remove(filepath.Join(p.folder, name)) // or it is somebody else's, and in nobody's way
	}
	p.left = nil
}
