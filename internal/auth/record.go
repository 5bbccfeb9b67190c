package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// record is a profile's item in the store, whole, so that its parts cannot be mixed up: the session, what renews it,
// and the origin and application that both belong to.
type record struct {
	Origin       string    `json:"origin"`
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret,omitempty"`
	RedirectURI  string    `json:"redirect_uri,omitempty"` // of the login; a refresh repeats it
	IMS          string    `json:"ims_url,omitempty"`      // of FlowIMS: who gave the token
	Scopes       string    `json:"scopes,omitempty"`       // of FlowIMS: what for
	SessionID    string    `json:"session_id"`             // of FlowIMS the access token
	RefreshToken string    `json:"refresh_token,omitempty"`
	ObtainedAt   time.Time `json:"obtained_at"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"`  // zero: not stated
	AcceptedAt   time.Time `json:"accepted_at,omitzero"` // the server last took the session
	User         string    `json:"user,omitempty"`
	Serial       uint64    `json:"serial"` // one more at each grant: tells a renewed session from the one that was read
}

// DamagedError is an item in the store that is not a session of ours: nothing is overwritten, exit status 1.
type DamagedError struct{ Err error }

func (e *DamagedError) Error() string {
	return "the stored session cannot be read: " + e.Err.Error()
}

func decodeRecord(payload []byte) (*record, error) {
	if payload == nil {
		return nil, nil
	}
	r := &record{}
	if err := json.Unmarshal(payload, r); err != nil {
		// encoding/json quotes the input in some of its errors, and the input is secret.
		return nil, &DamagedError{Err: fmt.Errorf("its JSON is broken (%d bytes)", len(payload))}
	}
	return r, nil
}

func (r *record) encode() ([]byte, error) { return json.Marshal(r) }

// newRecord is that of an application which has no session yet.
func newRecord(app Application) *record {
	r := &record{Origin: app.Origin, ClientID: app.ID, ClientSecret: app.Secret}
	if app.Flow == FlowIMS {
		r.IMS, r.Scopes = app.IMS, app.Scopes
	}
	return r
}

// belongsTo says whether the session was made for this tenant and application: one of another counts as none.
func (r *record) belongsTo(app Application) bool {
	return r.holdsSecretOf(app) && r.Scopes == newRecord(app).Scopes
}

// holdsSecretOf says whether the client secret is that of this application. What was made for one server is sent to no other.
func (r *record) holdsSecretOf(app Application) bool {
	return r != nil && r.Origin == app.Origin && (app.ID == "" || r.ClientID == app.ID) && r.IMS == newRecord(app).IMS
}

// ahead says that the session was obtained later than now: the clock was wrong then, and so is the time at which it ends.
func (r *record) ahead(now time.Time) bool {
	return !r.ExpiresAt.IsZero() && r.ObtainedAt.After(now.Add(clockGrace))
}

// clockGrace is how far two readings of a clock may differ that is set right all the time.
const clockGrace = 10 * time.Second

// accepted is the session once the server has taken it. Where its times come from a clock that was ahead, it counts as obtained
// now, and when it ends is not known.
func (r *record) accepted(now time.Time) *record {
	next := *r
	next.AcceptedAt = now
	if r.ahead(now) {
		next.ObtainedAt, next.ExpiresAt = now, time.Time{}
	}
	return &next
}

// merge takes a new grant over what it renews: a refresh token that was not sent again stays valid
// (RFC 6749 section 6), one that was sent replaces the old, which must not be used again.
func (r *record) merge(g Grant) *record {
	next := *r
	next.SessionID, next.ObtainedAt, next.ExpiresAt = g.SessionID, g.ObtainedAt, g.ExpiresAt
	next.AcceptedAt = time.Time{}
	if g.RefreshToken != "" {
		next.RefreshToken = g.RefreshToken
	}
	next.Serial++
	return &next
}

// StoredSecret is the client secret that an earlier login to the same tenant and application has left, empty if none.
func StoredSecret(ctx context.Context, store Store, app Application) (string, error) {
	payload, err := store.Load(ctx)
	if err != nil {
		return "", err
	}
	r, err := decodeRecord(payload)
	if err != nil || !r.holdsSecretOf(app) {
		return "", nil // whatever it is, no login of ours left it
	}
	return r.ClientSecret, nil
}
