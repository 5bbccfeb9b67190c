package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// needKernelKeyring skips a test where the kernel's keyring may not be used, as in some containers.
func needKernelKeyring(t *testing.T) {
	t.Helper()
	_, _, err := kernelKeyring{}.load("wfauth:test")
	if err == nil {
		return
	}
	if slices.Contains(strings.Split(os.Getenv("WFAUTH_TEST_REQUIRE"), ","), "kernelkeyring") {
		t.Fatalf("WFAUTH_TEST_REQUIRE asks for a kernel keyring: %v", err)
	}
	t.Skip(err)
}

func unlock(t *testing.T, o Options, d time.Duration) time.Time {
	t.Helper()
	s := openSeal(o)
	t.Cleanup(func() { _, _ = s.Lock() })
	until, err := s.Unlock(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return until
}

func checkUntil(t *testing.T, o Options, want time.Time) {
	t.Helper()
	if until, err := OpenSeal(o).Until(); err != nil || !until.Equal(want) {
		t.Errorf("open until %v, %v; want %v", until, err, want)
	}
}

func TestUnlock(t *testing.T) {
	t.Parallel()
	needKernelKeyring(t)
	o := options(t)
	if _, err := openSeal(o).Unlock(t.Context(), time.Minute); !errors.Is(err, ErrNoFile) {
		t.Errorf("without a file: %v", err)
	}
	save(t, openFile(o), `{"n":1}`)
	checkUntil(t, o, time.Time{})
	begun := time.Now()
	until := unlock(t, o, time.Hour)
	if d := until.Sub(begun); d < time.Hour || d > 2*time.Hour {
		t.Errorf("open for %v", d)
	}
	checkUntil(t, o, until)

	none := o
	none.Passphrase = nil
	none.AskPassphrase = func(context.Context) (string, error) { t.Error("asked for the passphrase"); return "", nil }
	check(t, openFile(none), `{"n":1}`)
	reserving(t, openFile(none), func(i *Item) { save(t, i, `{"n":2}`) })
	if err := openFile(none).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	check(t, openFile(o), `{"n":2}`) // by the passphrase
	change(t, o, "CANARY-next")
	check(t, openFile(none), `{"n":2}`)

	_, err := openFileBy(o, "CANARY-wrong").Load(t.Context())
	checkKind(t, err, WrongPassphrase) // one at hand goes before the kernel's keyring
	none.AskPassphrase = nil
	_, err = openSeal(none).Unlock(t.Context(), time.Hour)
	checkKind(t, err, MissingPassphrase)
}

// Whatever ends the key or the file, the passphrase goes on opening it, and nothing else does.
func TestLockedAgain(t *testing.T) {
	t.Parallel()
	needKernelKeyring(t)
	for name, end := range map[string]func(t *testing.T, o Options){
		"by hand": func(t *testing.T, o Options) {
			for _, want := range []bool{true, false} {
				if was, err := OpenSeal(o).Lock(); was != want || err != nil {
					t.Errorf("it was open: %v, %v", was, err)
				}
			}
		},
		"by time": func(t *testing.T, o Options) {
			for unlock(t, o, time.Second); ; time.Sleep(50 * time.Millisecond) {
				if until, err := OpenSeal(o).Until(); err != nil || until.IsZero() {
					return
				}
			}
		},
		"by a logout": func(t *testing.T, o Options) {
			if err := openFile(o).Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkUntil(t, o, time.Time{})
			save(t, openFile(o), `{"n":1}`)
		},
		"by another file": func(t *testing.T, o Options) {
			if err := os.Remove(OpenFile(o).where); err != nil {
				t.Fatal(err)
			}
			save(t, openFile(o), `{"n":1}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			save(t, openFile(o), `{"n":1}`)
			unlock(t, o, time.Hour)
			end(t, o)
			none := o
			none.Passphrase = nil
			_, err := openFile(none).Load(t.Context())
			checkKind(t, err, MissingPassphrase)
			check(t, openFile(o), `{"n":1}`)
		})
	}
}

func TestUnlockWithAWrongPassphrase(t *testing.T) {
	t.Parallel()
	needKernelKeyring(t)
	o := options(t)
	save(t, openFile(o), `{"n":1}`)
	wrong := o
	wrong.Passphrase = func(context.Context) (string, error) { return "CANARY-wrong", nil }
	_, err := openSeal(wrong).Unlock(t.Context(), time.Hour)
	checkKind(t, err, WrongPassphrase)
	wrong.Passphrase = nil
	_, err = openSeal(wrong).Unlock(t.Context(), time.Hour)
	checkKind(t, err, MissingPassphrase)
	checkUntil(t, o, time.Time{})
}

func TestUnlockOfTheEarlierLayout(t *testing.T) {
	t.Parallel()
	needKernelKeyring(t)
	o := options(t)
	old, err := os.ReadFile("testdata/layout1.age")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(OpenFile(o).where, old, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock(t, o, time.Hour)
	o.Passphrase = nil
	payload, err := openFile(o).Load(t.Context())
	if err != nil || !strings.Contains(string(payload), "CANARY-session") {
		t.Errorf("loaded %q, %v", payload, err)
	}
}

// A service or a cron job runs in a login session of its own; this process' threads keep theirs.
func TestUnlockedForOtherSessions(t *testing.T) {
	t.Parallel()
	needKernelKeyring(t)
	s := setting{"file", t.TempDir(), t.TempDir()}
	o := options(t)
	o.StateDir, o.SealedDir = s.StateDir, s.SealedDir
	save(t, openFile(o), `{"n":1}`)
	unlock(t, o, time.Hour)
	start(t, "load in another session", s).says(t, `{"n":1}`)
}

func TestNoKernelKeyring(t *testing.T) {
	t.Parallel()
	s := setting{"file", t.TempDir(), t.TempDir()}
	o := options(t)
	o.StateDir, o.SealedDir = s.StateDir, s.SealedDir
	save(t, openFile(o), `{"n":1}`)
	for _, errno := range []unix.Errno{unix.ENOSYS, unix.EPERM, unix.EDQUOT} {
		c := start(t, fmt.Sprintf("no kernel keyring %d", errno), s)
		c.says(t, fmt.Sprint(NoKernelKeyring))   // unlock
		c.says(t, fmt.Sprint(NoKernelKeyring))   // lock
		c.says(t, fmt.Sprint(MissingPassphrase)) // without one, as before
		c.says(t, `{"n":1}`)                     // and with
	}
}

func playKernelKeyring(role string, i *Item) error {
	ctx := context.Background()
	files := i.backend.(*sealedFiles)
	switch role {
	case "load in another session": // which only what this thread executes is in
		runtime.LockOSThread()
		if _, err := unix.KeyctlJoinSessionKeyring("wfauth-test"); err != nil {
			return err
		}
		if err := os.Setenv("WFAUTH_TEST_ROLE", "load by the kernel keyring"); err != nil {
			return err
		}
		return unix.Exec("/proc/self/exe", os.Args, os.Environ())
	case "load by the kernel keyring":
		files.passphrase.given = nil
		payload, err := i.Load(ctx)
		fmt.Println(string(payload))
		return err
	}
	var errno uint32
	if _, err := fmt.Sscanf(role, "no kernel keyring %d", &errno); err != nil {
		return err
	}
	if err := refuseCall(unix.SYS_KEYCTL, errno); err != nil {
		return err
	}
	kindOf := func(err error) Kind {
		e, _ := errors.AsType[*Error](err)
		return e.Kind
	}
	seal := &Seal{i, files}
	_, err := seal.Unlock(ctx, time.Hour)
	fmt.Println(kindOf(err))
	_, err = seal.Lock()
	fmt.Println(kindOf(err))
	given := files.passphrase.given
	files.passphrase.given = nil
	_, err = i.Load(ctx)
	fmt.Println(kindOf(err))
	i = &Item{where: i.where, account: i.account, backend: &sealedFiles{
		dir: files.dir, file: files.file, options: files.options, passphrase: passphrase{given: given},
	}, note: i.note}
	payload, err := i.Load(ctx)
	fmt.Println(string(payload))
	_, _ = io.Copy(io.Discard, os.Stdin)
	return err
}
