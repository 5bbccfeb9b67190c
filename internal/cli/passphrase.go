package cli

import (
	"context"
	"errors"
	"os"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/terminal"
)

// passphrase opens the sealed file: WFAUTH_PASSPHRASE, WFAUTH_PASSPHRASE_FILE, or a question at a terminal, where a new
// one is asked for twice. It is empty where nobody gave one.
func (a *app) passphrase(ctx context.Context) (string, error) {
	if text := config.Line(a.env.Getenv("WFAUTH_PASSPHRASE")); text != "" {
		return text, nil
	}
	if path := a.env.Getenv("WFAUTH_PASSPHRASE_FILE"); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", usagef("", "WFAUTH_PASSPHRASE_FILE: %v", err)
		}
		secret := config.Line(string(text)) // blanks are a part of it
		a.secrets.Add(secret)
		return secret, nil
	}
	if !a.person() {
		return "", nil
	}
	question := "Passphrase of the sealed file"
	ask := a.prompt().Secret
	if a.choosing {
		question, ask = "New passphrase for the sealed file", a.prompt().NewPassphrase
	}
	secret, err := ask(ctx, question)
	if errors.Is(err, terminal.ErrDiffer) {
		err = usagef("wfauth login", "%v", err)
	}
	a.secrets.Add(secret)
	return secret, err
}
