package auth

import (
	"context"
	"net/http"
	"strings"
)

// Header returns what a request carries of a session that is believed good, renewing it if need be. A *LoginRequiredError
// says that only a login helps; any other error leaves what is stored alone.
func (s *Session) Header(ctx context.Context) (http.Header, error) {
	info, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	return asHeader(info.Headers), nil
}

// Renew returns another header than stale, which the server has refused.
func (s *Session) Renew(ctx context.Context, stale http.Header) (http.Header, error) {
	id, err := s.renew(ctx, s.App.sessionOf(stale))
	if err != nil {
		return nil, err
	}
	return asHeader(s.App.headers(id)), nil
}

// The headers of a session, named as their servers' documents do.
const (
	sessionHeader       = "sessionID"
	authorizationHeader = "Authorization"
	orgHeader           = "x-gw-ims-org-id"
	bearer              = "Bearer "
)

// headers are what a request carries of a session. The organisation's is not sent empty: that is refused, and without one
// there is nothing to refuse.
func (a Application) headers(id string) map[string]string {
	if a.Flow != FlowIMS {
		return map[string]string{sessionHeader: id}
	}
	h := map[string]string{authorizationHeader: bearer + id}
	if a.Org != "" {
		h[orgHeader] = a.Org
	}
	return h
}

func (a Application) sessionOf(h http.Header) string {
	if a.Flow != FlowIMS {
		return h.Get(sessionHeader)
	}
	return strings.TrimPrefix(h.Get(authorizationHeader), bearer)
}

// hidden are what of a session no message may repeat.
func (a Application) hidden(id string) []string {
	secrets := []string{id}
	if a.Flow == FlowIMS && a.Org != "" {
		secrets = append(secrets, a.Org)
	}
	return secrets
}

func asHeader(headers map[string]string) http.Header {
	h := http.Header{}
	for name, value := range headers {
		h.Set(name, value)
	}
	return h
}

func (s *Session) renew(ctx context.Context, stale string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil && s.held.SessionID != stale {
		return s.held.SessionID, nil // another goroutine was here first
	}
	r, err := s.underLock(ctx, stale, func(r *record) bool { return s.fresh(r, 0) })
	if err != nil {
		return "", err
	}
	s.held = r
	return r.SessionID, nil
}
