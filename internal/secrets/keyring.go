package secrets

import "path/filepath"

// OpenKeyring returns the Item of o.Account in the operating system's keyring:
// service "wfauth", account o.Account. Nothing is touched before the first call
// of a method.
func OpenKeyring(o Options) *Item {
	o = o.withDefaults()
	limit := o.KeyringLimit
	if limit == 0 {
		limit = keyringLimit(o.Account)
	}
	return &Item{
		where:    "keyring",
		account:  o.Account,
		backend:  newKeyring(o),
		recovery: newRecovery(filepath.Join(o.StateDir, "recovery", digest("keyring", o.Account)+".age")),
		lag:      keyringLag,
		locker:   o.keyringLock("keyring"),
		probing:  o.keyringLock("keyring probe"),
		limit:    limit,
		note:     o.Note,
	}
}

// keyringLock is one lock for all processes of the user that can reach the item.
func (o Options) keyringLock(what string) *fileLock {
	return o.lock(filepath.Join(o.StateDir, "locks", digest(o.Origin, o.ClientID, o.Account, what)+".lock"))
}

const keyringService = "wfauth"
