package emulator

import (
	"slices"
	"strings"
	"time"
)

// tokenInfo is a refresh token as the page shows it.
type tokenInfo struct {
	shown, key, user, client string
	issued, begun, expires   time.Time // begun is the login's; expires is zero where nothing ends it
}

// refreshTokensNow are the refresh tokens that renew a session, the newest first, and how many of living logins were used up by rotation.
// Of a token only its beginning is shown.
func (t *Tenant) refreshTokensNow() (all []tokenInfo, spent int) {
	kinds := map[string]string{}
	for _, c := range t.Clients() {
		kinds[c.ID] = c.Type
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	for value, token := range t.grants.refresh {
		info := tokenInfo{shown: masked(value), key: sessionKey(value), user: t.nameOf(token.family.userID), client: kinds[token.family.clientID], issued: token.issued, begun: token.family.begun}
		if t.opts.RefreshLife > 0 {
			info.expires = token.family.begun.Add(t.opts.RefreshLife)
		}
		switch {
		case token.family.ended, !info.expires.IsZero() && !now.Before(info.expires):
		case token.spent:
			spent++
		default:
			all = append(all, info)
		}
	}
	slices.SortFunc(all, func(a, b tokenInfo) int {
		if order := b.issued.Compare(a.issued); order != 0 {
			return order
		}
		return strings.Compare(a.key, b.key)
	})
	return all, spent
}

// endLogin revokes the refresh token with this key: with it all ends that came of its login, as when an administrator revokes it.
func (t *Tenant) endLogin(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for value, token := range t.grants.refresh {
		if sessionKey(value) == key {
			token.family.ended = true
		}
	}
}

// nameOf is a person's name, or the ID of what is none.
func (t *Tenant) nameOf(userID string) string {
	for _, u := range t.people {
		if u.ID == userID {
			return u.Name
		}
	}
	return userID
}
