package emulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// grantInfo is what is told of a session, a code or a refresh token: of the secret itself no more than its beginning.
type grantInfo struct {
	begins, key   string
	user          User
	clientID      string // "" for a session that needed no login
	clientType    string
	issued, begun time.Time // the second is the login's
}

// grantKey names a grant without giving it away.
func grantKey(secret string) string {
	sum := sha256.Sum256([]byte("grant " + secret))
	return hex.EncodeToString(sum[:8])
}

// grantInfo describes what came of a login. The caller holds t.mu.
func (t *Tenant) grantInfo(secret string, f *family, issued time.Time) grantInfo {
	info := grantInfo{begins: secret[:min(6, len(secret))], key: grantKey(secret), clientID: f.clientID, issued: issued, begun: f.begun}
	var known bool
	if info.user, known = t.person(f.userID); !known { // a technical account
		info.user = User{Name: f.userID, Username: f.userID}
	}
	for _, c := range t.clients {
		if c.ID == f.clientID {
			info.clientType = c.Type
		}
	}
	return info
}

// newestFirst orders what was issued at the same moment by its key.
func newestFirst[T any](all []T, of func(T) grantInfo) {
	slices.SortFunc(all, func(x, y T) int {
		a, b := of(x), of(y)
		return cmp.Or(b.issued.Compare(a.issued), strings.Compare(a.key, b.key))
	})
}

// whose it is, and by which application.
func (g grantInfo) whose() string {
	if g.clientType == "" {
		return g.user.Name
	}
	return g.user.Name + ", " + g.clientType
}

func (g grantInfo) old(now time.Time) string {
	own, login := age(now.Sub(g.issued)), age(now.Sub(g.begun))
	if own == login {
		return own + " old"
	}
	return own + " old, of a login " + login + " ago"
}

// grantJSON is a grant as a program sees it, with times in seconds.
type grantJSON struct {
	ID       string `json:"id"`
	Begins   string `json:"begins"`
	Username string `json:"username"`
	ClientID string `json:"client_id,omitempty"`
	Age      int    `json:"age"`
	LoginAge int    `json:"login_age"`
}

func (g grantInfo) json(now time.Time) grantJSON {
	return grantJSON{g.key, g.begins, g.user.Username, g.clientID, seconds(now.Sub(g.issued)), seconds(now.Sub(g.begun))}
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// endOne answers who ends the grant that the address has the key of.
func endOne(what string, end func(key string) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !end(r.PathValue("id")) {
			controlError(w, http.StatusNotFound, "no "+what+" has this id")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func endAll(end func()) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		end()
		w.WriteHeader(http.StatusNoContent)
	}
}
