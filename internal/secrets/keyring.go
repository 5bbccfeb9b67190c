package secrets

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
		recovery: o.recovery("keyring"),
		locker:   o.lock("keyring"),
		probing:  o.lock("keyring probe"),
		limit:    limit,
		note:     o.Note,
	}
}

const keyringService = "wfauth"
