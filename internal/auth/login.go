package auth

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// codeLife is how long Workfront takes an authorization code.
const codeLife = 2 * time.Minute

// Login is one login: through a browser by Run (the flows code and pkce), without a person by RunMinted (jwt, ims).
type Login struct {
	App               Application
	Profile           string   // as the page names it
	RedirectURIs      []string // the registered ones, tried in this order when a port is taken
	APIVersion        string
	Store             Store // opened and tried before Run
	Transport         http.RoundTripper
	AllowMissingState bool
	NoPKCE            bool             // FlowCode only: for a tenant that refuses a challenge beside a secret
	Certificate       *tls.Certificate // of an https redirect on this machine; nil for one that is made for this login
	Opens             bool             // Ready opens a browser
	Timeout           time.Duration    // for the browser's answer

	// Ready is called once, when an answer can come.
	Ready func(Waiting)
	// Owner says whose a connection from this machine is: this user's or root's, and whether the system tells; nil if it does not.
	Owner func(client, server netip.AddrPort) (own, told bool)
	// Pasted gives lines that may be the redirect URL of a browser on another machine; nil where nobody can paste.
	Pasted <-chan string
	Notice func(string) // one line for a person
	Now    func() time.Time
	Commit func(Info) error // after the session was stored, before the page says so: writes the settings
}

// Run makes sure that the host answers, opens the listener, waits for the answer, exchanges the code and stores the session; the browser's page is
// answered after all of this and tells which it was. Until the session is stored, an earlier one stays as it was.
func (l *Login) Run(ctx context.Context) (Info, error) {
	l.complete()
	if err := l.knock(ctx); err != nil {
		return Info{}, err
	}
	verifier, state := loginTexts()
	ln, err := open(l.RedirectURIs, listenerOptions{
		expect: expectation{state: state, origin: l.App.Origin, allowMissingState: l.AllowMissingState},
		host:   l.App.Origin, profile: l.Profile, certificate: l.Certificate, opens: l.Opens, notice: l.Notice, owner: l.Owner,
	})
	if err != nil {
		return Info{}, err
	}
	defer ln.close()
	l.Ready(l.waiting(ln, state, verifier))

	answer, err := l.wait(ctx, ln)
	if err != nil {
		return Info{}, err
	}
	ln.answered()
	if answer.note != "" {
		l.Notice(answer.note)
	}
	info, err := l.finish(ctx, answer, ln.redirect, verifier)
	ln.decide(l.verdict(info, err)) // the page tells of the session, also when Ctrl-C came while it was stored
	if err == nil {
		err = context.Cause(ctx)
	}
	return info, err
}

// complete fills in what may be left out.
func (l *Login) complete() {
	if l.Now == nil {
		l.Now = time.Now
	}
	if l.Notice == nil {
		l.Notice = func(string) {}
	}
}

// knock sends one request without credentials: a browser that is opened for a host that cannot be reached from here never
// comes back, or comes back for nothing.
func (l *Login) knock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, knockWait)
	defer cancel()
	_, _, err := Knock(ctx, l.Transport, l.App.Origin)
	return err
}

// wait has the listener and the paste race; a paste that is not the answer is told so, and the wait goes on.
func (l *Login) wait(ctx context.Context, ln *listener) (callback, error) {
	deadline := time.NewTimer(l.Timeout)
	defer deadline.Stop()
	paste := pasting{expect: ln.expect, redirect: ln.redirect, notice: l.Notice}
	lines, quiet := l.Pasted, (<-chan time.Time)(nil)
	for {
		select {
		case answer := <-ln.answers:
			return answer, nil
		case line, more := <-lines:
			if !more {
				lines = nil // the input has ended; the browser can still come
				if answer, ok := paste.settle(); ok {
					return answer, nil
				}
				if ln.redirect.remote {
					return callback{}, &NotCompletedError{Why: "the input ended before the address that the browser ended up at had come"}
				}
				continue
			}
			if answer, ok := paste.add(line); ok {
				return answer, nil
			}
			quiet = time.After(pasteWait)
		case <-quiet:
			if answer, ok := paste.settle(); ok {
				return answer, nil
			}
		case <-deadline.C:
			ln.decide(verdict{http.StatusRequestTimeout, "failure", "The login took too long", "wfauth has stopped waiting. Start it again in the terminal."})
			return callback{}, &NotCompletedError{Why: fmt.Sprintf("%v (%s)", errLoginTimeout, l.Timeout)}
		case <-ctx.Done():
			return callback{}, context.Cause(ctx)
		}
	}
}

func (l *Login) finish(ctx context.Context, answer callback, r redirect, verifier string) (Info, error) {
	if answer.denied != nil {
		return Info{}, answer.denied
	}
	e := newEndpoints(l.Transport, l.Now, l.Notice)
	form := l.App.credentials(url.Values{
		"grant_type":   {"authorization_code"},
		"code":         {answer.code},
		"redirect_uri": {r.text}, // identical to the authorize request's (RFC 6749 section 4.1.3)
	})
	if !l.NoPKCE {
		form.Set("code_verifier", verifier)
	}
	release, err := l.reserve(ctx)
	if err != nil {
		return Info{}, err
	}
	defer release()
	g, err := l.exchange(ctx, e, form)
	if err != nil {
		return Info{}, err
	}
	return l.store(ctx, e, g, r.text)
}

// reserve takes the lock that renewals take, and has the store make room: a code is good once.
func (l *Login) reserve(ctx context.Context) (release func(), err error) {
	release, err = l.Store.Lock(ctx)
	if err != nil {
		return nil, err
	}
	if err := reserve(ctx, l.Store); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// exchange sends the code once; only what certainly did not reach the server is tried again, until the code is too old.
func (l *Login) exchange(ctx context.Context, e endpoints, form url.Values) (Grant, error) {
	expires := l.Now().Add(codeLife)
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		g, err := e.grant(ctx, l.App.tokens(), form)
		if refused, ok := errors.AsType[*RefusedError](err); ok {
			return g, &NotCompletedError{Why: "Workfront refused the login: " + refused.Error(), Refused: refused}
		}
		if fault, ok := errors.AsType[*faultError](err); !ok || !fault.again() || !l.Now().Add(pause).Before(expires) {
			return g, err
		}
		if pause == 250*time.Millisecond {
			l.Notice(fmt.Sprintf("%v; trying again while the code is good (2 minutes)", err))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return g, context.Cause(ctx)
		}
	}
}

// store writes the session over an earlier one, and then the settings. The caller holds the lock.
func (l *Login) store(ctx context.Context, e endpoints, g Grant, redirectURI string) (Info, error) {
	r := newRecord(l.App)
	r.RedirectURI = redirectURI
	s := &Session{SessionOptions: SessionOptions{App: l.App, Store: l.Store}}
	// Ctrl-C after the code was used: what the login gave is stored all the same.
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*storeWrite) // reads once, and saves twice
	defer cancel()
	if payload, err := l.Store.Load(writing); err == nil {
		if old, err := decodeRecord(payload); err == nil && old != nil {
			r.Serial = old.Serial
		}
	}
	r = r.merge(g)
	if err := s.save(writing, r); err != nil {
		return Info{}, fmt.Errorf("the session could not be stored: %w", err)
	}
	// Whose it is, is asked when it is safe; it is nobody's loss if that cannot be noted.
	if r.User = whoAmI(ctx, e.client, l.App, l.APIVersion, g.SessionID); r.User != "" {
		_ = s.save(writing, r)
	}
	info := s.info(r)
	if l.Commit != nil {
		if err := l.Commit(info); err != nil {
			return Info{}, err
		}
	}
	return info, nil
}

func (l *Login) verdict(info Info, err error) verdict {
	if err == nil {
		who := "You are"
		if info.User != "" {
			who = info.User + " is"
		}
		return verdict{http.StatusOK, "success", "You are logged in", who + " logged in. The session is stored, and the terminal has it. You can close this tab."}
	}
	ended, ok := errors.AsType[*NotCompletedError](err)
	switch {
	case ok && ended.Refused != nil:
		return verdict{http.StatusBadGateway, "failure", "Workfront refused the login", sentence(err) + " " + nextStep(ended.Refused) + " Nothing was stored."}
	case ok:
		return verdict{http.StatusForbidden, "refusal", "The login was not completed", sentence(err) + " Nothing was stored."}
	}
	return verdict{http.StatusBadGateway, "failure", "The login failed", sentence(err) + " The terminal says what to do next."}
}

// nextStep is what a person can do about a refusal of the exchange, which no pressing of buttons brought about.
func nextStep(refused *RefusedError) string {
	switch {
	case refused.Code == "invalid_client", refused.Code == "unauthorized_client", refused.Status == http.StatusUnauthorized:
		return "The client ID or the client secret is not the application's: log in again with the right ones (Setup > System > OAuth2 Applications)."
	case refused.Code == "invalid_grant":
		return "The code was too old, or was used already: log in again."
	}
	return "The terminal says what to do next."
}

func sentence(err error) string {
	text := bounded(err.Error())
	if first, _, _ := strings.Cut(text, " "); first != "" && first[0] >= 'a' && first[0] <= 'z' && !strings.Contains(first, ":") {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return strings.TrimSuffix(text, ".") + "."
}
