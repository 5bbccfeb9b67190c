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

// givenPassphrase is WFAUTH_PASSPHRASE, or what WFAUTH_PASSPHRASE_FILE holds; empty where neither is set.
func (a *app) givenPassphrase(context.Context) (text string, err error) {
	if text = config.Line(a.env.Getenv("WFAUTH_PASSPHRASE")); text == "" {
		if path := a.env.Getenv("WFAUTH_PASSPHRASE_FILE"); path != "" {
			text, err = a.passphraseFile(path)
		}
	}
	return a.knownPassphrase(text), err
}

// askPassphrase asks a person at a terminal, for a new one twice; it is empty where there is nobody.
func (a *app) askPassphrase(ctx context.Context) (text string, err error) {
	if !a.person() {
		return "", nil
	}
	if a.choosing {
		text, err = a.prompt().NewPassphrase(ctx, "New passphrase for the sealed file")
	} else {
		text, err = a.prompt().Secret(ctx, "Passphrase of the sealed file")
	}
	if errors.Is(err, terminal.ErrDiffer) {
		err = usagef("wfauth login", "%v", err)
	}
	return a.knownPassphrase(text), err
}

// knownPassphrase masks a passphrase from now on; a new one that is short is worth a note.
func (a *app) knownPassphrase(text string) string {
	a.secrets.Add(text)
	if n := utf8.RuneCountInString(text); a.choosing && n > 0 && n < shortPassphrase {
		a.note("a passphrase as short as this can be guessed by whoever gets hold of the sealed file")
	}
	return text
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
