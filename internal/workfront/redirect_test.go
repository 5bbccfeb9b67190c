package workfront

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// elsewhere is a second origin; it notes whatever header could carry a session.
func elsewhere(t *testing.T, handler http.HandlerFunc) (url string, leaked *[]string) {
	t.Helper()
	leaked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if all := fmt.Sprint(r.Header, r.URL); strings.Contains(all, "canary") {
			*leaked = append(*leaked, all)
		}
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, leaked
}

func TestRedirectWithinTheOrigin(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/attask/api/v22.0/proj" {
				w.Header().Set("Location", "../v22.0/project?b=2#x")
				w.WriteHeader(status)
				return
			}
			fmt.Fprintf(w, `{"data":"%s %s %s %s"}`, r.Method, r.RequestURI, r.Header.Get("sessionID"), r.Header.Get("X-A"))
		})
		r, err := c.Do(t.Context(), Request{Path: "proj?a=1", Header: http.Header{"X-A": {"1"}}})
		if err != nil {
			t.Fatal(err)
		}
		if s := body(t, r); s != `{"data":"GET /attask/api/v22.0/project?b=2 `+canary+` 1"}` {
			t.Errorf("%d: %s", status, s)
		}
	}
}

func TestRedirectOffTheOrigin(t *testing.T) {
	t.Parallel()
	var back string
	url, leaked := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file":
			io.WriteString(w, "content "+r.Header.Get("Range"))
		case "/back":
			http.Redirect(w, r, back+"/whoami", http.StatusFound)
		case "/denied":
			w.WriteHeader(403)
		}
	})
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/whoami" {
			io.WriteString(w, "session "+r.Header.Get("sessionID"))
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "attask", Value: "canary-cookie"})
		http.Redirect(w, r, url+r.URL.Query().Get("to"), http.StatusFound)
	})
	back = c.Origin.String()
	var accepted bool
	c.Accepted = func(http.Header) { accepted = true }
	get := func(to string) (*Response, error) {
		return c.Do(t.Context(), Request{Path: "/internal/document/download?to=" + to, Header: http.Header{"X-A": {"canary-header"}, "Range": {"bytes=0-"}}})
	}
	r, err := get("/file")
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != "content bytes=0-" {
		t.Errorf("got %q", s)
	}
	// Whoever was asked in between could have chosen the address, so what leads back has no session either.
	if r, err = get("/back"); err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != "session " {
		t.Errorf("got %q", s)
	}
	// The refusal of another host is not one of the session.
	s := c.Credentials.(*sessions)
	if _, err = get("/denied"); err == nil || !strings.Contains(err.Error(), "403") || s.renewals != 0 {
		t.Errorf("%v, %d renewals", err, s.renewals)
	}
	if _, refused := errors.AsType[*Refusal](err); refused || accepted || len(*leaked) != 0 {
		t.Errorf("refused %v, accepted %v, leaked %q", refused, accepted, *leaked)
	}
}

func TestRedirectsNotFollowed(t *testing.T) {
	t.Parallel()
	url, leaked := elsewhere(t, func(http.ResponseWriter, *http.Request) { t.Error("followed") })
	const read, change = "/x", "/x?method=put"
	for _, c := range []struct {
		path, location string
		status         int
		want           string
	}{
		{change, "/y", 302, "look whether it was done"},
		{change, "/y", 303, "look whether it was done"},
		{change, url, 307, "look whether it was done"},
		{read, "", 302, "no usable Location"},
		{read, "http://u:canary@x/", 302, "no usable Location"},
		{read, "http://a b/", 302, "no usable Location"},
		{read, "mailto:a@b", 302, "no usable Location"},
		{read, "http://files.example/?sig=canary", 302, "http://files.example/, which is not HTTPS"},
		{read, "file://h/etc/passwd", 302, "not HTTPS"},
		{read, "/x", 302, "more than 10 times"},
		{"/x?name=" + strings.Repeat("x", maxURI), "/y", 301, "look whether it was done"},
	} {
		requests := 0
		tenant := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			w.Header().Set("Location", c.location)
			w.WriteHeader(c.status)
		})
		r, err := tenant.Do(t.Context(), Request{Path: c.path})
		if err == nil || r != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s to %s: %v", c.path, c.location, err)
		}
		if want := map[bool]int{true: 1 + maxRedirects, false: 1}[c.location == "/x"]; requests != want {
			t.Errorf("%s to %s: %d requests", c.path, c.location, requests)
		}
	}
	if len(*leaked) != 0 {
		t.Errorf("leaked %q", *leaked)
	}
}

func TestRedirectOfChangeWithinTheOrigin(t *testing.T) {
	t.Parallel()
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			w.Header().Set("Location", "/attask/api/b")
			w.WriteHeader(307)
			return
		}
		form, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, `{"data":"%s %s %s"}`, r.Method, form, r.Header.Get("sessionID"))
	})
	r, err := c.Do(t.Context(), Request{Method: "PUT", Path: "/a", Fields: []Field{{"name", "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != `{"data":"PUT name=x `+canary+`"}` {
		t.Errorf("got %s", s)
	}
	if _, err := c.Do(t.Context(), Request{Method: "PUT", Path: "/a", Input: io.MultiReader(strings.NewReader("{}"))}); err == nil {
		t.Error("a pipe was sent twice")
	}
}

// A file may be called login; the API's answer may not come from a page of that name.
func TestLoginIsAPageOrAFile(t *testing.T) {
	t.Parallel()
	url, _ := elsewhere(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a picture") })
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url+"/login.png", http.StatusFound) })
	r, err := c.Do(t.Context(), Request{Path: "/internal/document/download"})
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != "a picture" {
		t.Errorf("got %q", s)
	}
	if _, err := c.Do(t.Context(), Request{Path: "proj"}); err != errLogin {
		t.Errorf("got %v", err)
	}
}
