package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestRefreshWithoutRotation(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	first := login(t, tenant, web(tenant))
	second := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	if second.RefreshToken != first.RefreshToken {
		t.Error("the refresh token changed")
	}
	if second.AccessToken == first.AccessToken || !alive(tenant, first.AccessToken) || !alive(tenant, second.AccessToken) {
		t.Error("there must be two sessions now")
	}
	granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
}

func TestRotation(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Rotate: true})
	first := login(t, tenant, spa(tenant))
	other := login(t, tenant, spa(tenant))
	second := granted(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), first.RefreshToken)))
	if second.RefreshToken == first.RefreshToken || !alive(tenant, first.AccessToken) {
		t.Error("a refresh must rotate, and leave the old session")
	}
	// The spent token comes back: everything of that login ends, and nothing else.
	refused(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), first.RefreshToken)), 400, "invalid_grant")
	refused(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), second.RefreshToken)), 400, "invalid_grant")
	if alive(tenant, first.AccessToken) || alive(tenant, second.AccessToken) {
		t.Error("sessions of a revoked login live on")
	}
	if !alive(tenant, other.AccessToken) {
		t.Error("another login ended too")
	}
	if got := tenant.Counts(); got.Reused != 1 || got.Refresh != 3 {
		t.Errorf("counts %+v", got)
	}
}

// Of many refreshes at once with one rotating token exactly one is granted.
func TestParallelRefreshes(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Rotate: true})
	first := login(t, tenant, web(tenant))
	var group sync.WaitGroup
	statuses := make([]int, 16)
	for i := range statuses {
		group.Go(func() {
			statuses[i] = postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)).status
		})
	}
	group.Wait()
	good := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			good++
		}
	}
	if good != 1 || tenant.Counts().Reused == 0 {
		t.Errorf("%d of 16 granted, counts %+v", good, tenant.Counts())
	}
}

func TestRefreshTokensAreBound(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, Rotate: true})
	first := login(t, tenant, web(tenant))
	refused(t, postForm(tenant, tokenPath, refreshForm(spa(tenant), first.RefreshToken)), 400, "invalid_grant")
	form := refreshForm(web(tenant), first.RefreshToken)
	form.Set("redirect_uri", "http://localhost:8765/callback")
	refused(t, postForm(tenant, tokenPath, form), 400, "invalid_grant")
	form.Del("redirect_uri")
	granted(t, postForm(tenant, tokenPath, form))
}

func TestLives(t *testing.T) {
	t.Parallel()
	now := newClock()
	tenant := emulator.New(emulator.Options{
		Projects: 1, Now: now.Now, SessionLife: time.Hour, RefreshLife: 24 * time.Hour,
	})
	first := login(t, tenant, web(tenant))
	if *first.ExpiresIn != 3600 {
		t.Errorf("expires_in %d", *first.ExpiresIn)
	}
	now.advance(time.Hour - time.Second)
	if !alive(tenant, first.AccessToken) {
		t.Error("the session ended early")
	}
	now.advance(time.Second)
	if alive(tenant, first.AccessToken) {
		t.Error("the session did not end")
	}
	granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	now.advance(23 * time.Hour)
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)), 400, "invalid_grant")
}

func TestStatedLife(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		option *int
		want   string
	}{{nil, `"expires_in":28800`}, {new(0), `"expires_in":0`}, {new(60), `"expires_in":60`}, {new(-1), ""}} {
		tenant := emulator.New(emulator.Options{Projects: 1, ExpiresIn: test.option})
		code := logIn(t, tenant, request(web(tenant))).Query().Get("code")
		got := postForm(tenant, tokenPath, codeForm(web(tenant), code)).body
		if !strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "expires_in") {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestRefreshEndsSessionsIfAsked(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, EndSessionsOnRefresh: true})
	first := login(t, tenant, web(tenant))
	second := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	if alive(tenant, first.AccessToken) || !alive(tenant, second.AccessToken) {
		t.Error("only the new session may live")
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	first := login(t, tenant, web(tenant))
	send := func(clientID, token string) answer {
		r := httptest.NewRequest("POST", revokePath, strings.NewReader(
			`{"client_id":"`+clientID+`","refresh_token":"`+token+`","redirect_uri":"`+callback+`"}`))
		r.Header.Set("Content-Type", "application/json")
		return do(tenant, r)
	}
	refused(t, send("x", first.RefreshToken), 401, "invalid_client")
	if send(spa(tenant).ID, first.RefreshToken); !alive(tenant, first.AccessToken) {
		t.Error("another application revoked the login")
	}
	if got := send(web(tenant).ID, "unknown"); got.status != http.StatusOK {
		t.Errorf("an unknown token: %d", got.status)
	}
	if got := send(web(tenant).ID, first.RefreshToken); got.status != http.StatusOK || alive(tenant, first.AccessToken) {
		t.Errorf("not revoked: %d", got.status)
	}
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)), 400, "invalid_grant")
}

func TestOperatorsEndings(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	first := login(t, tenant, web(tenant))
	tenant.ExpireSessions()
	if alive(tenant, first.AccessToken) {
		t.Error("ExpireSessions left a session")
	}
	second := granted(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)))
	tenant.RevokeAll()
	if alive(tenant, second.AccessToken) {
		t.Error("RevokeAll left a session")
	}
	refused(t, postForm(tenant, tokenPath, refreshForm(web(tenant), first.RefreshToken)), 400, "invalid_grant")
	if got := tenant.NewSession("nobody"); got != "" {
		t.Errorf("a session for nobody: %q", got)
	}
	if !alive(tenant, tenant.NewSession(tenant.Users()[1].Username)) {
		t.Error("a new session does not live")
	}
}
