package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wfauth/wfauth/internal/objects"
)

// popular are the objects that help names: those that people use. The others are as good.
var popular = [...]string{"proj", "task", "optask", "user", "hour", "docu", "note", "port", "prgm", "tmpl", "team", "group"}

// addObject makes the commands of an object type if its name stands first on the command line. A tree of all would cost every start.
func (a *app) addObject(root *cobra.Command, args []string) {
	word := firstWord(root.PersistentFlags(), args)
	if word == "" || slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == word }) {
		return
	}
	if o, err := objects.Lookup(word); err == nil {
		cmd := newObjectCmd(a, o, word)
		root.AddCommand(cmd)
		if completes(args) {
			a.completeVerbs(cmd, o)
		}
	}
}

// namePopular has help name them. They do nothing here.
func namePopular(root *cobra.Command) {
	for _, name := range popular {
		o, err := objects.Lookup(name)
		if made, _, _ := root.Find([]string{name}); err != nil || made != root {
			continue // an object's commands are there if the command line is about it
		}
		root.AddCommand(&cobra.Command{Use: name, Short: o.Label, GroupID: groupObjects, Run: func(*cobra.Command, []string) {}})
	}
}

// firstWord is the first argument that is neither a flag nor the value of one, and the one after help or where a shell asks what a
// command line may become. It reads flags as cobra does to find a command: what it does not know has a value.
func firstWord(flags *pflag.FlagSet, args []string) string {
	if completes(args) {
		args = args[1:max(len(args)-1, 1)] // the last is still being typed
	}
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			return ""
		case arg == "help":
		case !strings.HasPrefix(arg, "-"):
			return arg
		case strings.HasPrefix(arg, "--") && !strings.Contains(arg, "="), len(arg) == 2:
			if f := flags.Lookup(strings.TrimLeft(arg, "-")); f == nil || f.NoOptDefVal == "" {
				i++
			}
		}
	}
	return ""
}

func newObjectCmd(a *app, o objects.Object, word string) *cobra.Command {
	name := strings.ToLower(word)
	title := o.Label + " (" + o.Code + ")"
	if o.Label != o.Name {
		title = o.Label + " (" + o.Code + ", " + o.Name + ")"
	}
	e := examplesOf(o, name)
	cmd := &cobra.Command{
		Use:   name,
		Short: title + ": search, get, count, report, describe, create, update, delete",
		Long: title + `: search, count and report by filters, get by ID, describe what there is to ask for; create, update and delete one or
a file of them. (Every other object has the same commands; wfauth objects lists them.)

` + filterHelp,
		Example: e.search + "\n" + e.get + "\n" + e.report + "\n  wfauth " + name + " describe fields",
		GroupID: groupObjects,
		Args:    a.noSuchVerb,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if word != name {
		cmd.Aliases = []string{word}
	}
	cmd.AddCommand(
		newObjectSearchCmd(a, o, e), newObjectGetCmd(a, o, e), newObjectCountCmd(a, o, e), newObjectReportCmd(a, o, e),
		newObjectQueryCmd(a, o, e), newObjectDescribeCmd(a, o, e),
		newObjectCreateCmd(a, o, e), newObjectUpdateCmd(a, o, e), newObjectUpsertCmd(a, o, e), newObjectDeleteCmd(a, o, e),
		newObjectCopyCmd(a, o, e), newObjectActionCmd(a, o, e),
	)
	addDocumentCmds(a, o, cmd)
	for _, verb := range cmd.Commands() {
		verb.Hidden = o.Verb(verb.Name(), nil) != nil // a tenant may have it all the same
	}
	return cmd
}

// noSuchVerb refuses what is no verb of an object, with the nearest that is or the one that a filter or an ID was meant for.
func (a *app) noSuchVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word, help := args[0], cmd.CommandPath()+" --help"
	if verb := verbFor(word); verb != "" {
		hint := cmd.CommandPath() + " " + verb + " " + typed([]string{word})
		return usagef(hint, "%s: a verb is missing before %q", cmd.Name(), word)
	}
	verbs := commandNames(cmd)
	wrong := &objects.Unknown{Kind: objects.KindVerb, Name: word, In: cmd.Name(), Nearest: objects.Nearest(word, objects.Names(verbs))}
	if wrong.Nearest == nil {
		return usagef(help, "%v; it has %s", wrong, strings.Join(verbs, ", "))
	}
	return usagef(a.typedInstead(word, wrong.Nearest[0], help), "%v", wrong)
}

// verbFor is the verb that somebody has left out who has typed what follows it.
func verbFor(word string) string {
	if _, err := parseID(word); err == nil {
		return objects.Get
	}
	if strings.ContainsAny(word, "=<>~") {
		return objects.Search
	}
	return ""
}

const filterHelp = `A FILTER is one of these, in single quotes where it holds what the shell would take (< > ! ~ $ or a blank):

  status=CUR  status!=CUR           is, is not
  status=CUR,PLN  status!=CUR,PLN   one of, none of
  'percentComplete<50'              also <= > >=
  'name~road'  'name!~road'         contains, does not contain, in any case (--match-case: in this)
  'entryDate=$$TODAY-7d..$$TODAY'   from, to
  description=null  ownerID!=null   has no value, has one
  'name==a, b..c'                   exactly this text

What is before the operator is a field, also one of an object that is referred to (owner:name, project:portfolio:name) or of a
custom form ('DE:Cost Center=CC-1'). Workfront's own parameters (x_Mod=…, OR:1:…, EXISTS:…) are taken as they are.`

// examples are command lines for the help of an object's verbs. They work on the emulator's tenant.
type examples struct {
	search, get, count, report, query, describe     string
	create, update, upsert, deletes, copies, action string
	id                                              string
}

func examplesOf(o objects.Object, name string) examples {
	filter, more, fields, group, aggregate := "'name~a'", "ID!=null", "ID,name", "name", "count:ID"
	switch o.Code {
	case "PROJ":
		filter, more, fields, group, aggregate = "status=CUR", "'percentComplete<50'", "name,owner:name", "status", "sum:budget"
	case "TASK":
		filter, more, fields, group, aggregate = "status=NEW", "'percentComplete<50'", "name,project:name", "project:name", "sum:workRequired"
	case "OPTASK":
		filter, more, fields, group, aggregate = "status=NEW", "'priority>2'", "name,project:name", "status", "count:ID"
	case "HOUR":
		filter, more, fields, group, aggregate = "'hours>=4'", "'entryDate>2025-06-01'", "entryDate,hours,owner:name", "project:name", "sum:hours"
	case "USER":
		filter, more, fields, group, aggregate = "isActive=true", "'name~an'", "name,emailAddr", "title", "count:ID"
	case "NOTE":
		filter, more, fields, group, aggregate = "'noteText~price'", "'entryDate>2025-06-01'", "noteText,owner:name", "owner:name", "count:ID"
	}
	set := "name=Canary"
	switch o.Code {
	case "HOUR":
		set = "hours=2.5"
	case "NOTE":
		set = "noteText=Seen"
	case "USER":
		set = "title=Editor"
	}
	const id = "58d389be000000deb46805b72b41e3b4"
	verb := func(format string) string {
		return strings.NewReplacer("OBJECT", "wfauth "+name, "SET", set, "FILTER", filter, "MORE", more, "FIELDS", fields, "GROUP", group, "AGG", aggregate, "ID1", id).Replace(format)
	}
	return examples{
		search: verb("  OBJECT search FILTER --fields FIELDS\n  OBJECT search FILTER MORE --limit 20 --sort ID\n" +
			"  OBJECT search FILTER --or MORE --all -o csv --out " + name + ".csv"),
		get:      verb("  OBJECT get ID1"),
		count:    verb("  OBJECT count FILTER"),
		report:   verb("  OBJECT report --group-by GROUP --agg AGG\n  OBJECT report FILTER --group-by GROUP --agg AGG -o chart"),
		query:    "  wfauth work query myWork --fields name\n  wfauth user query userAdmins",
		describe: verb("  OBJECT describe fields --match date\n  OBJECT describe --refresh -o json"),
		create:   verb("  OBJECT create SET\n  OBJECT create --input new.csv --key extRefID"),
		update:   verb("  OBJECT update ID1 SET\n  OBJECT update --input rows.csv --concurrency 4\n  OBJECT update --input rows.csv --resume"),
		upsert:   verb("  OBJECT upsert --key extRefID --input rows.ndjson"),
		deletes:  verb("  OBJECT delete ID1\n  OBJECT delete --input ids.csv --yes --dry-run"),
		copies:   verb("  OBJECT copy ID1 SET"),
		action:   verb("  OBJECT describe actions\n  wfauth task action markDone ID1\n  wfauth proj action calculateTimeline ID1"),
		id:       id,
	}
}
