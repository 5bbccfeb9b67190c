package emulator

import (
	"net/http"
	"time"
)

// tokenInfo is a refresh token as a person and a program see it.
type tokenInfo struct {
	grantInfo
	expires time.Time // zero where nothing ends it
	uses    int
}

// refreshTokensNow are the refresh tokens that renew a session, the newest first, and how many of living logins were used up by rotation.
func (t *Tenant) refreshTokensNow() (all []tokenInfo, spent int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for value, token := range t.grants.refresh {
		switch {
		case !t.renews(token.family):
		case token.spent:
			spent++
		default:
			info := tokenInfo{grantInfo: t.grantInfo(value, token.family, token.issued), uses: token.uses}
			if t.opts.RefreshLife > 0 {
				info.expires = token.family.begun.Add(t.opts.RefreshLife)
			}
			all = append(all, info)
		}
	}
	newestFirst(all, func(info tokenInfo) grantInfo { return info.grantInfo })
	return all, spent
}

// renews tells a login whose refresh tokens are neither revoked nor expired.
func (t *Tenant) renews(f *family) bool {
	return !f.ended && (t.opts.RefreshLife == 0 || t.opts.Now().Sub(f.begun) < t.opts.RefreshLife)
}

// endLogin revokes the refresh token with this key: with it all ends that came of its login, as when an administrator revokes it.
func (t *Tenant) endLogin(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for value, token := range t.grants.refresh {
		if grantKey(value) == key && t.renews(token.family) {
			token.family.ended = true
			return true
		}
	}
	return false
}

// endLogins revokes every refresh token.
func (t *Tenant) endLogins() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, token := range t.grants.refresh {
		token.family.ended = true
	}
}

func (c *control) listTokens(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		grantJSON
		Left *int `json:"left,omitempty"`
		Uses int  `json:"uses"`
	}
	now := c.t.opts.Now()
	rows := []row{}
	all, _ := c.t.refreshTokensNow()
	for _, info := range all {
		one := row{grantJSON: info.json(now), Uses: info.uses}
		if !info.expires.IsZero() {
			one.Left = new(seconds(info.expires.Sub(now)))
		}
		rows = append(rows, one)
	}
	answerControl(w, http.StatusOK, rows)
}

// codeInfo is a code as the page shows it, for as long as it lasts.
type codeInfo struct {
	grantInfo
	expires time.Time
	used    bool
}

// codesNow are the codes of living logins whose time is not over, the newest first.
func (t *Tenant) codesNow() (all []codeInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for value, c := range t.grants.codes {
		if !c.family.ended && t.opts.Now().Before(c.expires) {
			all = append(all, codeInfo{t.grantInfo(value, c.family, c.family.begun), c.expires, c.used})
		}
	}
	newestFirst(all, func(info codeInfo) grantInfo { return info.grantInfo })
	return all
}
