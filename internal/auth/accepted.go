package auth

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// ask tries a session whose life was not stated against /session. An error means that nobody could say.
func (s *Session) ask(ctx context.Context, sessionID string) (accepted bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.App.Origin+"/attask/api/"+s.APIVersion+"/session", nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("sessionID", sessionID)
	req.Header.Set("Accept", "application/json")
	resp, err := s.endpoints.client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return false, cause
		}
		return false, fmt.Errorf("%s: %w", s.App.Origin, networkReason(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return false, fmt.Errorf("%s: the answer was cut off: %w", s.App.Origin, networkReason(err))
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		return false, fmt.Errorf("%s: the session could not be checked: status %d %s", s.App.Origin, resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	_, _, isError := errorFields(body)
	return resp.StatusCode == http.StatusOK && !isError, nil
}

// Accepted notes that the server took the session just now. It is written back at most every half of MaxAge, and only
// for sessions with no stated life, so that reading stays reading. Its failure is nobody's loss.
func (s *Session) Accepted(ctx context.Context, sessionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.held
	if r == nil || r.SessionID != sessionID || !r.ExpiresAt.IsZero() {
		return
	}
	last := r.ObtainedAt
	if r.AcceptedAt.After(last) {
		last = r.AcceptedAt
	}
	if s.Now().Sub(last) < s.MaxAge/2 {
		return
	}
	release, err := s.Store.Lock(ctx)
	if err != nil {
		return
	}
	defer release()
	stored, err := s.load(ctx)
	if err != nil || stored == nil || stored.SessionID != sessionID {
		return
	}
	stored.AcceptedAt = s.Now()
	if s.save(ctx, stored) == nil {
		s.held = stored
	}
}
