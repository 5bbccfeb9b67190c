package secrets

import (
	"errors"
	"fmt"
)

// Kind tells apart the ways in which a store fails, as far as a user would
// act on them differently.
type Kind int

// The kinds of [Error].
const (
	// Unusable is any fault of the store without a kind of its own: a folder
	// that may not be written, an error of the keyring's.
	Unusable Kind = iota
	// NoBus: there is no D-Bus session bus, so no keyring can be reached.
	NoBus
	// NoService: the bus is there, but no keyring serves on it.
	NoService
	// NoCollection: the keyring runs, but has no collection to write to.
	NoCollection
	// Locked: the keyring is locked and nobody can be asked to unlock it.
	Locked
	// Silent: the store took longer than its deadline.
	Silent
	// Dismissed: the person closed the keyring's dialog.
	Dismissed
	// Damaged: what is stored is damaged, or was not written by wfauth.
	Damaged
	// WrongPassphrase: the passphrase does not open the sealed file.
	WrongPassphrase
	// MissingPassphrase: the sealed file that is there needs a passphrase and none was given.
	MissingPassphrase
	// TooLarge: the secrets do not fit into the store.
	TooLarge
	// LockTimeout: another process has held the lock for too long.
	LockTimeout
	// Lost: the store reported success, but reading back gave something else.
	Lost
	// NoRoom: the disk is full, or the user's share of it, in bytes or in files.
	NoRoom
	// NoPassphrase: a sealed file would be made, and no passphrase was given.
	NoPassphrase
	// LockLost: the lock's file was removed while it was held.
	LockLost
	// NoKernelKeyring: the system has no kernel keyring, or does not let it be used.
	NoKernelKeyring
)

// Error is a fault of the store. Its text is one line, says what is wrong and
// where, and never contains a secret.
type Error struct {
	Kind  Kind
	Where string // "keyring", or the path of a file
	Err   error  // why; never nil
}

func (e *Error) Error() string { return e.Where + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func fault(kind Kind, where, format string, args ...any) *Error {
	return &Error{Kind: kind, Where: where, Err: fmt.Errorf(format, args...)}
}

// unwritten is the kind of an error of writing a file.
func unwritten(err error) Kind {
	for _, full := range diskFull {
		if errors.Is(err, full) {
			return NoRoom
		}
	}
	return Unusable
}
