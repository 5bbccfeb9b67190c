package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/workfront"
)

// filterFlags are the filters that are no plain arguments, in the order in which they were typed.
type filterFlags struct {
	terms     []objects.Term
	matchCase bool
}

func (f *filterFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(termValue{&f.terms, objects.Or}, "or", "or else what meets this `FILTER`, and those of --and after it")
	flags.Var(termValue{&f.terms, objects.And}, "and", "one more `FILTER` of the --or before it")
	flags.BoolVar(&f.matchCase, "match-case", false, "let ~ and !~ tell upper case from lower")
}

// termValue adds to a list that two flags share: which came first matters.
type termValue struct {
	terms *[]objects.Term
	join  objects.Join
}

func (v termValue) Set(text string) error {
	*v.terms = append(*v.terms, objects.Term{Join: v.join, Text: text})
	return nil
}

func (v termValue) String() string { return "" }
func (v termValue) Type() string   { return "stringArray" } // which may be given several times

// filter reads the arguments and flags.
func (f *filterFlags) filter(args []string) (*objects.Filter, error) {
	var terms []objects.Term
	for _, arg := range args {
		terms = append(terms, objects.Term{Text: arg})
	}
	return objects.ParseFilter(slices.Concat(terms, f.terms), f.matchCase)
}

// fieldsOf are parameters as a request has them.
func fieldsOf(lists ...[]objects.Param) []workfront.Field {
	var fields []workfront.Field
	for _, list := range lists {
		for _, p := range list {
			fields = append(fields, workfront.Field{Key: p.Key, Value: p.Value})
		}
	}
	return fields
}

// selection is --fields: what it says, and the paths in it.
type selection struct {
	text  string
	paths []objects.Path
}

func parseSelection(cmd *cobra.Command, text string) (selection, error) {
	s := selection{text: text}
	if !cmd.Flag("fields").Changed {
		return s, nil
	}
	names := workfront.FieldNames(text)
	if len(names) == 0 {
		return s, usagef(cmd.CommandPath()+" --help", "--fields: a field is missing")
	}
	for _, name := range names {
		path, err := objects.ParseSelection(name)
		if err != nil {
			return s, err
		}
		s.paths = append(s.paths, path)
	}
	return s, nil
}

func (s selection) params() []objects.Param {
	if s.paths == nil {
		return nil
	}
	return []objects.Param{{Key: "fields", Value: s.text}}
}

// wrongName is the complaint about something on the command line of an object's verb, with the line as it may have been meant.
func (a *app) wrongName(cmd *cobra.Command, err error) error {
	help := cmd.CommandPath() + " --help"
	if m, ok := errors.AsType[*objects.Malformed](err); ok {
		if m.Instead == "" {
			return usagef(help, "%v", err)
		}
		return usagef(a.typedInstead(m.Text, m.Instead, help), "%v", err)
	}
	if u, ok := errors.AsType[*objects.Unknown](err); ok {
		if u.Kind == objects.KindQuery && u.Nearest == nil {
			help = cmd.Parent().CommandPath() + " describe queries"
		}
		return usagef(a.renamed(cmd, u, help), "%v", err)
	}
	return err
}
