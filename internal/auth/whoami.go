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
func whoAmI(ctx context.Context, client *http.Client, app Application, version, sessionID string) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	base, secrets := app.Origin+"/attask/api/"+version, app.hidden(sessionID)
	headers := asHeader(app.headers(sessionID))
	var users struct {
		Data []struct{ Name, EmailAddr, Username string }
	}
	query := url.Values{"ID": {"$$USER.ID"}, "fields": {"name,emailAddr,username"}, "$$LIMIT": {"1"}}
	if ask(ctx, client, base+"/user/search?"+query.Encode(), headers, &users) && len(users.Data) == 1 {
		u := users.Data[0]
		for _, text := range [...]string{u.EmailAddr, u.Username} {
			if text != "" && u.Name != "" {
				return shown(u.Name+" <"+text+">", secrets)
			}
		}
		if u.Name != "" {
			return shown(u.Name, secrets)
		}
	}
	var session struct{ Data struct{ UserID string } }
	if ask(ctx, client, base+"/session", headers, &session) {
		return shown(session.Data.UserID, secrets)
	}
	return ""
}

func ask(ctx context.Context, client *http.Client, address string, headers http.Header, answer any) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	req.Header = headers.Clone()
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return err == nil && resp.StatusCode == http.StatusOK && json.Unmarshal(body, answer) == nil
}
