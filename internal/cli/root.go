package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// Tree is the command tree, for the reference that is made from it. Its commands are not run.
func Tree() *cobra.Command { return newRootCmd(&app{}) }

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "wfauth",
		Short: "Log in to Adobe Workfront once, then let scripts use the session",
		Long: `wfauth is the command line for Adobe Workfront.

Log in once; then shell scripts, cron jobs and CI use the session:

  wfauth login acme
  wfauth token --header | curl -H @- https://acme.my.workfront.com/attask/api/v22.0/proj/count
  wfauth api proj/search -f status=CUR --fields ID,name --paginate

Exit statuses: 0 done · 1 it failed · 2 the command line or configuration is wrong
3 Workfront refused the request · 4 a login is needed`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			a.running = true // what goes wrong from here on is not the command line's form
			if a.env.HeedSignals != nil && cmd.Name() != "version" {
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
	root.AddCommand(
		newLoginCmd(a), newLogoutCmd(a), newTokenCmd(a), newAPICmd(a), newStatusCmd(a), newSwitchCmd(a),
		newExecCmd(a), newDoctorCmd(a), newKeygenCmd(a), newVersionCmd(a), newEmulatorCmd(a), newDemoCmd(a),
	)
	if a.env.Stdout != nil {
		root.SetOut(a.env.Stdout) // completion keeps what it finds now
	}
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Args, cmd.RunE = noSuchCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	root.SetHelpCommand(newHelpCmd())
	return root
}

// newHelpCmd is cobra's, but for an exit status when there is no such command.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && found.HasSubCommands() {
				return noSuchCommand(cmd.Root(), args)
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// noSuchCommand refuses what cobra could not find, with the nearest that there is.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = cmd.CommandPath() + " " + strings.Join(near, " or ")
	}
	return usagef(hint, "unknown command %q", args[0])
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
