package cli

import (
	"net/url"
	"strconv"
	"testing"
)

func TestRedirectOfTheDemo(t *testing.T) {
	t.Parallel()
	for range 100 {
		text, err := freeRedirect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if port, err := strconv.Atoi(u.Port()); err != nil || port < 1024 || port >= 32768 {
			t.Errorf("%s: the system hands out this port to anyone", text)
		}
	}
}
