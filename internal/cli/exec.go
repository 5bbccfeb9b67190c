package cli

import (
	"errors"
	"net/http"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// execMinTTL is what a command should find left of its session: it cannot have it refreshed.
const execMinTTL = auth.DefaultMinTTL

func newExecCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec -- COMMAND [ARG...]",
		Short: "Run a command with the session in its environment",
		Long: `Run a command with WORKFRONT_HOST, WORKFRONT_API_URL and WORKFRONT_SESSION_ID in its environment; with the flow ims
WORKFRONT_AUTHORIZATION and WORKFRONT_IMS_ORG, the values of the two headers, stand in place of the last. Signals reach it, and
wfauth exits as it does. The session is not refreshed while the command runs.`,
		Example: `  wfauth exec -- ./report.sh
  wfauth exec --profile acme-preview -- python3 sync.py --full`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("wfauth exec -- COMMAND", "the command to run is missing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := exec.LookPath(args[0])
			if err != nil {
				why := err
				if e, ok := errors.AsType[*exec.Error](err); ok {
					why = e.Err
				}
				return usagef("wfauth exec -- COMMAND", "%s: %v", args[0], why)
			}
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			credentials, err := a.credentials(s, sessionNeeds{minTTL: execMinTTL})
			if err != nil {
				return err
			}
			header, err := credentials.Header(cmd.Context())
			if err != nil {
				return err
			}
			return a.run(path, args, withSession(a.env.Environ(), s, header))
		},
	}
	cmd.Flags().SetInterspersed(false) // what follows the command's name is the command's
	return cmd
}

// sessionVariables are those that give a command its session, by the header whose value it is.
var sessionVariables = [...]struct{ name, header string }{
	{"WORKFRONT_SESSION_ID", "sessionID"},
	{"WORKFRONT_AUTHORIZATION", "Authorization"},
	{"WORKFRONT_IMS_ORG", "x-gw-ims-org-id"},
}

// withSession is the command's environment; what an outer wfauth exec has set is replaced, or goes.
func withSession(environ []string, s *config.Settings, header http.Header) []string {
	set := []string{
		"WORKFRONT_HOST=" + s.Host.String(),
		"WORKFRONT_API_URL=" + s.Host.String() + "/attask/api/" + s.APIVersion,
	}
	names := []string{"WORKFRONT_HOST", "WORKFRONT_API_URL"}
	for _, v := range sessionVariables {
		names = append(names, v.name)
		if value := header.Get(v.header); value != "" {
			set = append(set, v.name+"="+value)
		}
	}
	environ = slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, name)
	})
	return append(environ, set...)
}
