package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

const codeLife = 2 * time.Minute

// grants are the living results of logins. Everything in it is guarded by Tenant.mu.
type grants struct {
	browsers map[string]string // cookie → ID of the user signed in there
	codes    map[string]*code
	refresh  map[string]*refreshToken
	sessions map[string]*session
}

func newGrants() grants {
	return grants{
		browsers: make(map[string]string),
		codes:    make(map[string]*code),
		refresh:  make(map[string]*refreshToken),
		sessions: make(map[string]*session),
	}
}

// family is one login and all that came of it. Ending it ends every code, session and refresh token
// that points to it.
type family struct {
	clientID    string
	userID      string
	redirectURI string
	begun       time.Time
	ended       bool
}

type code struct {
	family    *family
	challenge string // S256, "" without PKCE
	expires   time.Time
	used      bool
}

type refreshToken struct {
	family *family
	issued time.Time
	spent  bool // rotated away
	uses   int
}

type session struct {
	family  *family
	issued  time.Time
	expires time.Time
	org     string // not empty: it is an access token of this organisation's, and no sessionID
	web     string // of an access token: the sessionID that /session tells
}

func (s *session) live(now time.Time) bool { return !s.family.ended && now.Before(s.expires) }

// newSession begins a session and forgets those that are over.
func (g *grants) newSession(f *family, now time.Time, life time.Duration) string {
	for id, s := range g.sessions {
		if !s.live(now) {
			delete(g.sessions, id)
		}
	}
	id := randomHex()
	g.sessions[id] = &session{family: f, issued: now, expires: now.Add(life)}
	return id
}

// newBearer begins the session of an access token. The sessionID that belongs to it is as good as any.
func (g *grants) newBearer(token, org string, f *family, now time.Time, life time.Duration) {
	web := g.newSession(f, now, life)
	g.sessions[token] = &session{family: f, issued: now, expires: now.Add(life), org: org, web: web}
}

// newCode issues a code and forgets those too old to matter, even as a repetition.
func (g *grants) newCode(f *family, challenge string, now time.Time) string {
	for value, c := range g.codes {
		if now.Sub(c.expires) > time.Hour {
			delete(g.codes, value)
		}
	}
	value := rand.Text()
	g.codes[value] = &code{family: f, challenge: challenge, expires: now.Add(codeLife)}
	return value
}

func (g *grants) newRefreshToken(f *family, now time.Time) string {
	value := rand.Text() + rand.Text()
	g.refresh[value] = &refreshToken{family: f, issued: now}
	return value
}

// endSessions ends the sessions of one family, or of all if it is nil.
func (g *grants) endSessions(f *family) {
	for id, s := range g.sessions {
		if f == nil || s.family == f {
			delete(g.sessions, id)
		}
	}
}

func randomHex() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// NewSession begins a session of the named person without a login, and returns its ID. The empty
// name is the first of Users; an unknown one gives "".
func (t *Tenant) NewSession(username string) string {
	for _, u := range t.people {
		if username == "" || u.Username == username {
			t.mu.Lock()
			defer t.mu.Unlock()
			now := t.opts.Now()
			return t.grants.newSession(&family{userID: u.ID, begun: now}, now, t.opts.SessionLife)
		}
	}
	return ""
}

// ExpireSessions ends every session, as their time running out would. Refresh tokens live on.
func (t *Tenant) ExpireSessions() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.grants.endSessions(nil)
}

// RevokeAll ends every login: codes, refresh tokens, sessions and browsers.
func (t *Tenant) RevokeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.grants = newGrants()
}

// sessionUser returns who a live session belongs to.
func (t *Tenant) sessionUser(id string) (userID string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.grants.sessions[id]
	if !ok || s.org != "" || !s.live(t.opts.Now()) {
		return "", false
	}
	return s.family.userID, true
}
