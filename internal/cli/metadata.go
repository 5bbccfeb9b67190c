package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/workfront"
)

const (
	metadataAge    = 24 * time.Hour     // after which it is asked for anew
	metadataKept   = 7 * 24 * time.Hour // after which a file goes, for its session may be long gone
	metadataPrefix = "metadata-"
	maxMetadata    = 64 << 20 // of an answer, in bytes; those known are far below one MiB
)

// metadataCache is what is remembered of a tenant's metadata: a file for each object type, origin, version of the API and account. No
// fault of its files is ever an error: what cannot be read is asked for anew, and what cannot be written is not remembered.
type metadataCache struct {
	folder string // empty: nothing is remembered
	tenant string // a hash of whose metadata it is
	anyAge bool   // what is old will do
	held   map[string]*objects.Metadata
}

func (a *app) metadataCache(s *config.Settings) *metadataCache {
	account := "profile\x00" + s.Name + "\x00" + s.ClientID
	switch {
	case s.SessionID != "":
		account = "session\x00" + s.SessionID // of which only the hash is ever written
	case s.Flow == "jwt":
		account = "user\x00" + s.UserID
	}
	sum := sha256.Sum256([]byte(s.Host.String() + "\x00" + s.APIVersion + "\x00" + account))
	return &metadataCache{folder: s.Folders.Cache, tenant: hex.EncodeToString(sum[:12]), held: map[string]*objects.Metadata{}}
}

func (c *metadataCache) path(code string) string {
	return filepath.Join(c.folder, metadataPrefix+c.tenant+"-"+strings.ToLower(code))
}

// known is an [objects.Known].
func (c *metadataCache) known(code string) *objects.Metadata {
	m, ok := c.held[code]
	if !ok {
		m = c.read(code)
		c.held[code] = m
	}
	return m
}

func (c *metadataCache) read(code string) *objects.Metadata {
	if c.folder == "" {
		return nil
	}
	info, err := os.Stat(c.path(code))
	if err != nil || !info.Mode().IsRegular() {
		return nil // a pipe would be waited for
	}
	if age := time.Since(info.ModTime()); !c.anyAge && (age >= metadataAge || age < -time.Minute) {
		return nil
	}
	text, err := os.ReadFile(c.path(code))
	if err != nil {
		return nil
	}
	m, err := objects.ParseCompact(text)
	if err != nil || m.Code != code {
		return nil
	}
	return m
}

// keep remembers metadata. Whoever reads its file at the same time, or writes it, sees or leaves a whole one.
func (c *metadataCache) keep(m *objects.Metadata) {
	c.held[m.Code] = m
	if c.folder == "" || os.MkdirAll(c.folder, 0o700) != nil {
		return
	}
	c.clear()
	file, err := os.CreateTemp(c.folder, metadataPrefix+"*.part") // 0600
	if err != nil {
		return
	}
	_, err = file.Write(m.Compact())
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), c.path(m.Code))
	}
	if err != nil {
		_ = os.Remove(file.Name()) // or it goes with the old ones
	}
}

// clear removes what nobody has written for long.
func (c *metadataCache) clear() {
	names, _ := filepath.Glob(filepath.Join(c.folder, metadataPrefix+"*")) // its error is about the pattern
	for _, name := range names {
		if info, err := os.Lstat(name); err == nil && time.Since(info.ModTime()) > metadataKept {
			_ = os.Remove(name) // another time
		}
	}
}

// metadataError is about an answer that is no metadata, or not what was asked for.
type metadataError struct{ error }

// fetchMetadata asks the tenant, and remembers what it says.
func (c *objectCall) fetchMetadata(ctx context.Context, code string) (*objects.Metadata, error) {
	o, err := objects.Lookup(code)
	if err != nil {
		return nil, err
	}
	answer, err := c.client.Do(ctx, workfront.Request{Path: o.Request(objects.Describe, "", "").Path})
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxMetadata))
	if err != nil {
		return nil, err
	}
	m, err := objects.ParseMetadata(body)
	if err != nil {
		return nil, &metadataError{fmt.Errorf("the metadata of %s: %w", o.Path(), err)}
	}
	if m.Code != o.Code {
		return nil, &metadataError{fmt.Errorf("the metadata of %s: it is that of %s", o.Path(), m.Code)}
	}
	c.cache.keep(m)
	return m, nil
}
