package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
)

// profileStatus is one line of status, and one element of status --json.
type profileStatus struct {
	Profile       string     `json:"profile"`
	Default       bool       `json:"default"`
	Host          string     `json:"host"`
	Flow          string     `json:"flow"`
	ClientID      string     `json:"client_id"`
	Storage       string     `json:"storage"`
	State         auth.State `json:"state"`
	ExpiresAt     *time.Time `json:"expires_at"`
	User          string     `json:"user"`
	UnlockedUntil *time.Time `json:"unlocked_until,omitempty"` // nil: locked, or no sealed file
}

func newStatusCmd(a *app) *cobra.Command {
	var asJSON, check bool
	var maxAge time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List the profiles and the state of their sessions",
		Long: `List every profile and the state of its session: valid, expired (but refreshable), unknown (no stated expiry, and
not used for a while) or none. With --check the servers are asked, and refused and unreachable can come out.

Exit status 4 says that the profile in use has no usable session.`,
		Example: "  wfauth status\n  wfauth status --check --json | jq -r '.[] | select(.default).state'",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if maxAge <= 0 {
				return usagef("wfauth status --max-age 30m", "--max-age %v: it is more than nothing", maxAge)
			}
			s, err := a.allSettings(cmd)
			if err != nil {
				return err
			}
			rows, failed := a.statuses(cmd.Context(), s, maxAge, check)
			if cause := context.Cause(cmd.Context()); cause != nil {
				return cause
			}
			if err := a.printStatuses(rows, asJSON); err != nil {
				return err
			}
			if s.SessionID != "" {
				a.note("WFAUTH_SESSION_ID is set: commands use that session, not a profile's")
				return nil
			}
			if s.EnvOnly {
				a.note("the environment describes " + s.LoginOfEnvironment() + ": commands use that, not a profile's")
				return nil
			}
			return a.statusOfUse(s, rows, failed)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print as JSON")
	f.BoolVar(&check, "check", false, "ask each server")
	f.DurationVar(&maxAge, "max-age", auth.DefaultMaxAge, "how long a session with no stated expiry is taken for valid")
	return cmd
}

// statuses looks at every profile; failed holds why a profile's state could not be told.
func (a *app) statuses(ctx context.Context, s *config.Settings, maxAge time.Duration, check bool) (rows []profileStatus, failed map[string]error) {
	rows, failed = []profileStatus{}, map[string]error{}
	for _, p := range s.File.Profiles {
		p = p.WithDefaults()
		row := profileStatus{
			Profile: p.Name, Default: p.Name == s.File.Default, Host: p.Host.String(),
			Flow: p.Flow, ClientID: p.ClientID, Storage: p.Storage, State: auth.StateUnknown,
		}
		if a.env.Store != nil {
			row.Storage = "memory"
		}
		row.UnlockedUntil, _ = a.unlockedUntil(s, p)
		session, err := a.session(s, p, sessionNeeds{maxAge: maxAge})
		var info auth.Info
		if err == nil {
			if check {
				row.State, info, err = session.Check(ctx)
			} else {
				row.State, info, err = session.Peek(ctx)
			}
		}
		if err != nil {
			failed[p.Name] = err
			if row.State == auth.StateNone {
				row.State = auth.StateUnknown // the store did not say
			}
		}
		row.ExpiresAt, row.User = timeOrNull(info.ExpiresAt), info.User
		rows = append(rows, row)
	}
	return rows, failed
}

func (a *app) printStatuses(rows []profileStatus, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(a.shownOut())
		enc.SetEscapeHTML(false)
		return enc.Encode(rows)
	}
	if len(rows) == 0 {
		return nil
	}
	table := a.statusTable(rows)
	if width := a.width(); width > 0 && widest(table) > width {
		table = a.statusBlocks(rows)
	}
	_, err := io.WriteString(a.env.Stdout, table)
	return err
}

// width is what fits on a line of stdout; 0 where that is no terminal, or none that says.
func (a *app) width() int {
	if !a.env.Terminal.Out {
		return 0
	}
	return a.env.Terminal.Width()
}

func widest(text string) (most int) {
	for line := range strings.Lines(text) {
		most = max(most, utf8.RuneCountInString(line)-1)
	}
	return most
}

// statusTable has a line for each profile.
func (a *app) statusTable(rows []profileStatus) string {
	lines := [][]string{{"", "PROFILE", "HOST", "FLOW", "STORAGE", "STATE", "EXPIRES", "USER"}}
	for _, r := range rows {
		lines = append(lines, []string{r.mark(), r.Profile, r.Host, r.Flow, r.store(), string(r.State), r.expires(), a.userOf(r)})
	}
	return aligned(lines)
}

// aligned puts cells below each other, with two blanks between columns.
func aligned(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, cells := range lines {
		last := len(cells) - 1
		for i, cell := range cells[:last] {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(cells[last] + "\n")
	}
	return b.String()
}

// statusBlocks has a few lines for each, where a table would be wider than the terminal.
func (a *app) statusBlocks(rows []profileStatus) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-1s %s\n  at %s\n", r.mark(), r.Profile, r.Host)
		fmt.Fprintf(&b, "  %s, %s, %s\n", r.Flow, r.store(), r.State)
		if r.ExpiresAt != nil {
			fmt.Fprintf(&b, "  until %s\n", r.expires())
		}
		if r.User != "" {
			fmt.Fprintf(&b, "  as %s\n", a.userOf(r))
		}
	}
	return b.String()
}

func (r profileStatus) mark() string {
	if r.Default {
		return "*"
	}
	return ""
}

// store is where the secrets are, and for how long they can be read without a passphrase.
func (r profileStatus) store() string {
	if r.UnlockedUntil != nil {
		return r.Storage + ", unlocked for " + left(*r.UnlockedUntil)
	}
	return r.Storage
}

func (r profileStatus) expires() string {
	if r.ExpiresAt == nil {
		return "-"
	}
	return clock(*r.ExpiresAt)
}

func (a *app) userOf(r profileStatus) string { return cmp.Or(a.printable(r.User), "-") }

// statusOfUse is the exit status: about the profile in use alone. What others failed with is a note.
func (a *app) statusOfUse(s *config.Settings, rows []profileStatus, failed map[string]error) error {
	for _, r := range rows {
		if err := failed[r.Profile]; err != nil && r.Profile != s.Name {
			a.note(r.Profile + ": " + err.Error())
		}
	}
	for _, r := range rows {
		if r.Profile != s.Name {
			continue
		}
		if err := failed[r.Profile]; err != nil && r.State == auth.StateRefused {
			why := &auth.LoginRequiredError{Why: r.Profile + ": " + err.Error()}
			if e, ok := errors.AsType[*auth.LoginRequiredError](err); ok {
				why.Refused = e.Refused
			}
			return why
		} else if err != nil {
			return fmt.Errorf("%s: %w", r.Profile, err)
		}
		if r.State.Usable() {
			return nil
		}
		return &auth.LoginRequiredError{Why: "profile " + r.Profile + " has no usable session"}
	}
	if usage, ok := errors.AsType[*config.UsageError](s.Unchosen); ok {
		return &hinted{&auth.LoginRequiredError{Why: usage.Text}, usage.Hint}
	}
	return &auth.LoginRequiredError{Why: "nobody is logged in"}
}
