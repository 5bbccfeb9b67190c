package secrets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"time"
)

// Options say whose secrets an [Item] keeps, where, and how long a store may
// take.
type Options struct {
	Account  string // PROFILE@HOST: the keyring's account, the sealed file's name
	Origin   string // with ClientID and Account it names the lock of a keyring's item,
	ClientID string // so that processes with other config folders share it

	StateDir  string // absolute; holds the locks and recovery files of OpenKeyring; made 0700 when missing
	SealedDir string // absolute; holds the sealed files of OpenFile, each with its lock; made 0700 when missing

	// Passphrase returns the passphrase of the sealed file where one is at hand,
	// AskPassphrase asks somebody; "" when there is none. Each is called when
	// first needed, and once: the second only where neither the first nor the
	// kernel's keyring opens the file.
	Passphrase    func(ctx context.Context) (string, error)
	AskPassphrase func(ctx context.Context) (string, error)

	// Work is what one guess at the passphrase of a file that is sealed costs,
	// as a power of two (scrypt's N); 0: 15, some 60 ms and 32 MiB.
	Work int

	Bus          *Bus                // shared with other items of the command; nil: one of its own
	Interactive  bool                // a person at a terminal can unlock the keyring; gets 60 s for it, after a Note
	Deadline     time.Duration       // for one operation of the store; 0: 5 s
	Note         func(string)        // takes one line for stderr; nil: dropped
	Getenv       func(string) string // nil: os.Getenv
	KeyringLimit int                 // bytes a keyring item can hold; 0: the system's; negative: no limit
}

const (
	defaultDeadline = 5 * time.Second
	unlockPatience  = 60 * time.Second // for a person in front of a dialog
	lockPatience    = 30 * time.Second
	lockNoteAfter   = 2 * time.Second

	// keyringLag is how long a keyring may take to write to disk what it says it
	// has taken: KWallet takes some 5 s.
	keyringLag = time.Minute
)

func (o Options) withDefaults() Options {
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	o.Work = cmp.Or(o.Work, scryptWork)
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Bus == nil {
		o.Bus = &Bus{}
	}
	return o
}

// lock is the lock file at path; a person at a terminal is told whom they wait for.
func (o Options) lock(path string) *fileLock {
	profile, _, _ := strings.Cut(o.Account, "@")
	l := &fileLock{path: path, patience: lockPatience}
	if o.Interactive {
		l.waiting = func() { o.Note("another wfauth is refreshing " + profile + "…") }
	}
	return l
}

// digest makes one file name of several strings.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
