package secrets

import (
	"context"
	"errors"
	"time"
)

// A Seal is what closes a sealed file: its passphrase, and the key that the
// kernel's keyring keeps while the file is unlocked.
type Seal struct {
	item  *Item
	files *sealedFiles
}

const kernelKeyringName = "kernel keyring"

// ErrNoFile says that there is no sealed file: nobody is logged in.
var ErrNoFile = errors.New("there is no sealed file")

// OpenSeal returns that of the file of o.Account. Its own passphrase is what
// o.Passphrase and o.AskPassphrase return; the kernel is not asked for the key.
func OpenSeal(o Options) *Seal {
	item := OpenFile(o)
	files := item.backend.(*sealedFiles)
	files.noKernel = true
	return &Seal{item, files}
}

// Unlock keeps the file's key in the kernel's keyring for d, whoever kept it
// there before. A file of the earlier layout is rewritten, for it has no key.
// Errors are ErrNoFile, or those of [Item.Load] and of kind NoKernelKeyring.
func (s *Seal) Unlock(ctx context.Context, d time.Duration) (until time.Time, err error) {
	if _, _, err := s.files.kernel.load(s.files.kernelName()); err != nil {
		return until, err // before anybody is asked for a passphrase
	}
	k, err := s.open(ctx)
	if err != nil {
		return until, err
	}
	until = time.Now().Add(d + time.Second - 1).Truncate(time.Second) // the kernel counts in seconds
	if err := s.files.kernel.store(s.files.kernelName(), k.id.String(), until); err != nil {
		return until, err
	}
	switch kept, _, err := s.files.kernel.load(s.files.kernelName()); {
	case err != nil:
		return until, err
	case kept != k.id.String() && time.Now().Before(until):
		return until, fault(Lost, kernelKeyringName, "read back something else than was written")
	}
	return until, nil
}

// Lock has the kernel forget the key, and says whether it had it.
func (s *Seal) Lock() (was bool, err error) { return s.files.kernel.forget(s.files.kernelName()) }

// Until says how long the kernel keeps the key; zero: it has none.
func (s *Seal) Until() (time.Time, error) {
	_, until, err := s.files.kernel.load(s.files.kernelName())
	return until, err
}

// Change has the file sealed by another passphrase, which is asked for once the
// old one has opened it. The key, and what is sealed to it, stay as they are. Nobody else
// changes the file meanwhile.
func (s *Seal) Change(ctx context.Context, ask func(context.Context) (string, error)) error {
	k, err := s.open(ctx)
	if err != nil {
		return err
	}
	passphrase, err := ask(ctx)
	if err != nil {
		return err
	}
	next, err := bounded(ctx, func() (*sealKey, error) { return sealIdentity(k.id, passphrase, s.files.options.Work) })
	if err != nil {
		return err
	}
	release, err := s.item.Lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	path := s.files.path(s.item.account)
	data, err := s.files.read(ctx, path)
	if err != nil {
		return err
	}
	parts, ok := parseParts(data)
	if !ok {
		return ErrNoFile // it was there before; a logout has been quicker
	}
	if _, err := openArmored(parts.value, k.id); err != nil {
		return fault(Unusable, path, "another command has made it anew meanwhile: try once more")
	}
	parts.key = next.sealed
	if err := s.files.write(ctx, path, parts); err != nil {
		return err
	}
	s.files.forget()
	s.files.passphrase.set(passphrase)
	_, err = s.files.get(ctx, s.item.account)
	return err
}

// open returns the file's key, by the passphrase.
func (s *Seal) open(ctx context.Context) (*sealKey, error) {
	account := s.item.account
	switch value, err := s.files.get(ctx, account); {
	case err != nil:
		return nil, err
	case value == nil:
		return nil, ErrNoFile
	}
	if k := s.files.known(); k != nil {
		return k, nil
	}
	release, err := s.item.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	value, err := s.files.get(ctx, account)
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, ErrNoFile
	}
	err = s.files.set(ctx, account, value)
	return s.files.known(), err
}
