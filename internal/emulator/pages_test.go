package emulator_test

import (
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// Who is read to hears for whom the password is before the field for it; and a browser that comes too late to give the focus complains on
// its console.
func TestSignInTakesNoFocus(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 5})
	server := serve(t, tenant)
	b := newBrowser(t, server)
	b.open(server.URL + authorizePath(request(web(tenant))))
	b.shows("sign-in")
	first := b.page
	b.submit("username", "nobody", "password", "CANARY")
	b.shows("sign-in")
	for _, page := range []string{first, b.page} {
		if strings.Contains(page, "autofocus") {
			t.Errorf("the page takes the focus:\n%s", page)
		}
	}
}
