package auth

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ask tries a session against /session. A *RefusedError is the server's no; any other means that nobody could say; a mute one, that
// asking again would not help.
func (s *Session) ask(ctx context.Context, sessionID string) error {
	return patiently(ctx, func() error { return s.askOnce(ctx, sessionID) })
}

func (s *Session) askOnce(ctx context.Context, sessionID string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.App.Origin+"/attask/api/"+s.APIVersion+"/session", nil)
	if err != nil {
		return err
	}
	req.Header = asHeader(s.App.headers(sessionID))
	req.Header.Set("Accept", "application/json")
	resp, err := s.endpoints.client.Do(req)
	var body []byte
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	}
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return cause
	}
	secrets := s.App.hidden(sessionID)
	if err != nil {
		fault := unanswered(s.App.Origin, err, secrets)
		fault.err = fmt.Errorf("the session could not be checked: %w", fault.err)
		return fault
	}
	unsaid := func(format string, args ...any) error {
		why := fmt.Errorf("%s does not say whether the session is good: "+format, append([]any{s.App.Origin}, args...)...)
		passes, status := passing(resp.StatusCode), resp.StatusCode
		return &faultError{err: why, sent: !passes, mute: !passes && status >= 300 && status < 500}
	}
	code, text, isError := errorFields(body)
	switch status := resp.StatusCode; {
	case status == http.StatusOK && !isError && isObject(body):
		return nil
	case status == http.StatusUnauthorized, isError && status < 500 && sessionGone(code+" "+text):
		// Which status Workfront gives to a dead session is not documented.
		return &RefusedError{Status: status, Code: shown(code, secrets), Description: shown(text, secrets)}
	case status == http.StatusOK && !isError:
		return unsaid("the answer is %s", describe(body))
	default:
		return unsaid("status %d %s", status, http.StatusText(status))
	}
}

// sessionGone knows the words for a dead session; a 403 that says anything else is about rights.
func sessionGone(text string) bool {
	text = strings.ToLower(text)
	for _, words := range [...]string{"authenticationexception", "not currently logged in", "invalid session id"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// Accepted notes that the server took the session of a header just now. It is written back at most every half of MaxAge, and only
// for sessions with no stated life, so that reading stays reading. Its failure is nobody's loss, and it waits for nobody.
func (s *Session) Accepted(ctx context.Context, accepted http.Header) {
	sessionID := s.App.sessionOf(accepted)
	s.mu.Lock()
	defer s.mu.Unlock()
	now, r := s.Now(), s.held
	if r == nil || r.SessionID != sessionID || !r.ExpiresAt.IsZero() || within(s.MaxAge/2, now, r.ObtainedAt) || within(s.MaxAge/2, now, r.AcceptedAt) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	release, err := s.Store.Lock(ctx)
	if err != nil {
		return
	}
	defer release()
	stored, err := s.load(ctx)
	if err != nil || stored == nil || stored.SessionID != sessionID {
		return
	}
	stored.AcceptedAt = now
	if s.save(ctx, stored) == nil {
		s.held = stored
	}
}
