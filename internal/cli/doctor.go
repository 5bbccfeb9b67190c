package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/workfront"
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
		return append(findings, finding{"host", verdictSkipped, "no host is known yet", "wfauth login HOST"})
	}
	date, host := a.checkHost(ctx, s)
	findings = append(findings, a.checkProxy(s), host, checkClock(date, time.Now()), checkVersion(s.APIVersion, time.Now()))
	return append(findings, a.checkSession(ctx, s))
}

func (a *app) checkConfig(cmd *cobra.Command) (*config.Settings, finding) {
	f := finding{Check: "config"}
	s, err := a.settings(cmd)
	if err != nil {
		f.Verdict, f.Found, f.Do = verdictFailed, err.Error(), "correct it, or: wfauth status"
		if u, ok := errors.AsType[*config.UsageError](err); ok && u.Hint != "" {
			f.Do = u.Hint
		}
		return nil, f
	}
	f.Verdict = verdictOK
	switch {
	case s.SessionID != "":
		f.Found = "the session in WFAUTH_SESSION_ID, at " + s.Host.String()
	case s.EnvOnly:
		f.Found = "a jwt login described by the environment, at " + s.Host.String()
	case s.Name == "":
		f.Verdict, f.Found, f.Do = verdictWarning, "no profile yet", "wfauth login HOST"
	default:
		f.Found = fmt.Sprintf("profile %s at %s, flow %s, storage %s", s.Name, s.Host, s.Flow, s.Storage)
	}
	return s, f
}

func (a *app) checkStore(ctx context.Context, s *config.Settings) finding {
	f := finding{Check: "store"}
	if s.SessionID != "" || s.EnvOnly {
		f.Verdict, f.Found = verdictSkipped, "none is needed"
		return f
	}
	p := s.Profile.WithDefaults()
	if p.Name == "" {
		p.Name = "doctor" // the probe's account, where no profile is there yet
		if storage := a.env.Getenv("WFAUTH_STORAGE"); config.CheckStorage(storage) == nil && storage != "" {
			p.Storage = storage // as the first login will have it
		}
	}
	store, err := a.store(s, p)
	if err == nil {
		err = store.Probe(ctx)
	}
	if err != nil {
		f.Verdict, f.Found = verdictFailed, err.Error()
		if e, ok := errors.AsType[*secrets.Error](err); ok {
			f.Do = a.storeHint(e.Kind)
		}
		return f
	}
	f.Verdict, f.Found = verdictOK, "the "+a.storageName(p.Storage)+" takes a secret, gives it back, and deletes it"
	return f
}

func (a *app) checkRedirectPort(s *config.Settings) finding {
	f := finding{Check: "redirect port"}
	if s.SessionID != "" || s.EnvOnly || s.Flow == auth.FlowJWT {
		f.Verdict, f.Found = verdictSkipped, "no browser login is used"
		return f
	}
	uris, err := s.Profile.WithDefaults().RedirectURIs()
	if err == nil {
		var uri string
		if uri, err = auth.TryRedirect(uris); err == nil {
			f.Verdict, f.Found = verdictOK, uri+" can be served"
			return f
		}
	}
	f.Verdict, f.Found = verdictFailed, err.Error()
	if taken, ok := errors.AsType[*auth.PortsTakenError](err); ok {
		f.Do = "end that program, or register another redirect URL and log in with --redirect-uri"
		for _, port := range taken.Ports {
			if owner := portOwner(port); owner != "" {
				f.Found += fmt.Sprintf("; port %s belongs to %s", port, owner)
			}
		}
	}
	return f
}

// checkProxy says which way requests take.
func (a *app) checkProxy(s *config.Settings) finding {
	f := finding{Check: "proxy", Verdict: verdictOK}
	u, err := url.Parse(s.Host.String())
	if err == nil {
		var proxy *url.URL
		if proxy, err = http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil {
			f.Found = "none: " + s.Host.String() + " is reached directly"
			if proxy != nil {
				f.Found = "requests go through " + proxy.Redacted()
			}
			return f
		}
	}
	f.Verdict, f.Found, f.Do = verdictFailed, err.Error(), "correct HTTPS_PROXY, or unset it"
	return f
}

// checkHost sends one request without a session, and gives the server's clock.
func (a *app) checkHost(ctx context.Context, s *config.Settings) (date time.Time, f finding) {
	f = finding{Check: "host"}
	transport, err := a.tokenTransport()
	if err != nil {
		f.Verdict, f.Found = verdictFailed, err.Error()
		return date, f
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	status, date, err := auth.Knock(ctx, transport, s.Host.String())
	if err != nil {
		f.Verdict, f.Found = verdictFailed, err.Error()
		f.Do = "check the network, HTTPS_PROXY and NO_PROXY; for a company's own authority set WFAUTH_CA_CERT=FILE"
		return date, f
	}
	f.Verdict, f.Found = verdictOK, fmt.Sprintf("%s answers (status %d)", s.Host, status)
	return date, f
}

// maxClockSkew is how far off a clock may be: a signed assertion lives three minutes.
const maxClockSkew = 60 * time.Second

func checkClock(server, here time.Time) finding {
	f := finding{Check: "clock"}
	if server.IsZero() {
		f.Verdict, f.Found = verdictSkipped, "the server did not state its time"
		return f
	}
	off := here.Sub(server).Truncate(time.Second)
	f.Verdict, f.Found = verdictOK, fmt.Sprintf("%s off the server's", off.Abs())
	if off.Abs() > maxClockSkew {
		direction := "ahead of"
		if off < 0 {
			direction = "behind"
		}
		f.Verdict, f.Found = verdictFailed, fmt.Sprintf("this machine is %s %s the server", off.Abs(), direction)
		f.Do = "set the clock (timedatectl set-ntp true)"
	}
	return f
}

// nearEnd is how long before the end of its support a version of the API is worth a word.
const nearEnd = 90 * 24 * time.Hour

func checkVersion(version string, now time.Time) finding {
	f := finding{Check: "API version", Verdict: verdictOK, Found: version + " is supported"}
	warning, err := workfront.CheckVersion(version, now)
	switch later, _ := workfront.CheckVersion(version, now.Add(nearEnd)); {
	case err != nil:
		f.Verdict, f.Found = verdictFailed, err.Error()
	case warning != "":
		f.Verdict, f.Found = verdictWarning, warning
	case later != "":
		f.Verdict, f.Found = verdictWarning, version+" leaves its support within 90 days"
	default:
		return f
	}
	f.Do = "--api-version " + config.DefaultAPIVersion + ", or api_version in config.yaml"
	return f
}

func (a *app) checkSession(ctx context.Context, s *config.Settings) finding {
	f := finding{Check: "session"}
	if s.SessionID == "" && s.Name == "" && !s.EnvOnly {
		f.Verdict, f.Found, f.Do = verdictSkipped, "nobody is logged in", "wfauth login HOST"
		return f
	}
	var state auth.State
	var info auth.Info
	err := error(nil)
	if s.SessionID != "" {
		state, err = a.checkStatic(ctx, s)
	} else {
		var session *auth.Session
		if session, err = a.session(s, s.Profile, sessionNeeds{}); err == nil {
			state, info, err = session.Check(ctx)
		}
	}
	switch {
	case err == nil && state == auth.StateValid:
		f.Verdict, f.Found = verdictOK, "the server accepts it"
		if info.User != "" {
			f.Found += ", as " + info.User
		}
	case err == nil:
		f.Verdict, f.Found, f.Do = verdictFailed, "there is none", a.loginCommand()
	case state == auth.StateRefused:
		f.Verdict, f.Found, f.Do = verdictFailed, "refused: "+err.Error(), a.loginCommand()
	case state == auth.StateUnreachable:
		f.Verdict, f.Found, f.Do = verdictFailed, "the server could not be asked: "+err.Error(), "wfauth doctor, once the host answers"
	default:
		f.Verdict, f.Found = verdictFailed, err.Error()
	}
	return f
}

func (a *app) checkStatic(ctx context.Context, s *config.Settings) (auth.State, error) {
	transport, err := a.tokenTransport()
	if err != nil {
		return auth.StateUnreachable, err
	}
	return auth.CheckStatic(ctx, auth.SessionOptions{
		App: auth.Application{Origin: s.Host.String()}, Transport: transport, APIVersion: s.APIVersion,
	}, s.SessionID)
}

func (a *app) printFindings(findings []finding, asJSON bool) error {
	for i := range findings {
		f := &findings[i]
		f.Found, f.Do = printable(a.secrets.mask(f.Found)), printable(a.secrets.mask(f.Do))
	}
	if asJSON {
		enc := json.NewEncoder(a.env.Stdout)
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
