package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unicode/utf8"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/terminal"
)

// shortPassphrase is one that whoever has the file could guess by trying, at some 60 ms a try.
const shortPassphrase = 12

// passphrase opens the sealed file; a new one that is short is worth a note.
func (a *app) passphrase(ctx context.Context) (string, error) {
	text, err := a.givenPassphrase(ctx)
	a.secrets.Add(text)
	if n := utf8.RuneCountInString(text); a.choosing && n > 0 && n < shortPassphrase {
		a.note("a passphrase as short as this can be guessed by whoever gets hold of the sealed file")
	}
	return text, err
}

// givenPassphrase is WFAUTH_PASSPHRASE, WFAUTH_PASSPHRASE_FILE, or the answer to a question at a terminal, where a new one
// is asked for twice. It is empty where nobody gave one.
func (a *app) givenPassphrase(ctx context.Context) (string, error) {
	if text := config.Line(a.env.Getenv("WFAUTH_PASSPHRASE")); text != "" {
		return text, nil
	}
	if path := a.env.Getenv("WFAUTH_PASSPHRASE_FILE"); path != "" {
		return a.passphraseFile(path)
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
	return secret, err
}

// passphraseFile reads a passphrase from a file, or from a pipe, which has no mode to speak of.
func (a *app) passphraseFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", usagef(newPassphraseCommand(), "WFAUTH_PASSPHRASE_FILE: %v", err)
	}
	if runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		a.note(fmt.Sprintf("others can read the passphrase in %s (mode %04o): chmod 600 %[1]s", path, info.Mode().Perm()))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", usagef("", "WFAUTH_PASSPHRASE_FILE: %v", err)
	}
	return config.Line(string(text)), nil
}
