package secrets

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// A sealed file has two parts, each an age file (age-encryption.org/v1) in
// ASCII armour, one after the other: an identity sealed by the passphrase, and
// the value sealed to that identity. So a passphrase is paid for once and not at
// every change, another passphrase rewrites the first part only, and stock age
// opens both.
type twoParts struct {
	key   []byte // armoured: an AGE-SECRET-KEY-1…, sealed by the passphrase
	value []byte // armoured: sealed to the key's recipient
}

const (
	// byPassphrase begins an age file that a passphrase opens. Of the earlier
	// layout the whole file is one; it is rewritten at its next change.
	byPassphrase = "age-encryption.org/v1\n-> scrypt "

	armorEnd = armor.Footer + "\n"
)

// parseParts takes what bytes makes, and nothing before, between or after it.
func parseParts(data []byte) (p twoParts, ok bool) {
	p.key, p.value, ok = bytes.Cut(data, []byte(armorEnd))
	if !ok || !bytes.HasPrefix(p.key, []byte(armor.Header+"\n")) || !bytes.HasPrefix(p.value, []byte(armor.Header+"\n")) {
		return p, false
	}
	p.key = data[:len(p.key)+len(armorEnd)]
	rest, ok := bytes.CutSuffix(p.value, []byte(armorEnd))
	return p, ok && !bytes.Contains(rest, []byte(armor.Footer))
}

func (p twoParts) bytes() []byte { return append(bytes.Clone(p.key), p.value...) }

func sealArmored(plain []byte, r age.Recipient) ([]byte, error) {
	sealed, err := seal(plain, r)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := armor.NewWriter(&b)
	if _, err := w.Write(sealed); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func openArmored(part []byte, id age.Identity) ([]byte, error) {
	sealed, err := unarmored(part)
	if err != nil {
		return nil, err
	}
	return open(sealed, id)
}

func unarmored(part []byte) ([]byte, error) {
	return io.ReadAll(armor.NewReader(bytes.NewReader(part)))
}

// A sealKey is the identity of a sealed file, with the first part that it stands in.
type sealKey struct {
	sealed []byte
	id     *age.X25519Identity
}

// newSealKey makes an identity that the passphrase opens, at the cost of work.
func newSealKey(passphrase string, work int) (*sealKey, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	return sealIdentity(id, passphrase, work)
}

func sealIdentity(id *age.X25519Identity, passphrase string, work int) (*sealKey, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(work)
	sealed, err := sealArmored([]byte(id.String()+"\n"), r)
	if err != nil {
		return nil, err
	}
	return &sealKey{sealed, id}, nil
}

// openSealKey opens a first part. Its errors are errWrongPassphrase, or tell of damage.
func openSealKey(part []byte, passphrase string) (*sealKey, error) {
	sealed, err := unarmored(part)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(sealed, []byte(byPassphrase)) {
		return nil, errors.New("no passphrase opens it")
	}
	by, err := passphraseIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := open(sealed, by)
	switch {
	case errors.Is(err, age.ErrIncorrectIdentity):
		return nil, errWrongPassphrase
	case err != nil:
		return nil, err
	}
	id, err := age.ParseX25519Identity(string(bytes.TrimSpace(plain)))
	if err != nil {
		return nil, errors.New("it holds no key") // err could quote it
	}
	return &sealKey{part, id}, nil
}

var errWrongPassphrase = errors.New("the passphrase does not open it")

func passphraseIdentity(passphrase string) (*age.ScryptIdentity, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	id.SetMaxWorkFactor(scryptMost)
	return id, nil
}

// holds makes a sealed file's content of a value.
func (k *sealKey) holds(value []byte) (twoParts, error) {
	sealed, err := sealArmored(value, k.id.Recipient())
	return twoParts{k.sealed, sealed}, err
}
