package gateway

import "io"

// Judge is what a path leads to at Workfront; empty for a list.
func Judge(uri, path string) (string, error) {
	to, err := judge(uri, path)
	return to.path, err
}

// Hiding reads r as an answer that is no file is read.
func Hiding(r io.Reader, secrets []string) io.Reader { return hidingMembers(hiding(r, secrets)) }
