//go:build !linux

package secrets

import "time"

// kernelKeyring is Linux' alone.
type kernelKeyring struct{}

func (kernelKeyring) store(string, string, time.Time) error { return errNoKernelKeyring() }

func (kernelKeyring) load(string) (string, time.Time, error) {
	return "", time.Time{}, errNoKernelKeyring()
}

func (kernelKeyring) forget(string) (bool, error) { return false, errNoKernelKeyring() }

func errNoKernelKeyring() error {
	return fault(NoKernelKeyring, kernelKeyringName, "only Linux has one")
}
