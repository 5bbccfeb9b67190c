package secrets

import (
	"bytes"
	"errors"

	"filippo.io/age"
)

// A recovery is the one sealed file beside a store item. It is written before
// the item is and removed when the item has been read back, so it is there
// only when the item may be behind, or when the payload is too large for the
// store and rests here for good. It lies in the state folder and is named by
// the item alone: the keyring is one for all config folders, and a file in one
// of them would not be found from another.
type recovery struct {
	path string // "": none, for a store that dies with the process
}

// errUnopened is what read returns for a file that the key does not open:
// damaged, or sealed to the key of an item that is no more.
var errUnopened = errors.New("cannot be opened with the key in the store")

// write seals the payload of e to key, replaces the file, and reads it back.
func (r recovery) write(e envelope, key *age.X25519Identity) error {
	e.Identity, e.Sealed = "", false
	plain, err := e.encode()
	if err != nil {
		return err
	}
	sealed, err := seal(plain, key.Recipient())
	if err != nil {
		return err
	}
	if err := writeFileAtOnce(r.path, sealed); err != nil {
		return fault(Unusable, r.path, "%w", pathCause(err))
	}
	switch back, err := readFile(r.path); {
	case err != nil:
		return fault(Unusable, r.path, "read back: %w", pathCause(err))
	case !bytes.Equal(back, sealed):
		return fault(Lost, r.path, "read back something else than was written")
	}
	return nil
}

// read returns the envelope in the file, or nil when there is no file.
func (r recovery) read(key *age.X25519Identity) (*envelope, error) {
	if r.path == "" {
		return nil, nil
	}
	sealed, err := readFile(r.path)
	if err != nil {
		return nil, fault(Unusable, r.path, "%w", pathCause(err))
	}
	if sealed == nil {
		return nil, nil
	}
	plain, err := open(sealed, key)
	if err != nil {
		return nil, fault(Damaged, r.path, "%w", errUnopened)
	}
	e, err := decodeEnvelope(plain)
	if err != nil {
		return nil, fault(Damaged, r.path, "%w", err)
	}
	return &e, nil
}

func (r recovery) exists() bool {
	if r.path == "" {
		return false
	}
	sealed, err := readFile(r.path)
	return sealed != nil || err != nil
}

func (r recovery) remove() error {
	if r.path == "" {
		return nil
	}
	if err := removeFile(r.path); err != nil {
		return fault(Unusable, r.path, "%w", pathCause(err))
	}
	return nil
}
