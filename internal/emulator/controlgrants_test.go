package emulator_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/emulator"
)

// The page shows what renews a session: whose it is, how old, for how long, and how many were used up; and ends a login by it.
func TestRefreshTokensInThePage(t *testing.T) {
	t.Parallel()
	clock := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, Rotate: true, RefreshLife: 10 * time.Hour, SessionLife: time.Hour, Now: clock.Now})
	shows := func(want, not []string) string {
		t.Helper()
		page := atControl(t, tenant, "GET", "/__emulator", "").Body.String()
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("the page does not say %q", text)
			}
		}
		for _, text := range not {
			if strings.Contains(page, text) {
				t.Errorf("the page says %q", text)
			}
		}
		return page
	}
	shows(nil, []string{"Refresh tokens"})

	first := login(t, tenant, web(tenant))
	other := login(t, tenant, spa(tenant))
	clock.advance(2*time.Hour + 5*time.Minute)
	second := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	clock.advance(3 * time.Minute)
	name := tenant.Users()[0].Name
	page := shows([]string{
		"Refresh tokens", "1 used up by rotation",
		"<code>" + second.RefreshToken[:6] + "…</code> " + name + `, Web Application <span class="quiet">3 min old, of a login 2 h 8 min ago, 7 h 52 min left, not used yet</span>`,
		"<code>" + other.RefreshToken[:6] + "…</code> " + name + `, Single Page Web Application <span class="quiet">2 h 8 min old, 7 h 52 min left, not used yet</span>`,
		"<code>" + second.AccessToken[:6] + "…</code> " + name + `, Web Application <span class="quiet">3 min old, of a login 2 h 8 min ago, 57 min left, can be renewed</span>`,
	}, []string{first.RefreshToken[:6], second.RefreshToken[:7], other.RefreshToken[:7]})

	token, submit := forms(t, tenant, page)
	key := regexp.MustCompile(`name="revoke" value="([^"]+)"`).FindStringSubmatch(page)[1] // the newest
	if w := submit("token", "CANARY", "revoke", key); w.Code != 403 || !alive(tenant, second.AccessToken) {
		t.Errorf("with a token that is not the page's: %d", w.Code)
	}
	if w := submit("token", token, "revoke", key); w.Code != 303 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if alive(tenant, second.AccessToken) {
		t.Error("the session of a revoked login lives on")
	}
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), second.RefreshToken)), 400, "invalid_grant")
	granted(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), other.RefreshToken)))
	clock.advance(8 * time.Hour)
	shows(nil, []string{"name=\"revoke\"", second.RefreshToken[:6], other.RefreshToken[:6]})
}

// Without rotation a refresh token is used again and again, and the page counts.
func TestUsesInThePage(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Now: newClock().Now})
	got := login(t, tenant, web(tenant))
	for _, want := range []string{"0 s old, not used yet<", "0 s old, used 1 time<", "0 s old, used 2 times<"} {
		if page := atControl(t, tenant, "GET", "/__emulator", "").Body.String(); !strings.Contains(page, want) || strings.Contains(page, "used up by rotation") {
			t.Errorf("the page does not say %q, or speaks of rotation", want)
		}
		granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), got.RefreshToken)))
	}
}

// A code is shown for the two minutes that it lasts, and whether it was used.
func TestCodesInThePage(t *testing.T) {
	t.Parallel()
	clock := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, Now: clock.Now})
	code := func() string { return logIn(t, tenant, request(web(tenant))).Query().Get("code") }
	lines := func() []string {
		page := atControl(t, tenant, "GET", "/__emulator", "").Body.String()
		_, page, _ = strings.Cut(page, "<h2>Codes</h2>")
		page, _, _ = strings.Cut(page, "<h2>")
		return regexp.MustCompile(`<code>.*?</span></span>`).FindAllString(page, -1)
	}
	line := func(code, more string) string {
		return "<code>" + code[:6] + "…</code> " + tenant.Users()[0].Name + `, Web Application <span class="quiet">` + more + "</span></span>"
	}
	used := code()
	granted(t, postForm(tenant, tokenPath, codeForm(web(tenant), used)))
	clock.advance(50 * time.Second)
	fresh := code()
	clock.advance(5 * time.Second)
	if diff := cmp.Diff([]string{line(fresh, "5 s old, 1 min left, not used yet"), line(used, "55 s old, used: whoever sends it again ends its login")}, lines()); diff != "" {
		t.Errorf("-wanted +shown\n%s", diff)
	}
	clock.advance(65 * time.Second) // and the first is over
	if diff := cmp.Diff([]string{line(fresh, "1 min old, 50 s left, not used yet")}, lines()); diff != "" {
		t.Errorf("-wanted +shown\n%s", diff)
	}
	clock.advance(50 * time.Second)
	if got := lines(); got != nil {
		t.Errorf("codes that are over: %q", got)
	}
	again := code()
	granted(t, postForm(tenant, tokenPath, codeForm(web(tenant), again)))
	refused(t, postForm(tenant, tokenPath, codeForm(web(tenant), again)), 400, "invalid_grant")
	if got := lines(); got != nil {
		t.Errorf("codes of a login that has ended: %q", got)
	}
}

// Programs see sessions and refresh tokens, and end them, one or all.
func TestGrantsAtRunTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	tenant := emulator.New(emulator.Options{Projects: 1, RefreshLife: time.Hour, SessionLife: 30 * time.Minute, Now: clock.Now})
	list := func(what string) (rows []object) {
		t.Helper()
		w := atControl(t, tenant, "GET", "/__emulator/"+what, "")
		if err := json.Unmarshal(w.Body.Bytes(), &rows); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s", what, w.Code, w.Body)
		}
		return rows
	}
	end := func(what string, want int) {
		t.Helper()
		if w := atControl(t, tenant, "DELETE", "/__emulator/"+what, ""); w.Code != want {
			t.Errorf("DELETE %s: %d %s", what, w.Code, w.Body)
		}
	}
	for _, what := range []string{"sessions", "refresh-tokens"} {
		if w := atControl(t, tenant, "GET", "/__emulator/"+what, ""); strings.TrimSpace(w.Body.String()) != "[]" {
			t.Errorf("none of the %s: %s", what, w.Body)
		}
		end(what, 204)
		end(what+"/CANARY", 404)
	}

	given := tenant.NewSession("")
	clock.advance(10 * time.Second)
	first := login(t, tenant, web(tenant))
	clock.advance(10 * time.Minute)
	second := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	username, client := tenant.Users()[0].Username, web(tenant).ID
	row := func(begins, client string, age, login, left float64) object {
		o := object{"begins": begins[:6], "username": username, "age": age, "login_age": login, "left": left}
		if client != "" {
			o["client_id"] = client
		}
		return o
	}
	with := func(o object, name string, value any) object { o[name] = value; return o }
	sessions, tokens := list("sessions"), list("refresh-tokens")
	ids := map[string]string{}
	for _, o := range append(sessions, tokens...) {
		ids[o["begins"].(string)] = o["id"].(string)
		delete(o, "id")
	}
	if diff := cmp.Diff([]object{
		with(row(second.AccessToken, client, 0, 600, 1800), "renewable", true),
		with(row(first.AccessToken, client, 600, 600, 1200), "renewable", true),
		with(row(given, "", 610, 610, 1190), "renewable", false),
	}, sessions); diff != "" {
		t.Errorf("-wanted +listed\n%s", diff)
	}
	if diff := cmp.Diff([]object{with(row(first.RefreshToken, client, 600, 600, 3000), "uses", 1.0)}, tokens); diff != "" {
		t.Errorf("-wanted +listed\n%s", diff)
	}

	end("sessions/"+ids[first.AccessToken[:6]], 204)
	end("sessions/"+ids[first.AccessToken[:6]], 404)
	if alive(tenant, first.AccessToken) || !alive(tenant, second.AccessToken) || !alive(tenant, given) {
		t.Error("not this one session was ended")
	}
	end("sessions", 204)
	if alive(tenant, second.AccessToken) || alive(tenant, given) {
		t.Error("not all sessions were ended")
	}
	third := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	other, given := login(t, tenant, spa(tenant)), tenant.NewSession("")
	end("refresh-tokens/"+ids[first.RefreshToken[:6]], 204)
	end("refresh-tokens/"+ids[first.RefreshToken[:6]], 404)
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)), 400, "invalid_grant")
	if alive(tenant, third.AccessToken) || !alive(tenant, other.AccessToken) {
		t.Error("not this one login was ended")
	}
	end("refresh-tokens", 204)
	refused(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), other.RefreshToken)), 400, "invalid_grant")
	if alive(tenant, other.AccessToken) || !alive(tenant, given) || len(list("refresh-tokens")) != 0 {
		t.Error("not all logins were ended, or what is none")
	}
	for _, path := range []string{"/sessions", "/refresh-tokens"} {
		if w := atControl(t, tenant, "POST", "/__emulator"+path, ""); w.Code != 404 && w.Code != 405 {
			t.Errorf("POST %s: %d %s", path, w.Code, w.Body)
		}
	}
}
