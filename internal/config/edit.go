package config

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"go.yaml.in/yaml/v3"
)

// Edit is a change to config.yaml in progress.
type Edit struct{ doc *document }

// Update changes config.yaml in the config folder, made if need be: read, changed and replaced whole under a lock, so
// that two logins at once lose nothing and a crash leaves the old file or the new one. What change does not touch stays as
// it was written, comments included.
func Update(ctx context.Context, folders Folders, change func(*Edit) error) error {
	dir := folders.Config
	locks := filepath.Join(folders.State, "locks")
	for _, folder := range [...]string{dir, locks} {
		if err := ensureDir(folder); err != nil {
			return fmt.Errorf("make %s: %w", folder, err)
		}
	}
	path := filePath(dir)
	sum := sha256.Sum256([]byte(path))
	ctx, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("another wfauth has held it for 30 s"))
	defer cancel()
	lock := flock.New(filepath.Join(locks, "config-"+hex.EncodeToString(sum[:8])+".lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer lock.Close()

	doc, err := readDocument(dir)
	if err != nil {
		return err
	}
	if err := change(&Edit{doc}); err != nil {
		return err
	}
	if _, err := doc.decode(); err != nil {
		return err
	}
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(doc.top); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return replace(path, text.Bytes())
}

// SetDefault names the default profile; an empty name removes it.
func (e *Edit) SetDefault(name string) {
	if name == "" {
		remove(e.doc.root, "default")
		return
	}
	if lookup(e.doc.root, "default") == nil {
		e.doc.root.Content = slices.Insert(e.doc.root.Content, 0, scalar("default"), scalar(name))
		return
	}
	setScalar(e.doc.root, "default", name)
}

// Default is the name of the default profile, empty if there is none.
func (e *Edit) Default() string {
	if v := lookup(e.doc.root, "default"); v != nil {
		return v.Value
	}
	return ""
}

// Put writes a profile, in the place of the one of its name. Empty settings are left out.
func (e *Edit) Put(p Profile) {
	list := lookup(e.doc.root, "profiles")
	if list == nil || list.Kind != yaml.SequenceNode {
		remove(e.doc.root, "profiles")
		list = &yaml.Node{Kind: yaml.SequenceNode}
		e.doc.root.Content = append(e.doc.root.Content, scalar("profiles"), list)
	}
	item := find(list, p.Name)
	if item == nil {
		item = &yaml.Node{Kind: yaml.MappingNode}
		list.Content = append(list.Content, item)
	}
	list.Style &^= yaml.FlowStyle
	for i, field := range p.fields() {
		if *field == "" {
			remove(item, profileKeys[i])
			continue
		}
		setScalar(item, profileKeys[i], *field)
	}
}

// Remove takes a profile out, and the default with it if it was that one.
func (e *Edit) Remove(name string) {
	if list := lookup(e.doc.root, "profiles"); list != nil {
		gone := find(list, name)
		list.Content = slices.DeleteFunc(list.Content, func(item *yaml.Node) bool { return item == gone })
	}
	if e.Default() == name {
		e.SetDefault("")
	}
}

func find(list *yaml.Node, name string) *yaml.Node {
	for _, item := range list.Content {
		if v := lookup(item, "name"); v != nil && v.Value == name {
			return item
		}
	}
	return nil
}

func lookup(m *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(m) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

func setScalar(m *yaml.Node, key, text string) {
	if v := lookup(m, key); v != nil {
		if v.Value != text || v.Kind != yaml.ScalarNode {
			fresh := scalar(text)
			fresh.HeadComment, fresh.LineComment, fresh.FootComment = v.HeadComment, v.LineComment, v.FootComment
			*v = *fresh
		}
		return
	}
	m.Content = append(m.Content, scalar(key), scalar(text))
}

func remove(m *yaml.Node, key string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = append(m.Content[:i:i], m.Content[i+2:]...)
			return
		}
	}
}

// scalar is a string; yaml quotes it where it would read as something else ("null", "1").
func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

// replace writes a file whole beside the old one and then takes its place. A link stays a link.
func replace(path string, data []byte) error {
	path = target(path)
	tmp, err := os.CreateTemp(filepath.Dir(path), ".config-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return renamed(tmp.Name(), path)
}

// renamed is os.Rename with patience: Windows refuses to replace a file while another process reads it.
func renamed(from, to string) error {
	for until := time.Now().Add(time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || time.Now().After(until) {
			return err
		}
	}
}

// Try makes sure that config.yaml could be written, without touching it: a login would find out too late.
func Try(folders Folders) error {
	if err := ensureDir(folders.Config); err != nil {
		return fmt.Errorf("make %s: %w", folders.Config, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(target(filePath(folders.Config))), ".config-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	_, err = io.CopyN(tmp, rand.Reader, tried) // a disk that is full may still have room for a name
	if err == nil {
		err = tmp.Sync()
	}
	return err
}

// tried is how much Try writes: more than the settings of some dozen profiles.
const tried = 16 << 10

// target is where a link leads, for those who keep their configuration elsewhere.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
