package emulator

import (
	"net/http"
	"time"
)

// sessionInfo is a session as a person and a program see it.
type sessionInfo struct {
	grantInfo
	expires   time.Time
	renewable bool
}

// sessionsNow are the live sessions, the newest first.
func (t *Tenant) sessionsNow() (all []sessionInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, s := range t.grants.sessions {
		if !s.live(t.opts.Now()) {
			continue
		}
		info := sessionInfo{grantInfo: t.grantInfo(id, s.family, s.issued), expires: s.expires}
		for _, token := range t.grants.refresh {
			info.renewable = info.renewable || token.family == s.family && !token.spent
		}
		all = append(all, info)
	}
	newestFirst(all, func(s sessionInfo) grantInfo { return s.grantInfo })
	return all
}

// endSession ends the one with this key, as its time running out would.
func (t *Tenant) endSession(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, s := range t.grants.sessions {
		if grantKey(id) == key && s.live(t.opts.Now()) {
			delete(t.grants.sessions, id)
			return true
		}
	}
	return false
}

func (c *control) listSessions(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		grantJSON
		Left      int  `json:"left"`
		Renewable bool `json:"renewable"`
	}
	now := c.t.opts.Now()
	rows := []row{}
	for _, s := range c.t.sessionsNow() {
		rows = append(rows, row{s.json(now), seconds(s.expires.Sub(now)), s.renewable})
	}
	answerControl(w, http.StatusOK, rows)
}
