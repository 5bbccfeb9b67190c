package secrets

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// kernelKeyring keeps keys of sealed files in the kernel's keyring of this user
// (keyrings(7)), which no other user reads and which forgets each at its time.
// It is one for all login sessions, cron's and services' too.
type kernelKeyring struct{}

// store keeps a secret until a moment. The key gets its end before it gets into
// the keyring, so that a kill leaves none without.
func (kernelKeyring) store(name, secret string, until time.Time) error {
	return onOwnThread(func() error {
		payload := strconv.FormatInt(until.Unix(), 10) + " " + secret
		id, err := unix.AddKey("user", name, []byte(payload), unix.KEY_SPEC_THREAD_KEYRING)
		if err != nil {
			return err
		}
		seconds := int(time.Until(until).Seconds()) + 1
		if _, err := unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, seconds, 0, 0); err != nil {
			return err
		}
		_, err = unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
		return err
	})
}

// load returns a secret and its end, or "" where there is none.
func (kernelKeyring) load(name string) (secret string, until time.Time, err error) {
	err = onOwnThread(func() error {
		id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", name, 0)
		if err != nil {
			return err
		}
		buffer := make([]byte, 256)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, buffer, 0)
		if err != nil {
			return err
		}
		end, text, _ := strings.Cut(string(buffer[:min(n, len(buffer))]), " ")
		seconds, err := strconv.ParseInt(end, 10, 64)
		if until = time.Unix(seconds, 0); err == nil && time.Now().Before(until) {
			secret = text // the kernel's own end comes up to a second later
		}
		return nil
	})
	if notThere(err) {
		err = nil
	}
	if secret == "" {
		until = time.Time{}
	}
	return secret, until, err
}

// forget says whether there was a secret.
func (kernelKeyring) forget(name string) (was bool, err error) {
	err = onOwnThread(func() error {
		id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", name, 0)
		if err != nil {
			return err
		}
		was = true
		_, err = unix.KeyctlInt(unix.KEYCTL_INVALIDATE, id, 0, 0, 0)
		return err
	})
	if notThere(err) {
		err = nil
	}
	return was, err
}

func notThere(err error) bool {
	return errors.Is(err, unix.ENOKEY) || errors.Is(err, unix.EKEYEXPIRED) || errors.Is(err, unix.EKEYREVOKED)
}

// onOwnThread runs f on a thread whose own keyring has a link to the user's: a
// process of another login session may read a key only of a keyring that it
// possesses. The thread, and with it the link, ends with f.
func onOwnThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		_, err := unix.KeyctlInt(unix.KEYCTL_LINK, unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_THREAD_KEYRING, 0, 0)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	err := <-done
	switch {
	case err == nil || notThere(err):
		return err
	case errors.Is(err, unix.EDQUOT):
		return fault(NoKernelKeyring, kernelKeyringName, "this user's keys fill it (/proc/key-users)")
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fault(NoKernelKeyring, kernelKeyringName, "it cannot be used here, as in many containers (%w)", err)
	}
	return fault(NoKernelKeyring, kernelKeyringName, "it cannot be used (%w)", err)
}
