package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal makes a pseudo terminal: the side of the person, and that of the program.
func openTerminal(t *testing.T) (keys, screen *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo terminals: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keys, screen
}

// A signal that comes as a secret is about to be read leaves the echo on: also what is left behind does not turn it off later.
func TestSecretInterruptedAtOnce(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancelCause(t.Context())
	why := errors.New("a signal")
	interrupt(why)
	terminals := make([]*os.File, 50)
	for i := range terminals {
		_, screen := openTerminal(t)
		terminals[i] = screen
		if text, err := System(screen, screen, screen).ReadSecret(ctx); text != "" || !errors.Is(err, why) {
			t.Fatalf("%q, %v", text, err)
		}
	}
	for _, screen := range terminals {
		if !echoes(t, screen) {
			t.Fatal("the terminal no longer shows what is typed")
		}
	}
}

// A secret is read without echo, which is on again afterwards.
func TestSecret(t *testing.T) {
	t.Parallel()
	keys, screen := openTerminal(t)
	if _, err := keys.WriteString("CANARY typed\n"); err != nil {
		t.Fatal(err)
	}
	text, err := System(screen, screen, screen).ReadSecret(t.Context())
	if text != "CANARY typed" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if !echoes(t, screen) {
		t.Error("the terminal no longer shows what is typed")
	}
}

// Nothing that is typed is shown from before the question on until the last one is answered: whoever answers at once, as programs do,
// or types ahead, would be seen otherwise.
func TestSecretIsAskedForInSilence(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(ctx context.Context, p Prompt) error{
		"a secret":         func(ctx context.Context, p Prompt) error { _, err := p.Secret(ctx, "Secret"); return err },
		"a new passphrase": func(ctx context.Context, p Prompt) error { _, err := p.NewPassphrase(ctx, "Passphrase"); return err },
		"one after the other": func(ctx context.Context, p Prompt) error {
			_, err := p.Hushed(func() (string, error) {
				if _, err := p.Secret(ctx, "Secret"); err != nil {
					return "", err
				}
				_, _ = p.Err.Write([]byte("this is needed\n"))
				return p.Secret(ctx, "Secret")
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, screen := openTerminal(t)
			asked, depth, restored := 0, 0, 0
			streams := System(screen, screen, screen)
			hush := streams.Hush
			streams.Hush = func() func() {
				depth++
				restore := hush()
				return func() {
					if depth--; depth == 0 {
						restored++
					}
					restore()
				}
			}
			p := Prompt{Streams: streams, In: screen, Err: writerFunc(func(text []byte) (int, error) {
				if asked++; echoes(t, screen) {
					t.Errorf("%q is said while the terminal shows what is typed", text)
				}
				if strings.HasSuffix(string(text), ": ") {
					if _, err := keys.WriteString("CANARY\n"); err != nil {
						t.Error(err)
					}
				}
				return len(text), nil
			})}
			if err := ask(t.Context(), p); err != nil || asked < 2 {
				t.Errorf("%v, after %d texts", err, asked)
			}
			if !echoes(t, screen) || restored != 1 {
				t.Errorf("the terminal shows again what is typed: %v, after %d times", echoes(t, screen), restored)
			}
		})
	}
}

type writerFunc func(text []byte) (int, error)

func (w writerFunc) Write(text []byte) (int, error) { return w(text) }

func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	mode, err := getTermios(int(screen.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}
