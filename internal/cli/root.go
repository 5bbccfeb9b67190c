package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

// Tree is the command tree, for the reference that is made from it, with the commands of the object type that a command line of
// these arguments is about. Its commands are not run.
func Tree(args ...string) *cobra.Command {
	a := &app{}
	root := newRootCmd(a)
	a.addObject(root, args)
	return root
}

// The groups of commands in help.
const (
	groupLogin   = "login"
	groupSession = "session"
	groupObjects = "objects"
	groupTry     = "try"
)

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "wfauth",
		Short: "Log in to Adobe Workfront once, then let scripts use the session",
		Long: `wfauth is the command line for Adobe Workfront.

Log in once; then shell scripts, cron jobs and CI use the session:

  wfauth login acme
  wfauth token --header | curl -H @- https://acme.my.workfront.com/attask/api/v22.0/proj/count
  wfauth proj search status=CUR 'name~website' --fields ID,name,owner:name
  wfauth api proj/search -f status=CUR --fields ID,name --paginate

Exit statuses: 0 done · 1 it failed · 2 the command line or configuration is wrong
3 Workfront refused the request · 4 a login is needed · 5 some were done, others not`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          a.noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			a.running = true // what goes wrong from here on is not the command line's form
			if a.env.HeedSignals != nil && cmd.Name() != "version" && cmd.Name() != cobra.ShellCompRequestCmd {
				a.env.HeedSignals()
			}
		},
	}
	flags := root.PersistentFlags()
	flags.String("profile", "", "which profile, by its `NAME` (default: the one that wfauth switch has set)")
	flags.String("host", "", "the `HOST` that is meant: the profile's own, unless WFAUTH_SESSION_ID is set")
	flags.String("api-version", "", "`VERSION` of the API (default: v22.0)")
	flags.Bool("debug", false, "print one line for each request to stderr, secrets masked")
	flags.Bool("quiet", false, "no progress, no notes")
	root.SetFlagErrorFunc(a.commandLineError)
	for _, group := range [...]struct {
		id, title string
		commands  []*cobra.Command
	}{
		{groupLogin, "Log in:", []*cobra.Command{newLoginCmd(a), newLogoutCmd(a), newStatusCmd(a), newSwitchCmd(a), newUnlockCmd(a), newLockCmd(a), newPasswdCmd(a), newKeygenCmd(a), newDoctorCmd(a)}},
		{groupSession, "Use the session:", []*cobra.Command{newTokenCmd(a), newExecCmd(a), newAPICmd(a), newProxyCmd(a)}},
		{groupObjects, "Objects:", []*cobra.Command{newObjectsCmd(a), newEventsCmd(a)}},
		{groupTry, "Try and test:", []*cobra.Command{newDemoCmd(a), newEmulatorCmd(a)}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(newVersionCmd(a))
	if a.env.Stdout != nil {
		root.SetOut(mendedScript{a.env.Stdout}) // completion keeps what it finds now
	}
	root.InitDefaultCompletionCmd()
	root.SetOut(a.env.Stdout)
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Args, cmd.RunE = a.noSuchCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	root.SetHelpCommand(newHelpCmd())
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if cmd == root {
			namePopular(root)
		}
		help(cmd, args)
	})
	return root
}

// newHelpCmd is cobra's, but for an exit status when there is no such command.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",

		ValidArgsFunction: firstArg(completeHelp),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 && found.HasSubCommands() {
				err = found.Args(found, rest)
			}
			if err != nil {
				return err
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// noSuchCommand refuses what cobra could not find, with the nearest that there is: a command, or else an object.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word, path := args[0], cmd.CommandPath()
	var near []string
	if !cmd.HasParent() {
		_, err := objects.Lookup(word)
		if unknown, ok := errors.AsType[*objects.Unknown](err); ok {
			near = unknown.Nearest
			if len(args) > 1 && objects.IsVerb(args[1]) {
				hint := "wfauth objects"
				if len(near) > 0 {
					hint = a.typedInstead(word, near[0], hint)
				}
				return usagef(hint, "%v", unknown)
			}
		}
	}
	if commands := objects.Nearest(word, objects.Names(commandNames(cmd))); commands != nil {
		near = commands
	}
	hint := path + " --help"
	if len(near) > 0 {
		hint = a.typedInstead(word, near[0], path+" "+near[0])
	}
	return usagef(hint, "unknown command %q", word)
}

// commandNames are the commands below one that help shows.
func commandNames(parent *cobra.Command) (names []string) {
	for _, c := range parent.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// exactArgs wants so many arguments, named in the message.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef(cmd.CommandPath()+" --help", "%s is missing", names[len(args)])
		case len(args) > len(names):
			return usagef(cmd.CommandPath()+" --help", "unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// atMostArgs wants no more than so many arguments.
func atMostArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef(cmd.CommandPath()+" --help", "unexpected argument %q", args[n])
		}
		return nil
	}
}

// onlyOne wants at most one of some flags.
func onlyOne(cmd *cobra.Command, names ...string) error {
	given := ""
	for _, name := range names {
		switch {
		case !cmd.Flag(name).Changed:
		case given != "":
			return usagef(cmd.CommandPath()+" --help", "--%s and --%s cannot be given together", given, name)
		default:
			given = name
		}
	}
	return nil
}
