package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
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
		mode, err := getTermios(int(screen.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		if mode.Lflag&unix.ECHO == 0 {
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
	mode, err := getTermios(int(screen.Fd()))
	if err != nil || mode.Lflag&unix.ECHO == 0 {
		t.Errorf("afterwards the mode is %v, %v", mode, err)
	}
}
