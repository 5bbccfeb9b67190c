package cli

import (
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
)

func newSwitchCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "switch NAME",
		Short:             "Set the default profile",
		Example:           "  wfauth switch acme-preview",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.allSettings(cmd)
			if err != nil {
				return err
			}
			if err := config.CheckName(args[0]); err != nil {
				return usagef("wfauth status", "%v", err)
			}
			if _, ok := s.File.Lookup(args[0]); !ok {
				return usagef("wfauth status", "unknown profile %q", args[0])
			}
			err = config.Update(cmd.Context(), s.Folders, func(e *config.Edit) error {
				e.SetDefault(args[0])
				return nil
			})
			if err == nil {
				a.note("the default profile is now " + args[0])
			}
			return err
		},
	}
}

// completeProfiles completes the name of a profile; it reads config.yaml and nothing else.
func (a *app) completeProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	file, err := config.ReadFile(config.UserFolders(a.env.Getenv).Config)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, 0, len(file.Profiles))
	for _, p := range file.Profiles {
		names = append(names, p.Name+"\t"+p.Host.String())
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
