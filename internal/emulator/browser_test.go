package emulator_test

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// browser is a person's browser on a tenant that listens.
type browser struct {
	t      *testing.T
	client *http.Client
	url    string // of the page shown
	page   string
	status int
	header http.Header
}

var errRedirected = errors.New("the application's address")

func newBrowser(t *testing.T, server *httptest.Server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: server.Client().Transport, Jar: jar}
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), server.URL) {
			return errRedirected
		}
		return nil
	}
	return &browser{t: t, client: client}
}

// open shows an address. It returns where the tenant sent the browser, if it was to the application.
func (b *browser) open(address string) *url.URL {
	b.t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(r)
}

// submit sends the form of the page with these fields and its hidden ones.
func (b *browser) submit(fields ...string) *url.URL {
	b.t.Helper()
	form := url.Values{}
	for _, hidden := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(b.page, -1) {
		form.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequest("POST", b.url, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func (b *browser) send(r *http.Request) *url.URL {
	b.t.Helper()
	response, err := b.client.Do(r)
	if errors.Is(err, errRedirected) {
		location, err := response.Location()
		if err != nil {
			b.t.Fatal(err)
		}
		b.status, b.header = response.StatusCode, response.Header
		return location
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.url, b.page, b.status, b.header = response.Request.URL.String(), string(text), response.StatusCode, response.Header
	return nil
}

// shows fails the test unless the page has that form.
func (b *browser) shows(form string) {
	b.t.Helper()
	if !strings.Contains(b.page, `<form id="`+form+`"`) {
		b.t.Fatalf("no form %q on the page:\n%s", form, b.page)
	}
}

// serve gives a tenant an address.
func serve(t *testing.T, tenant *emulator.Tenant) *httptest.Server {
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	return server
}

// logIn goes through the pages as a person would and returns where it ended.
func logIn(t *testing.T, tenant *emulator.Tenant, params url.Values) *url.URL {
	t.Helper()
	server := serve(t, tenant)
	b := newBrowser(t, server)
	b.open(server.URL + authorizePath(params))
	b.shows("sign-in")
	user := tenant.Users()[0]
	b.submit("username", user.Username, "password", user.Password)
	b.shows("consent")
	back := b.submit("allow", "yes")
	if back == nil {
		t.Fatalf("not sent back, but shown:\n%s", b.page)
	}
	return back
}
