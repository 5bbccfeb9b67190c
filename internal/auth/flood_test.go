package auth_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// However many connections are held open, or come at once, the browser's still gets through.
func TestFloodsCannotKeepTheBrowserOut(t *testing.T) {
	t.Parallel()
	hold := func(sent string) func(*testing.T, *attempt) {
		return func(t *testing.T, a *attempt) { hold200(t, a, sent) }
	}
	tests := map[string]func(*testing.T, *attempt){
		"idle connections":     hold(""),
		"half a request line":  hold("GET /callb"),
		"half a header":        hold("GET /callback?code=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "),
		"a header, no body":    hold("POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n"),
		"a TLS hello, cut off": hold("\x16\x03\x01\x02\x00\x01\x00"),
		"quick probes": func(t *testing.T, a *attempt) {
			probe(a, 2000)
			if told := strings.Count(a.notes.text(), "its state is not this login's"); told != 1 {
				t.Errorf("a person was told %d times", told)
			}
		},
	}
	for name, flood := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := begin(t, newTenant(t, nil), nil)
			flood(t, a)
			a.wins()
		})
	}
	t.Run("while the page is waited for", func(t *testing.T) {
		t.Parallel()
		asked, hold := make(chan struct{}), make(chan struct{})
		release := sync.OnceFunc(func() { close(hold) })
		defer release()
		a := begin(t, newTenant(t, func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			<-hold
			answer(w, `{"access_token":"`+canarySession+`"}`)
		}), nil)
		visit := a.send(a.real())
		<-asked
		hold200(t, a, "") // they queue: nobody is let in between the answer and the verdict
		var probes sync.WaitGroup
		probes.Go(func() { probe(a, 200) })
		defer probes.Wait()
		release()
		if page := a.page(visit); !strings.Contains(page, "You are logged in") {
			t.Errorf("page %q", page)
		}
		if _, err := a.wait(); err != nil {
			t.Error(err)
		}
	})
	t.Run("in the middle of quick probes", func(t *testing.T) {
		t.Parallel()
		a := begin(t, newTenant(t, nil), nil)
		var probes sync.WaitGroup
		probes.Go(func() { probe(a, 2000) })
		a.wins()
		probes.Wait()
	})
}

// hold200 holds as many connections open that have sent no more than this.
func hold200(t *testing.T, a *attempt, sent string) {
	t.Helper()
	for range 200 {
		conn, err := net.Dial("tcp", a.redirect.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_, _ = io.WriteString(conn, sent) // the oldest are cut off meanwhile
	}
}

// probe sends n guesses from 8 connections at a time; those after the login's end find a closed port.
func probe(a *attempt, n int) {
	var probes sync.WaitGroup
	for range 8 {
		probes.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			for range n / 8 {
				resp, err := client.Get(a.callback("code=guess&state=guess"))
				if err != nil {
					return
				}
				resp.Body.Close()
				if resp.StatusCode < 400 {
					a.t.Errorf("a guess got status %d", resp.StatusCode)
				}
			}
		})
	}
	probes.Wait()
}
