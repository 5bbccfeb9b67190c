package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
)

// completer completes a word. What it knows is in the binary, in config.yaml and in the cache: it opens no store and no connection,
// and writes nothing.
type completer func(cmd *cobra.Command, args []string, word string) []objects.Candidate

// completes tells whether a shell asks what a command line may become.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// addCompletion makes the tree know what its words may become. Nobody else needs that.
func (a *app) addCompletion(root *cobra.Command) {
	root.ValidArgsFunction = firstArg(completeObject)
	completeFlag(root, "profile", a.completeProfile)
	for _, cmd := range root.Commands() {
		completeRowFlags(cmd)
		if cmd.Name() == "switch" {
			cmd.ValidArgsFunction = firstArg(a.completeProfile)
		}
	}
}

// firstArg completes the first argument, and no other.
func firstArg(c completer) cobra.CompletionFunc {
	return shellsFunc(func(cmd *cobra.Command, args []string, word string) []objects.Candidate {
		if len(args) > 0 {
			return nil
		}
		return c(cmd, args, word)
	})
}

// completeHelp completes what there is help about.
func completeHelp(cmd *cobra.Command, args []string, word string) []objects.Candidate {
	var all []objects.Candidate
	for _, c := range cmd.Root().Commands() {
		if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), word) {
			all = append(all, objects.Candidate{Text: c.Name(), Description: c.Short})
		}
	}
	return append(all, completeObject(cmd, args, word)...)
}

// completeVerbs is addCompletion for an object's verbs.
func (a *app) completeVerbs(cmd *cobra.Command, o objects.Object) {
	of := func(complete func(string, objects.Object, objects.Known) []objects.Candidate) completer {
		return func(cmd *cobra.Command, _ []string, word string) []objects.Candidate {
			return complete(word, o, a.remembered(cmd))
		}
	}
	cmd.ValidArgsFunction = shellsFunc(func(cmd *cobra.Command, args []string, word string) []objects.Candidate {
		hidden := slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return !c.Hidden })
		if len(args) > 0 || len(hidden) == 0 {
			return nil // the others are known without
		}
		return slices.DeleteFunc(objects.CompleteVerbs(word, o, a.remembered(cmd)(o.Code)), func(c objects.Candidate) bool {
			return !slices.ContainsFunc(hidden, func(h *cobra.Command) bool { return h.Name() == c.Text })
		})
	})
	for _, verb := range cmd.Commands() {
		completeRowFlags(verb)
		for name, c := range map[string]completer{
			"fields": of(objects.CompleteFields), "sort": of(objects.CompleteSort), "or": of(objects.CompleteFilter), "and": of(objects.CompleteFilter),
			"group-by": of(objects.CompleteFields), "agg": of(objects.CompleteAggregates),
		} {
			completeFlag(verb, name, c)
		}
		switch verb.Name() {
		case objects.Search, objects.Count, objects.Report:
			verb.ValidArgsFunction = shellsFunc(of(objects.CompleteFilter))
		case objects.Query:
			verb.ValidArgsFunction = shellsFunc(func(cmd *cobra.Command, args []string, word string) []objects.Candidate {
				m := a.remembered(cmd)(o.Code)
				switch {
				case len(args) == 0:
					return objects.CompleteQueries(word, o, m)
				case m == nil:
					return nil
				}
				return objects.CompleteArguments(word, m.Query(args[0]))
			})
		case objects.Describe:
			verb.ValidArgsFunction = firstArg(func(_ *cobra.Command, _ []string, word string) []objects.Candidate {
				return plainCandidates(word, objects.Parts())
			})
		case objects.Upload: // files, which shells know best
		default:
			verb.ValidArgsFunction = shellsFunc(func(*cobra.Command, []string, string) []objects.Candidate { return nil })
		}
	}
}

// remembered is the metadata in the cache, however old.
func (a *app) remembered(cmd *cobra.Command) objects.Known {
	s, err := a.load(cmd, false)
	if err != nil {
		return func(string) *objects.Metadata { return nil }
	}
	cache := a.metadataCache(s)
	cache.anyAge = true
	return cache.known
}

// completeObject names those that people use until something is typed.
func completeObject(_ *cobra.Command, _ []string, word string) []objects.Candidate {
	all := objects.CompleteObjects(word)
	if word != "" {
		return all
	}
	return slices.DeleteFunc(all, func(c objects.Candidate) bool { return !slices.Contains(popular[:], c.Text) })
}

func (a *app) completeProfile(_ *cobra.Command, _ []string, word string) []objects.Candidate {
	file, err := config.ReadFile(config.UserFolders(a.env.Getenv).Config)
	if err != nil {
		return nil
	}
	var all []objects.Candidate
	for _, p := range file.Profiles {
		if strings.HasPrefix(p.Name, word) {
			all = append(all, objects.Candidate{Text: p.Name, Description: p.Host.String()})
		}
	}
	return all
}

func completeRowFlags(cmd *cobra.Command) {
	completeFlag(cmd, "output", func(cmd *cobra.Command, _ []string, word string) []objects.Candidate {
		formats := output.Formats()
		if cmd.Name() == objects.Report {
			formats = append(formats, output.Chart)
		}
		names := make([]string, len(formats))
		for i, f := range formats {
			names[i] = string(f)
		}
		return plainCandidates(word, names)
	})
	completeFlag(cmd, "dates", func(_ *cobra.Command, _ []string, word string) []objects.Candidate {
		return plainCandidates(word, []string{"iso"})
	})
}

func plainCandidates(word string, names []string) (all []objects.Candidate) {
	for _, name := range names {
		if strings.HasPrefix(name, word) {
			all = append(all, objects.Candidate{Text: name})
		}
	}
	return all
}

func completeFlag(cmd *cobra.Command, name string, c completer) {
	if cmd.Flags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
		_ = cmd.RegisterFlagCompletionFunc(name, shellsFunc(c)) // its error is about a flag that is not there, or is so twice
	}
}

// shellsFunc gives candidates to a shell.
func shellsFunc(c completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		all := c(cmd, args, word)
		several := len(all) > 1
		var completions []cobra.Completion
		for _, candidate := range all {
			if several && endangers(candidate.Text) || strings.ContainsFunc(candidate.Text, terminal.Acts) {
				continue
			}
			if candidate.More {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			completions = append(completions, cobra.CompletionWithDesc(candidate.Text, terminal.Line(candidate.Description)))
		}
		return completions, directive
	}
}

// endangers tells a name of the tenant's in which a shell would see a command. Shells quote what they insert, but for bash where
// several candidates begin alike: their common beginning goes into the line as it is, and cobra's script evaluates that line the next
// time. Operators at the end are ours.
func endangers(text string) bool {
	return strings.ContainsAny(strings.TrimRight(text, "<>=!~"), "$`\\\"';&|(){}[]*?#<>")
}

// mends are what cobra's scripts do to words that hold what filters and lists hold. In bash a candidate is compared in a form that has
// a backslash before a comma, which nobody types. In fish the words before the one being completed are evaluated without the quotes
// they had, so that a filter 'hours>5' would write to a file 5.
var mends = [...][2]string{
	{`[[ $comp == "$cur"* ]]`, `[[ ${comp//\\,/,} == "${cur//\\,/,}"* ]]`},
	{`COMPREPLY[0]=$(printf "%q" "${COMPREPLY[0]%%$tab*}")`, `COMPREPLY[0]=$(printf "%q" "${COMPREPLY[0]%%$tab*}"); COMPREPLY[0]=${COMPREPLY[0]//\\,/,}; cur=${cur//\\,/,}`},
	{`set -l args (commandline -opc)`, `set -l args (string escape -- (commandline -opc))`},
}

// mendedScript is where cobra's scripts go, each in one write.
type mendedScript struct{ w io.Writer }

func (m mendedScript) Write(script []byte) (int, error) {
	text := string(script)
	for _, mend := range mends {
		text = strings.Replace(text, mend[0], mend[1], 1)
	}
	_, err := io.WriteString(m.w, text)
	return len(script), err
}
