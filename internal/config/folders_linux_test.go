package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/config"
)

func TestUserFolders(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": "/s"}
	got := config.UserFolders(func(key string) string { return env[key] })
	want := config.Folders{Config: "/h/.config/wfauth", State: "/s/wfauth", Cache: "/h/.cache/wfauth"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	env["WFAUTH_CONFIG_DIR"] = "/c"
	if got := config.UserFolders(func(key string) string { return env[key] }); got.Config != "/c" || got.State != "/s/wfauth" {
		t.Errorf("WFAUTH_CONFIG_DIR moves %+v", got)
	}
}
