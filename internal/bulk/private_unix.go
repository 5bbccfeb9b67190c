//go:build !windows

package bulk

import "os"

// private opens a file for this process alone. It has lost its name before anything is in it, so that the system frees it
// with its last descriptor.
func private() (*os.File, error) {
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

// syncFolder makes the name of a new file survive a power cut.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
