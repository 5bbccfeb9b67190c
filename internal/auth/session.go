package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Defaults of a Session's times.
const (
	DefaultMinTTL = 2 * time.Minute
	DefaultMaxAge = 30 * time.Minute
)

// storeWrite bounds the writing of an answer that has arrived, which goes on after Ctrl-C.
const storeWrite = 10 * time.Second

// SessionOptions says which session, where it rests, and when it is good enough.
type SessionOptions struct {
	App        Application
	Store      Store
	Transport  http.RoundTripper
	APIVersion string                                        // for asking /session
	MinTTL     time.Duration                                 // renewed when less than this is left of a stated life
	MaxAge     time.Duration                                 // a session with no stated life is good this long after it was obtained or accepted
	Force      bool                                          // renew at once, unless another process has done so since this Session was made
	Mint       func(ctx context.Context) (url.Values, error) // jwt, ims: the form that asks for a new session; nil for the browser flows
	Notice     func(string)                                  // one line for a person
	Now        func() time.Time                              // nil: time.Now
}

// Session is a profile's login as every command but login uses it: read once, renewed under a lock when it has to be.
// It is safe for concurrent use.
type Session struct {
	SessionOptions
	endpoints endpoints
	began     time.Time

	mu   sync.Mutex // one renewal at a time within the process; guards held
	held *record
}

// NewSession reads nothing yet.
func NewSession(o SessionOptions) *Session {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	return &Session{
		SessionOptions: o,
		endpoints:      newEndpoints(o.Transport, o.Now, o.Notice),
		began:          o.Now(),
	}
}

// Info is what may be said of a session.
type Info struct {
	SessionID  string            // of FlowIMS the access token
	Headers    map[string]string // what a request carries
	ObtainedAt time.Time
	ExpiresAt  time.Time // zero: not stated
	User       string
	Renewable  bool
}

// Current is Header with all that is known of the session.
func (s *Session) Current(ctx context.Context) (Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil && s.fresh(s.held, 0) {
		return s.info(s.held), nil
	}
	r, err := s.load(ctx)
	if err != nil {
		return Info{}, err
	}
	if r == nil && !s.startable() {
		return Info{}, s.none()
	}
	if r == nil || s.Force || !s.fresh(r, s.MinTTL) {
		if r, err = s.underLock(ctx, "", s.renewedSince(r)); err != nil {
			return Info{}, err
		}
	}
	s.held = r
	return s.info(r), nil
}

// renewedSince judges what is read under the lock, by what was read before: another process may have renewed it while
// this one waited. What that one has just got is as long-lived as the server gives it, so less than MinTTL will do.
func (s *Session) renewedSince(read *record) func(*record) bool {
	return func(r *record) bool {
		renewed := read == nil || r.Serial != read.Serial || r.SessionID != read.SessionID || !r.ObtainedAt.Before(s.began)
		return renewed && s.fresh(r, 0) || !s.Force && s.fresh(r, s.MinTTL)
	}
}

func (s *Session) info(r *record) Info {
	return Info{
		SessionID: r.SessionID, Headers: s.App.headers(r.SessionID), ObtainedAt: r.ObtainedAt, ExpiresAt: r.ExpiresAt, User: r.User,
		Renewable: s.Mint != nil || r.RefreshToken != "",
	}
}

// startable says whether a session can be made where none is stored: the flow needs no person, and the client's secret is
// at hand. That of a profile lies in the store, and is gone after a logout.
func (s *Session) startable() bool { return s.Mint != nil && s.App.Secret != "" }

func (s *Session) none() error {
	return &LoginRequiredError{Why: "no session is stored for " + s.App.Origin}
}

func (s *Session) load(ctx context.Context) (*record, error) {
	payload, err := s.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	r, err := decodeRecord(payload)
	if err != nil {
		return nil, err
	}
	if !r.belongsTo(s.App) || r.SessionID == "" {
		return nil, nil
	}
	return r, nil
}

// fresh says whether a session can be used without asking: a stated expiry is believed, without one youth is.
func (s *Session) fresh(r *record, minTTL time.Duration) bool {
	now := s.Now()
	if r.ahead(now) {
		return false
	}
	if !r.ExpiresAt.IsZero() {
		return r.ExpiresAt.Sub(now) > minTTL
	}
	return within(s.MaxAge, now, r.ObtainedAt) || within(s.MaxAge, now, r.AcceptedAt)
}

// within says whether a moment is less than d away. One that is further in the future comes from a clock that was set
// back since: it is not to be believed for ever.
func within(d time.Duration, now, moment time.Time) bool { return now.Sub(moment).Abs() < d }

// underLock takes the lock, reads again, and renews unless what it reads now is good. A session that was refused
// (stale, empty if none was) is never good.
func (s *Session) underLock(ctx context.Context, stale string, good func(*record) bool) (*record, error) {
	release, err := s.Store.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	if r == nil {
		if !s.startable() {
			return nil, s.none()
		}
		return s.mint(ctx, newRecord(s.App))
	}
	usable, unsaid := r.SessionID != stale && !s.Force, false
	switch {
	case r.SessionID != stale && good(r):
		return r, nil
	case usable && (r.ExpiresAt.IsZero() || r.ahead(s.Now())):
		err := s.ask(ctx, r.SessionID)
		_, refused := errors.AsType[*RefusedError](err)
		fault, _ := errors.AsType[*faultError](err)
		unsaid = fault != nil && fault.mute
		if err != nil && !refused && !unsaid {
			return nil, err
		}
		if err == nil {
			next := r.accepted(s.Now())
			_ = s.save(ctx, next) // as in Accepted: the session is good all the same
			return next, context.Cause(ctx)
		}
		usable = false
	}
	switch {
	case s.Mint != nil:
		return s.mint(ctx, r)
	case r.RefreshToken != "":
		return s.refreshOrAdopt(ctx, r)
	case usable && s.fresh(r, 0):
		return r, nil // less than MinTTL is left, and nothing better can be had
	case unsaid:
		return r.accepted(s.Now()), nil // nor here; it is not asked about at each request
	}
	why := "the session has ended and cannot be refreshed"
	if s.Force {
		why = "the session cannot be refreshed"
	}
	return nil, &LoginRequiredError{Why: why + " (no refresh token was given)"}
}

// refreshOrAdopt refreshes; when the refresh token is refused, it reads the store once more, for a process that ignores
// our lock may have used the token first.
func (s *Session) refreshOrAdopt(ctx context.Context, r *record) (*record, error) {
	next, err := s.refresh(ctx, r)
	refused, ok := errors.AsType[*RefusedError](err)
	if !ok {
		return next, err
	}
	again, loadErr := s.load(ctx)
	if loadErr == nil && again != nil && again.RefreshToken != r.RefreshToken {
		if again.SessionID != r.SessionID && s.fresh(again, 0) {
			return again, nil
		}
		next, err = s.refresh(ctx, again)
		if refused, ok = errors.AsType[*RefusedError](err); !ok {
			return next, err
		}
	}
	return nil, &LoginRequiredError{Why: fmt.Sprintf("Workfront refused to refresh the session: %v", refused), Refused: refused}
}

// refresh exchanges the refresh token (RFC 6749 section 6).
func (s *Session) refresh(ctx context.Context, r *record) (*record, error) {
	app := s.App
	app.ID, app.Secret = r.ClientID, r.ClientSecret
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {r.RefreshToken}}
	if r.RedirectURI != "" {
		form.Set("redirect_uri", r.RedirectURI)
	}
	g, err := s.grant(ctx, func() (Grant, error) { return s.endpoints.grant(ctx, app.tokens(), app.credentials(form)) })
	return s.keep(ctx, r, g, err)
}

// grant asks for a session, again where the server did not take the request up.
func (s *Session) grant(ctx context.Context, ask func() (Grant, error)) (g Grant, err error) {
	if err := reserve(ctx, s.Store); err != nil {
		return Grant{}, err
	}
	err = patiently(ctx, func() error {
		g, err = ask()
		return err
	})
	return g, err
}

// reserve has the store make sure that it can keep what is now asked for. The old refresh token is good as long as nothing
// is sent.
func reserve(ctx context.Context, store Store) error {
	if err := store.Reserve(ctx); err != nil {
		return fmt.Errorf("nothing was sent, for the answer could not be kept: %w", err)
	}
	return nil
}

// keep has a grant safe in the store before anyone sees it.
func (s *Session) keep(ctx context.Context, r *record, g Grant, err error) (*record, error) {
	if err != nil {
		return nil, err
	}
	next := r.merge(g)
	if err := s.save(ctx, next); err != nil {
		return nil, fmt.Errorf("the refreshed session could not be stored: %w", err)
	}
	return next, context.Cause(ctx)
}

func (s *Session) save(ctx context.Context, r *record) error {
	payload, err := r.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWrite)
	defer cancel()
	return s.Store.Save(ctx, payload)
}
