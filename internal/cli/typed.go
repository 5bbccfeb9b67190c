package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/workfront"
)

// typed writes arguments as one would type them in a shell.
func typed(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = arg
		if arg == "" || strings.ContainsFunc(arg, actsInShell) {
			quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

func actsInShell(c rune) bool {
	return c < 0x80 && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./:,=@+%", c))
}

// retyped is a call of the API as it was typed, but for its PATH, for parameters that are to go, and for more words at the end, which
// stand for the flags of the same name. Headers and what may be a secret are left out.
func retyped(cmd *cobra.Command, path string, drop func(key string) bool, more ...string) string {
	words := []string{path}
	names := []string{"method", "field", "file-field", "input", "fields", "max-time", "profile", "host", "api-version"}
	if !slices.Contains(more, "--jq") {
		names = append(names, "output", "jq")
	}
	for _, name := range names {
		f := cmd.Flag(name)
		if f == nil || !f.Changed {
			continue
		}
		values := []string{f.Value.String()}
		list, isList := f.Value.(interface{ GetSlice() []string })
		if isList {
			values = list.GetSlice()
		}
		option := "--" + name
		if f.Shorthand != "" {
			option = "-" + f.Shorthand
		}
		for _, value := range values {
			key, _, _ := strings.Cut(value, "=")
			if isList && (drop != nil && drop(key) || workfront.Credential(key) || strings.EqualFold(key, "password")) {
				continue
			}
			words = append(words, option, value)
		}
	}
	return cmd.CommandPath() + " " + typed(append(words, more...))
}
