package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The reference in the tree is the one that the command tree gives now.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	fresh := t.TempDir()
	if err := write("md", fresh); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folder(t, fresh), folder(t, filepath.Join("..", "..", "docs", "cli"))); diff != "" {
		t.Errorf("docs/cli is not what the commands say now (go run ./cmd/gendocs md docs/cli):\n%s", diff)
	}
}

func TestManPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := write("man", dir); err != nil {
		t.Fatal(err)
	}
	if pages := folder(t, dir); len(pages["wfauth-token.1"]) == 0 {
		t.Errorf("no page for token among %d", len(pages))
	}
}

func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}
