package auth

import (
	"context"
	"net/http"
)

// Header returns what a request carries of a session that is believed good, renewing it if need be. A *LoginRequiredError
// says that only a login helps; any other error leaves what is stored alone.
func (s *Session) Header(ctx context.Context) (http.Header, error) {
	info, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	return sessionHeader(info.SessionID), nil
}

// Renew returns another header than stale, which the server has refused.
func (s *Session) Renew(ctx context.Context, stale http.Header) (http.Header, error) {
	id, err := s.renew(ctx, sessionOf(stale))
	if err != nil {
		return nil, err
	}
	return sessionHeader(id), nil
}

// headerName is of the header that carries a sessionID.
const headerName = "sessionID"

func sessionHeader(id string) http.Header {
	h := http.Header{}
	h.Set(headerName, id)
	return h
}

func sessionOf(h http.Header) string { return h.Get(headerName) }

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
