// Command gendocs writes the reference of the command line from the command tree: Markdown for reading, man pages for
// packages. It is never linked into wfauth.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/wfauth/wfauth/internal/cli"
)

func main() {
	args := os.Args[1:]
	if len(args) < 2 || len(args) > 3 || args[0] != "man" && (args[0] != "md" || len(args) == 3) {
		fmt.Fprintln(os.Stderr, "usage: gendocs md FOLDER, or gendocs man FOLDER [VERSION]")
		os.Exit(2)
	}
	if err := write(args[0], args[1], args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

// write makes the pages anew; those of commands that are no more go. Man pages may name a version.
func write(kind, folder string, version ...string) error {
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
	date, err := sourceDate()
	if err != nil {
		return err
	}
	return manual{strings.Join(version, " "), date}.tree(root, folder)
}

// plain leaves out the line that names the generator and its day.
func plain(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	for _, sub := range cmd.Commands() {
		plain(sub)
	}
}
