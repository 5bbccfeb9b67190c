package secrets

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"filippo.io/age"
)

// OpenFile returns the Item of o.Account in a file of its own in o.SealedDir,
// sealed by a passphrase. Nothing is touched or asked before the first call of
// a method.
func OpenFile(o Options) *Item {
	o = o.withDefaults()
	files := &sealedFiles{dir: realDir(o.SealedDir), options: o}
	path := files.path(o.Account)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	files.file = path
	return &Item{
		where:    path,
		account:  o.Account,
		backend:  files,
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

// sealedFiles keeps each value in DIR/ACCOUNT.age, an age file (age-encryption.org/v1)
// with a passphrase. Its paths are real ones: whoever comes by a link, to a
// folder or to the file, has to meet the same lock and the same recovery file.
type sealedFiles struct {
	dir     string
	file    string // of the item; "": not known yet
	options Options

	mu         sync.Mutex // guards what follows
	asked      bool
	passphrase string
	err        error
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
	var note string
	data, err := f.disk(ctx, path, func() (data []byte, err error) {
		data, note, err = readOwn(path)
		return data, err
	})
	if data == nil || err != nil {
		return nil, err
	}
	if note != "" {
		f.options.Note(note)
	}
	if !bytes.HasPrefix(data, []byte("age-encryption.org/v1\n-> scrypt ")) {
		return nil, fault(Damaged, path, "damaged, or not written by wfauth")
	}
	passphrase, err := f.ask(ctx)
	if err == nil && passphrase == "" {
		err = fault(MissingPassphrase, path, "it is sealed, and there is no passphrase")
	}
	if err != nil {
		return nil, err
	}
	return bounded(ctx, func() ([]byte, error) {
		id, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return nil, err
		}
		id.SetMaxWorkFactor(scryptMost)
		plain, err := open(data, id)
		switch {
		case errors.Is(err, age.ErrIncorrectIdentity):
			return nil, fault(WrongPassphrase, path, "the passphrase does not open it")
		case err != nil:
			return nil, fault(Damaged, path, "damaged, or not written by wfauth")
		}
		return plain, nil
	})
}

func (f *sealedFiles) set(ctx context.Context, account string, value []byte) error {
	path := f.path(account)
	passphrase, err := f.ask(ctx)
	if err == nil && passphrase == "" {
		err = fault(NoPassphrase, f.file, "it is not there yet, and to make it a passphrase is needed")
	}
	if err != nil {
		return err
	}
	sealed, err := bounded(ctx, func() ([]byte, error) {
		r, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return nil, err
		}
		r.SetWorkFactor(f.options.Work)
		return seal(value, r)
	})
	if err != nil {
		return err
	}
	_, err = f.disk(ctx, path, func() ([]byte, error) { return nil, writeFile(path, sealed) })
	return err
}

func (f *sealedFiles) delete(ctx context.Context, account string) error {
	path := f.path(account)
	_, err := f.disk(ctx, path, func() ([]byte, error) { return nil, removeFile(path) })
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

// ask returns the passphrase, "" when there is none. The first answer stands, also where it is an error.
func (f *sealedFiles) ask(ctx context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.asked && f.options.Passphrase != nil {
		f.passphrase, f.err = f.options.Passphrase(ctx)
	}
	f.asked = true
	return f.passphrase, f.err
}
