//go:build !windows && !linux

package output

import "os"

func temporary() (*os.File, error) { return unlinked() }
