package auth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Ending is how a session can be ended where it was given.
type Ending struct {
	What    string                      // is ended: "the session at …"
	LivesOn string                      // where that does not work
	End     func(context.Context) error // best effort; the error says what did not work
}

// Ending reads what is stored and returns what ends it, nil where there is nothing: so that the secrets can
// be deleted first, and a session is not ended whose secrets stay. Nothing of the store is touched.
func (s *Session) Ending(ctx context.Context) (*Ending, error) {
	r, err := s.load(ctx)
	if err != nil || r == nil {
		return nil, err
	}
	e := &Ending{What: "the session at " + s.App.Origin, LivesOn: "the session may live on at Workfront", End: func(ctx context.Context) error { return s.end(ctx, r) }}
	if s.App.Flow == FlowIMS {
		e.What, e.LivesOn = "the access token of "+s.App.IMS, "the access token may live on at Adobe"
		if !r.ExpiresAt.IsZero() {
			e.LivesOn += " until " + r.ExpiresAt.Local().Format("2006-01-02 15:04:05 -07:00")
		}
	}
	return e, nil
}

// end revokes the refresh token first (at an endpoint that is not documented), then the session itself.
func (s *Session) end(ctx context.Context, r *record) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if s.App.Flow == FlowIMS {
		if now := s.Now(); !r.ExpiresAt.IsZero() && !r.ahead(now) && !r.ExpiresAt.After(now) {
			return nil // it has ended already
		}
		return s.revokeAtAdobe(ctx, r)
	}
	if r.RefreshToken != "" {
		var body []byte
		if body, err = json.Marshal(map[string]string{"client_id": r.ClientID, "refresh_token": r.RefreshToken, "redirect_uri": r.RedirectURI}); err == nil {
			err = s.tell(ctx, "revoke the refresh token", revokePath, "", body)
		}
	}
	ended := s.tell(ctx, "end the session", "/attask/api/"+s.APIVersion+"/logout", r.SessionID, nil)
	if err != nil && ended != nil {
		return fmt.Errorf("%w; %w", err, ended)
	}
	return cmp.Or(err, ended)
}

func (s *Session) tell(ctx context.Context, what, path, sessionID string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.App.Origin+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if sessionID != "" {
		req.Header = asHeader(s.App.headers(sessionID))
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.endpoints.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", what, unanswered(s.App.Origin, err, []string{sessionID}))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	if sessionID != "" && resp.StatusCode == http.StatusUnauthorized {
		return nil // it has ended already, as it may with its refresh token
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s at %s: status %d %s", what, s.App.Origin, resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return nil
}
