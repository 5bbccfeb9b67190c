//go:build !windows

package output

import "os"

// unlinked opens a file for this process alone. It has lost its name before
// anything is in it: the system frees it with its last descriptor.
func unlinked() (*os.File, error) {
	file, err := os.CreateTemp("", "wfauth-") // 0600
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
