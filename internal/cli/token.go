package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
)

func newTokenCmd(a *app) *cobra.Command {
	var asHeader, asJSON, asCurl bool
	var needs sessionNeeds
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print the sessionID, refreshed if need be",
		Long: `Print the sessionID of a profile (with the flow ims its access token), refreshed if less than --min-ttl is left of it.

With --header it comes as what a request carries, for curl's -H @-, so that it never stands in a process list: a header line,
or with the flow ims two, of which the second names the organisation.`,
		Example: `  wfauth token --header | curl -sf -H @- "https://acme.my.workfront.com/attask/api/v22.0/proj/count"
  wfauth token --curl | curl -sf --config - "https://acme.my.workfront.com/attask/api/v22.0/proj/count"
  wfauth token --json | jq -r .expires_at`,
		Args: atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := onlyOne(cmd, "header", "json", "curl"); err != nil {
				return err
			}
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			switch {
			case needs.minTTL < 0:
				return usagef("wfauth token --min-ttl 2m", "--min-ttl %v: it is 0s or more", needs.minTTL)
			case needs.maxAge <= 0:
				return usagef("wfauth token --max-age 30m", "--max-age %v: it is more than nothing", needs.maxAge)
			}
			info := auth.Info{SessionID: s.SessionID, Headers: auth.Static{SessionID: s.SessionID}.Headers()}
			if s.SessionID == "" {
				if s.Name == "" && !s.EnvOnly {
					return &auth.LoginRequiredError{Why: "nobody is logged in"}
				}
				session, err := a.session(s, s.Profile, needs)
				if err != nil {
					return err
				}
				if info, err = session.Current(cmd.Context()); err != nil {
					return err
				}
			}
			switch headers := info.Headers; {
			case asHeader:
				err = a.printHeaders(headers, "%s: %s\n", func(s string) string { return s })
			case asCurl:
				// A url of its own would be asked for beside the one that curl is given.
				if _, err = fmt.Fprintf(a.env.Stdout, "# for %s/attask/api/%s\n", s.Host, s.APIVersion); err == nil {
					err = a.printHeaders(headers, "header = \"%s: %s\"\n", curlQuoted)
				}
			case asJSON:
				enc := json.NewEncoder(a.env.Stdout)
				enc.SetEscapeHTML(false)
				err = enc.Encode(struct {
					Profile   *string           `json:"profile"`
					Host      string            `json:"host"`
					SessionID *string           `json:"session_id"` // null where requests carry something else
					ExpiresAt *time.Time        `json:"expires_at"`
					Headers   map[string]string `json:"headers"`
				}{orNull(s.Name), s.Host.String(), orNull(headers["sessionID"]), timeOrNull(info.ExpiresAt), headers})
			default:
				_, err = fmt.Fprintln(a.env.Stdout, info.SessionID)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asHeader, "header", false, "print as header lines, for curl -H @-")
	f.BoolVar(&asJSON, "json", false, "print profile, host, session_id, expires_at and headers")
	f.BoolVar(&asCurl, "curl", false, "print the header as a file for curl --config -")
	f.DurationVar(&needs.minTTL, "min-ttl", auth.DefaultMinTTL, "refresh when less than this is left")
	f.DurationVar(&needs.maxAge, "max-age", auth.DefaultMaxAge, "how long a session with no stated expiry is taken for good")
	f.BoolVar(&needs.force, "refresh", false, "refresh now, unless another process has just done so")
	return cmd
}

// printHeaders prints each header in a form that has its name and its value.
func (a *app) printHeaders(headers map[string]string, form string, quoted func(string) string) error {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if _, err := fmt.Fprintf(a.env.Stdout, form, name, quoted(headers[name])); err != nil {
			return err
		}
	}
	return nil
}

// curlQuoted makes a value safe between the double quotes of a curl config file.
func curlQuoted(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}
