// Command gendocs writes the reference of the command line from the command tree: Markdown for reading, man pages for
// packages. It is never linked into wfauth.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/wfauth/wfauth/internal/cli"
)

func main() {
	if len(os.Args) != 3 || os.Args[1] != "md" && os.Args[1] != "man" {
		fmt.Fprintln(os.Stderr, "usage: gendocs md|man FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func write(kind, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(folder, "wfauth*."+map[string]string{"md": "md", "man": "1"}[kind]))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	root := cli.Tree("proj") // the commands of every object are like those of this one
	documents, _, err := cli.Tree("docu").Find([]string{"docu"})
	if err != nil {
		return err
	}
	documents.RemoveCommand(slices.DeleteFunc(slices.Clone(documents.Commands()), func(c *cobra.Command) bool { return c.Name() == "upload" || c.Name() == "download" })...)
	root.AddCommand(documents) // and these are what only documents have
	plain(root)
	if kind == "md" {
		return doc.GenMarkdownTree(root, folder)
	}
	// Without a date of its own the pages are the same whenever they are made.
	date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return doc.GenManTree(root, &doc.GenManHeader{Title: "WFAUTH", Section: "1", Source: "wfauth", Date: &date}, folder)
}

// plain leaves out the line that names the generator and its day.
func plain(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	for _, sub := range cmd.Commands() {
		plain(sub)
	}
}
