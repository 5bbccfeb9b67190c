package secrets

import (
	"bytes"
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// OpenFile returns the Item of o.Account in a file of its own in o.SealedDir,
// sealed by a passphrase. Nothing is touched or asked before the first call of
// a method.
func OpenFile(o Options) *Item {
	o = o.withDefaults()
	files := &sealedFiles{dir: realDir(o.SealedDir), options: o, passphrase: passphrase{given: o.Passphrase, ask: o.AskPassphrase}}
	path := files.path(o.Account)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	files.file = path
	return &Item{
		where:    path,
		account:  o.Account,
		backend:  files,
		ready:    files.ready,
		recovery: newRecovery(strings.TrimSuffix(path, sealedSuffix) + ".recovery"),
		locker:   o.lock(path + ".lock"),
		probing:  o.lock(files.path(o.Account+probeSuffix) + ".lock"),
		note:     o.Note,
	}
}

const sealedSuffix = ".age"

const (
	// scryptWork makes an attempt at a passphrase cost some 60 ms and 32 MiB.
	// The default of age costs 0.9 s, which every command would pay.
	scryptWork = 15
	// scryptMost is what is accepted in a file: that of `age --passphrase`. A
	// file from elsewhere could ask for hours.
	scryptMost = 18
)

// sealedFiles keeps each value in DIR/ACCOUNT.age, see twoParts. Its paths are
// real ones: whoever comes by a link, to a folder or to the file, has to meet
// the same lock and the same recovery file.
type sealedFiles struct {
	dir      string
	file     string // of the item; "": not known yet
	options  Options
	kernel   kernelKeyring
	noKernel bool // the kernel's keyring is not asked

	passphrase passphrase

	mu  sync.Mutex // guards key
	key *sealKey   // that opened a file last, or was made for a new one; nil: none yet
}

func (f *sealedFiles) path(account string) string {
	if account == f.options.Account && f.file != "" {
		return f.file
	}
	return filepath.Join(f.dir, fileName(account, runtime.GOOS)+sealedSuffix)
}

// realDir is dir without links, as far as it is there.
func realDir(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	if parent := filepath.Dir(dir); parent != dir {
		return filepath.Join(realDir(parent), filepath.Base(dir))
	}
	return dir
}

// fileName replaces what a file name may not contain: on Windows also the
// colon before a port.
func fileName(account, goos string) string {
	forbidden := `/\`
	if goos == "windows" {
		forbidden += `:*?"<>|`
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(forbidden, r) {
			return '_'
		}
		return r
	}, account)
}

func (f *sealedFiles) get(ctx context.Context, account string) ([]byte, error) {
	path := f.path(account)
	data, err := f.read(ctx, path)
	if data == nil || err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte(byPassphrase)) {
		return f.openEarlier(ctx, path, data)
	}
	_, value, err := f.unseal(ctx, path, data)
	return value, err
}

func (f *sealedFiles) set(ctx context.Context, account string, value []byte) error {
	path := f.path(account)
	k, err := f.keyFor(ctx, account)
	if err != nil {
		return err
	}
	parts, err := k.holds(value)
	if err != nil {
		return err
	}
	return f.write(ctx, path, parts)
}

// ready pays what a passphrase costs, and asks for it, before the lock is waited
// for. What goes wrong here goes wrong again, and is told, under the lock.
func (f *sealedFiles) ready(ctx context.Context) {
	path := f.path(f.options.Account)
	switch data, err := f.read(ctx, path); {
	case err != nil || data == nil:
	case bytes.HasPrefix(data, []byte(byPassphrase)):
		if _, err := f.openEarlier(ctx, path, data); err == nil && f.known() == nil {
			_, _ = f.newKey(ctx)
		}
	default:
		_, _, _ = f.unseal(ctx, path, data)
	}
}

func (f *sealedFiles) delete(ctx context.Context, account string) error {
	path := f.path(account)
	if account == f.options.Account {
		_, _ = f.kernel.forget(f.kernelName()) // it opens nothing any more
	}
	_, err := f.disk(ctx, path, func() ([]byte, error) { return nil, removeFile(path) })
	return err
}

func (f *sealedFiles) read(ctx context.Context, path string) ([]byte, error) {
	var note string
	data, err := f.disk(ctx, path, func() (data []byte, err error) {
		data, note, err = readOwn(path)
		return data, err
	})
	if err == nil && note != "" {
		f.options.Note(note)
	}
	return data, err
}

func (f *sealedFiles) write(ctx context.Context, path string, parts twoParts) error {
	_, err := f.disk(ctx, path, func() ([]byte, error) { return nil, writeFile(path, parts.bytes()) })
	return err
}

// disk bounds what can hang in a network file system.
func (f *sealedFiles) disk(ctx context.Context, path string, access func() ([]byte, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.options.Deadline, silent(path, f.options.Deadline))
	defer cancel()
	return bounded(ctx, func() ([]byte, error) {
		data, err := access()
		if err != nil {
			return nil, fault(unwritten(err), path, "%w", pathCause(err))
		}
		return data, nil
	})
}
