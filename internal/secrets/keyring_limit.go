//go:build !darwin

package secrets

import "runtime"

// keyringLimit is the size of a Windows credential's blob. The Secret Service
// has no limit that secrets of this kind would meet.
func keyringLimit(string) int {
	if runtime.GOOS == "windows" {
		return 2560
	}
	return 0
}
