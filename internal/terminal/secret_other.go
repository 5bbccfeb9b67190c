//go:build !linux && !darwin

package terminal

import (
	"context"
	"os"

	"golang.org/x/term"
)

// readSecret restores the console also where its read is left behind.
func readSecret(ctx context.Context, in *os.File) (string, error) {
	before, err := term.GetState(int(in.Fd()))
	if err != nil {
		return "", err
	}
	secret, err := awaited(ctx, func() (string, error) {
		text, err := term.ReadPassword(int(in.Fd()))
		return string(text), err
	})
	if ctx.Err() != nil {
		_ = term.Restore(int(in.Fd()), before)
	}
	return secret, err
}
