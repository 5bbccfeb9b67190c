//go:build !linux

package secrets

func playSystem(string, *Item) bool { return false }
