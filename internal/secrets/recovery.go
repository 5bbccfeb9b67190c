package secrets

import (
	"bytes"
	"errors"
	"os"
	"time"

	"filippo.io/age"
)

// A recovery is the one sealed file beside a store item. It is written before
// the item is, and stays until the store is known to have kept the item, or for
// good where the payload is too large for the store. Beside a sealed file it
// lies in the same folder. That of a keyring's item lies in the state folder
// and is named by the item alone: the keyring is one for all config folders,
// and a file in one of them would not be found from another.
type recovery struct {
	path   string // "": none, for a store that dies with the process
	reread func(path string) ([]byte, error)
}

func newRecovery(path string) recovery { return recovery{path, readFile} }

// errUnopened is what read returns for a file that the key does not open:
// damaged, or sealed to the key of an item that is no more.
var errUnopened = errors.New("cannot be opened with the key in the store")

// reserve takes the room that a payload of this size will need, sealed.
func (r recovery) reserve(size int) (*room, error) {
	const sealing = 4 << 10 // the envelope, the age header, and 16 bytes for each 64 KiB
	ro, err := makeRoom(r.path, size+size/4096+sealing)
	if err != nil {
		return nil, fault(unwritten(err), r.path, "there is no room for a new session: %w", pathCause(err))
	}
	return ro, nil
}

// write seals the payload of e to key, replaces the file, and reads it back. It
// uses the room, if there is any, and else what the disk has.
func (r recovery) write(e envelope, key *age.X25519Identity, taken *room) error {
	e.Identity, e.Sealed = "", false
	plain, err := e.encode()
	if err != nil {
		return err
	}
	sealed, err := seal(plain, key.Recipient())
	if err != nil {
		return err
	}
	if taken == nil {
		taken, err = makeRoom(r.path, 0)
	}
	if err == nil {
		err = taken.use(sealed, true)
	}
	if err != nil {
		return fault(unwritten(err), r.path, "%w", pathCause(err))
	}
	switch back, err := r.reread(r.path); {
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

// rested says whether the file was written at least d ago. A time in the future
// is that of a clock which was put right since.
func (r recovery) rested(d time.Duration) bool {
	info, err := os.Stat(r.path)
	return err == nil && time.Since(info.ModTime()).Abs() >= d
}

// renew makes the file as young as a new one.
func (r recovery) renew() {
	now := time.Now()
	_ = os.Chtimes(r.path, now, now) // it would go too soon, which mostly does no harm
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
