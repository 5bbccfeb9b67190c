package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/network"
	"github.com/wfauth/wfauth/internal/workfront"
)

func (a *app) checkConfig(cmd *cobra.Command) (*config.Settings, finding) {
	f := finding{Check: "config"}
	s, err := a.settings(cmd)
	if err != nil {
		f.Verdict, f.Found, f.Do = verdictFailed, err.Error(), a.next(err, "correct config.yaml, or the variable")
		return nil, f
	}
	f.Verdict = verdictOK
	switch {
	case s.SessionID != "":
		f.Found = "the session in WFAUTH_SESSION_ID, at " + s.Host.String()
	case s.EnvOnly:
		f.Found = s.LoginOfEnvironment() + " described by the environment, at " + s.Host.String()
	case s.Name == "":
		f.Verdict, f.Found, f.Do = verdictWarning, "no profile yet", "wfauth login"
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
		_, err = store.Load(ctx) // a wrong passphrase seals a probe as well as any
	}
	if err == nil {
		err = store.Probe(ctx)
	}
	if err != nil {
		f.Verdict, f.Found, f.Do = verdictFailed, err.Error(), a.next(err, "use another place: "+typed([]string{"wfauth", "login", "--storage", otherStorage(p.Storage)}))
		return f
	}
	f.Verdict, f.Found = verdictOK, "the "+a.storageName(p.Storage)+" takes a secret, gives it back, and deletes it"
	switch until, lockable := a.unlockedUntil(s, p); {
	case until != nil:
		f.Found += "; it is unlocked until " + clock(*until)
	case lockable:
		f.Found += "; it is locked"
	case p.Storage == "file" && a.env.Store == nil:
		f.Found += "; it cannot be unlocked for a time, as there is no usable kernel keyring"
	}
	return f
}

func (a *app) checkRedirectPort(s *config.Settings) finding {
	f := finding{Check: "redirect port"}
	if s.SessionID != "" || s.EnvOnly || !byBrowser(s.Flow) {
		f.Verdict, f.Found = verdictSkipped, "no browser login is used"
		return f
	}
	p := s.Profile.WithDefaults()
	if uri := a.env.Getenv("WFAUTH_REDIRECT_URI"); p.Name == "" && uri != "" {
		p.RedirectURI = uri // as the first login will have it
	}
	uris, err := p.RedirectURIs()
	if err == nil {
		_, err = redirectCertificate(&p)
	}
	if err == nil {
		var uri string
		var remote bool
		if uri, remote, err = auth.TryRedirect(uris); err == nil {
			f.Verdict, f.Found = verdictOK, uri+" can be served"
			if remote {
				f.Found = uri + " is not on this machine: at a login the address that the browser ends up at is pasted"
			}
			return f
		}
	}
	f.Verdict, f.Found = verdictFailed, err.Error()
	if taken, ok := errors.AsType[*auth.PortsTakenError](err); ok {
		f.Do = "register another redirect URL, and log in with --redirect-uri"
		if len(taken.InUse) > 0 {
			f.Do = "end that program, or register another redirect URL and log in with --redirect-uri"
		}
		for _, port := range taken.InUse {
			if owner := network.PortOwner(port); owner != "" {
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
		if proxy, err = network.ProxyFor(a.env.Getenv, u); err == nil {
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

// checkHost sends one request without a session, and gives the server's clock. The origin may be another than the tenant's.
func (a *app) checkHost(ctx context.Context, check, origin string) (date time.Time, f finding) {
	f = finding{Check: check}
	transport, err := a.tokenTransport()
	if err != nil {
		f.Verdict, f.Found = verdictFailed, err.Error()
		return date, f
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	status, date, err := auth.Knock(ctx, transport, origin)
	if err != nil {
		f.Verdict, f.Found = verdictFailed, err.Error()
		f.Do = "check the network, HTTPS_PROXY and NO_PROXY; for a company's own authority set WFAUTH_CA_CERT=FILE"
		return date, f
	}
	f.Verdict, f.Found = verdictOK, fmt.Sprintf("%s answers (status %d)", origin, status)
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
		f.Do = "set the clock of this machine by a time server"
	}
	return f
}

// nearEnd is how long before the end of its support a version of the API is worth a word.
const nearEnd = 90 * 24 * time.Hour

// checkVersion goes by the calendar alone: no question says which versions a server has.
func checkVersion(version string, now time.Time, answered bool) finding {
	f := finding{Check: "API version", Verdict: verdictOK, Found: version + " is supported"}
	if !answered {
		f.Verdict, f.Found = verdictSkipped, version+" is supported by the calendar; the host could not be asked"
	}
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
		f.Verdict, f.Found, f.Do = verdictSkipped, "nobody is logged in", "wfauth login"
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
		f.Verdict, f.Found, f.Do = verdictFailed, "there is none", a.relogin(s, nil)
	case state == auth.StateRefused:
		f.Verdict, f.Found, f.Do = verdictFailed, "refused: "+err.Error(), a.relogin(s, err)
	case state == auth.StateUnreachable:
		f.Verdict, f.Found, f.Do = verdictFailed, "the server could not be asked: "+err.Error(), "see the host above; where that is ok, wait until Workfront is"
	default:
		f.Verdict, f.Found, f.Do = verdictFailed, err.Error(), a.next(err, "see the store above")
	}
	return f
}

// relogin is what makes another session. doctor does not send anyone to doctor.
func (a *app) relogin(s *config.Settings, err error) string {
	var refused *auth.RefusedError
	if e, ok := errors.AsType[*auth.LoginRequiredError](err); ok {
		refused = e.Refused
	}
	hint := a.loginInstead(refused)
	switch {
	case s.SessionID != "" || !s.EnvOnly || !strings.HasPrefix(hint, "wfauth doctor"):
		return hint
	case s.Flow == auth.FlowIMS:
		return "correct WFAUTH_CLIENT_ID, WFAUTH_CLIENT_SECRET, WFAUTH_IMS_ORG or WFAUTH_SCOPES"
	}
	return "correct WFAUTH_CLIENT_ID, WFAUTH_CLIENT_SECRET, WFAUTH_CUSTOMER_ID, WFAUTH_USER_ID or the key"
}

// next is what to do about err: what every command says, unless that is doctor.
func (a *app) next(err error, otherwise string) string {
	if h, ok := errors.AsType[*hinted](err); ok {
		return h.hint
	}
	if _, hint := a.classify(err); hint != "" && !strings.HasPrefix(hint, "wfauth doctor") {
		return hint
	}
	return otherwise
}

func otherStorage(storage string) string {
	if storage == "file" {
		return "keyring"
	}
	return "file"
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
