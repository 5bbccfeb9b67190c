package auth

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"
)

// whoAmI asks whose session it is, for the words at the end of a login. It is nobody's loss where the server does not
// say: the answer is empty then.
func whoAmI(ctx context.Context, client *http.Client, origin, version, sessionID string) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	base := origin + "/attask/api/" + version
	var users struct {
		Data []struct{ Name, EmailAddr, Username string }
	}
	query := url.Values{"ID": {"$$USER.ID"}, "fields": {"name,emailAddr,username"}, "$$LIMIT": {"1"}}
	if ask(ctx, client, base+"/user/search?"+query.Encode(), sessionID, &users) && len(users.Data) == 1 {
		u := users.Data[0]
		for _, text := range [...]string{u.EmailAddr, u.Username} {
			if text != "" && u.Name != "" {
				return shown(u.Name+" <"+text+">", []string{sessionID})
			}
		}
		if u.Name != "" {
			return shown(u.Name, []string{sessionID})
		}
	}
	var session struct{ Data struct{ UserID string } }
	if ask(ctx, client, base+"/session", sessionID, &session) {
		return shown(session.Data.UserID, []string{sessionID})
	}
	return ""
}

func ask(ctx context.Context, client *http.Client, address, sessionID string, answer any) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	req.Header.Set("sessionID", sessionID)
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return err == nil && resp.StatusCode == http.StatusOK && json.Unmarshal(body, answer) == nil
}
