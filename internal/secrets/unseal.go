package secrets

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"filippo.io/age"
)

// A passphrase is the one of all sealed files of a process. The first answer
// stands, also where it is an error or "".
type passphrase struct {
	given, ask func(context.Context) (string, error) // nil: there is none

	mu             sync.Mutex // guards what follows
	gave, asked    bool
	text           string
	givenErr, fail error
}

// atHand returns the passphrase that nobody has to be asked for.
func (p *passphrase) atHand(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gave && p.given != nil {
		p.text, p.givenErr = p.given(ctx)
	}
	p.gave = true
	return p.text, p.givenErr
}

// get also asks.
func (p *passphrase) get(ctx context.Context) (string, error) {
	if text, err := p.atHand(ctx); text != "" || err != nil {
		return text, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.asked && p.ask != nil {
		p.text, p.fail = p.ask(ctx)
	}
	p.asked = true
	return p.text, p.fail
}

func (p *passphrase) set(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gave, p.text, p.givenErr = true, text, nil
}

// unseal opens a file of two parts: by the key that this process knows, by the
// one that a passphrase at hand opens, by the kernel's, or by a passphrase that
// is asked for.
func (f *sealedFiles) unseal(ctx context.Context, path string, data []byte) (*sealKey, []byte, error) {
	parts, ok := parseParts(data)
	if !ok {
		return nil, nil, fault(Damaged, path, "damaged, or not written by wfauth")
	}
	if known := f.known(); known != nil {
		if value, err := openArmored(parts.value, known.id); err == nil {
			return f.keep(&sealKey{parts.key, known.id}), value, nil
		}
	}
	text, err := f.passphrase.atHand(ctx)
	if err != nil {
		return nil, nil, err
	}
	if text == "" && !f.noKernel && path == f.file {
		if k := f.unlocked(parts.key); k != nil {
			if value, err := openArmored(parts.value, k.id); err == nil {
				return f.keep(k), value, nil
			}
		}
	}
	if text, err = f.passphrase.get(ctx); err != nil {
		return nil, nil, err
	}
	if text == "" {
		return nil, nil, fault(MissingPassphrase, path, "it is sealed, and there is no passphrase")
	}
	k, err := bounded(ctx, func() (*sealKey, error) { return openSealKey(parts.key, text) })
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, nil, err
	case errors.Is(err, errWrongPassphrase):
		return nil, nil, fault(WrongPassphrase, path, "%w", err)
	case err != nil:
		return nil, nil, fault(Damaged, path, "damaged, or not written by wfauth")
	}
	value, err := openArmored(parts.value, k.id)
	if err != nil {
		return nil, nil, fault(Damaged, path, "damaged, or not written by wfauth")
	}
	return f.keep(k), value, nil
}

// openEarlier opens a file of the earlier layout.
func (f *sealedFiles) openEarlier(ctx context.Context, path string, data []byte) ([]byte, error) {
	text, err := f.passphrase.get(ctx)
	if err == nil && text == "" {
		err = fault(MissingPassphrase, path, "it is sealed, and there is no passphrase")
	}
	if err != nil {
		return nil, err
	}
	return bounded(ctx, func() ([]byte, error) {
		id, err := passphraseIdentity(text)
		if err != nil {
			return nil, err
		}
		value, err := open(data, id)
		switch {
		case errors.Is(err, age.ErrIncorrectIdentity):
			return nil, fault(WrongPassphrase, path, "%w", errWrongPassphrase)
		case err != nil:
			return nil, fault(Damaged, path, "damaged, or not written by wfauth")
		}
		return value, nil
	})
}

// keyFor is the key that an account's file is sealed to: that of the file which
// is there, so that its passphrase goes on opening it. What is not the item's is
// sealed as the item is.
func (f *sealedFiles) keyFor(ctx context.Context, account string) (*sealKey, error) {
	path := f.path(account)
	if account == f.options.Account {
		data, err := f.read(ctx, path)
		if err != nil {
			return nil, err
		}
		if data != nil && !bytes.HasPrefix(data, []byte(byPassphrase)) {
			k, _, err := f.unseal(ctx, path, data)
			return k, err
		}
	}
	if k := f.known(); k != nil {
		return k, nil
	}
	return f.newKey(ctx)
}

// newKey is for a file that is not there yet, or is of the earlier layout.
func (f *sealedFiles) newKey(ctx context.Context) (*sealKey, error) {
	text, err := f.passphrase.get(ctx)
	if err == nil && text == "" {
		err = fault(NoPassphrase, f.file, "it is not there yet, and to make it a passphrase is needed")
	}
	if err != nil {
		return nil, err
	}
	k, err := bounded(ctx, func() (*sealKey, error) { return newSealKey(text, f.options.Work) })
	if err != nil {
		return nil, err
	}
	return f.keep(k), nil
}

// unlocked is the key that the kernel keeps, nil where it keeps none.
func (f *sealedFiles) unlocked(sealed []byte) *sealKey {
	text, _, err := f.kernel.load(f.kernelName())
	if err != nil || !isIdentity(text) {
		return nil // a passphrase opens it too
	}
	id, err := age.ParseX25519Identity(text)
	if err != nil {
		return nil
	}
	return &sealKey{sealed, id}
}

// kernelName names the item's key without telling others, who can list the
// kernel's keys, what is logged in to.
func (f *sealedFiles) kernelName() string { return "wfauth:" + digest(f.file) }

func (f *sealedFiles) known() *sealKey {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.key
}

func (f *sealedFiles) keep(k *sealKey) *sealKey {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key = k
	return k
}

func (f *sealedFiles) forget() { f.keep(nil) }
