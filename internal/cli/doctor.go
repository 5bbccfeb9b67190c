package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
)

// The verdicts of a check.
const (
	verdictOK      = "ok"
	verdictWarning = "warning"
	verdictFailed  = "failed"
	verdictSkipped = "skipped"
)

// finding is what one check of doctor found, and what to do about it.
type finding struct {
	Check   string `json:"check"`
	Verdict string `json:"verdict"`
	Found   string `json:"found"`
	Do      string `json:"do"`
}

func newDoctorCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Test what a login and its use depend on",
		Long: `Test the configuration, the store (write, read back, delete), the redirect port, the way to the host (proxy, TLS), this
machine's clock, the API version and the session of the profile in use. Each check has a verdict, what was found and what
to do. Exit status 1 says that one failed.`,
		Example: "  wfauth doctor\n  wfauth doctor --json | jq '.[] | select(.verdict==\"failed\")'",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := a.diagnose(cmd.Context(), cmd)
			if cause := context.Cause(cmd.Context()); cause != nil {
				return cause
			}
			if err := a.printFindings(findings, asJSON); err != nil {
				return err
			}
			for _, f := range findings {
				if f.Verdict == verdictFailed {
					return statusError(exitFailed)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// diagnose runs the checks in the order in which one depends on another.
func (a *app) diagnose(ctx context.Context, cmd *cobra.Command) []finding {
	s, config := a.checkConfig(cmd)
	findings := []finding{config}
	if s == nil {
		return findings
	}
	findings = append(findings, a.checkStore(ctx, s), a.checkRedirectPort(s))
	if s.Host.IsZero() {
		return append(findings, finding{"host", verdictSkipped, "no host is known yet", "wfauth login"})
	}
	date, host := a.checkHost(ctx, "host", s.Host.String())
	findings = append(findings, a.checkProxy(s), host)
	if s.Flow == auth.FlowIMS && s.SessionID == "" {
		_, ims := a.checkHost(ctx, "IMS host", s.IMSURL)
		findings = append(findings, ims)
	}
	findings = append(findings, checkClock(date, time.Now()), checkVersion(s.APIVersion, time.Now(), host.Verdict != verdictFailed))
	return append(findings, a.checkSession(ctx, s))
}

func (a *app) printFindings(findings []finding, asJSON bool) error {
	for i := range findings {
		f := &findings[i]
		f.Found, f.Do = a.printable(f.Found), a.printable(f.Do)
	}
	if asJSON {
		enc := json.NewEncoder(a.shownOut())
		enc.SetEscapeHTML(false)
		return enc.Encode(findings)
	}
	for _, f := range findings {
		if _, err := fmt.Fprintf(a.env.Stdout, "%-8s %-14s %s\n", f.Verdict, f.Check, f.Found); err != nil {
			return err
		}
		if f.Do != "" {
			if _, err := fmt.Fprintf(a.env.Stdout, "%-8s %-14s → %s\n", "", "", f.Do); err != nil {
				return err
			}
		}
	}
	return nil
}
