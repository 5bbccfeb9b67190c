package cli

import (
	"context"
	"os"
)

// passphrase opens the sealed file: WFAUTH_PASSPHRASE, WFAUTH_PASSPHRASE_FILE, or a question at a terminal, where a new
// one is asked for twice. It is empty where nobody gave one.
func (a *app) passphrase(ctx context.Context) (string, error) {
	if text := a.env.Getenv("WFAUTH_PASSPHRASE"); text != "" {
		return text, nil
	}
	if path := a.env.Getenv("WFAUTH_PASSPHRASE_FILE"); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", usagef("", "WFAUTH_PASSPHRASE_FILE: %v", err)
		}
		secret := trimNewline(string(text))
		a.secrets.add(secret)
		return secret, nil
	}
	if !a.person() {
		return "", nil
	}
	if !a.choosing {
		return a.askPassphrase(ctx, "Passphrase of the sealed file")
	}
	secret, err := a.askPassphrase(ctx, "New passphrase for the sealed file")
	if err != nil || secret == "" {
		return "", err
	}
	again, err := a.askPassphrase(ctx, "The same passphrase again")
	if err == nil && again != secret {
		err = usagef("wfauth login", "the two passphrases differ")
	}
	return secret, err
}

func (a *app) askPassphrase(ctx context.Context, question string) (string, error) {
	secret, err := a.askSecret(ctx, question)
	secret = trimNewline(secret) // blanks are part of it
	a.secrets.add(secret)
	return secret, err
}
