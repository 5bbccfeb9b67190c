package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// chronicle is a Store that remembers which refresh tokens it was given, in order, and fails at times. Refresh tokens
// are numbered as they are issued.
type chronicle struct {
	turn  chan struct{}
	draws func(string, int) int

	mu       sync.Mutex // guards what follows
	payload  []byte
	tokens   []int
	sessions map[string]bool
}

func (c *chronicle) Load(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.payload), nil
}

func (c *chronicle) Save(_ context.Context, payload []byte) error {
	time.Sleep(time.Duration(c.draws("writing, ms", 50)) * time.Millisecond)
	if c.draws("write fails", 10) == 0 {
		return errors.New("disk full")
	}
	var r record
	if err := json.Unmarshal(payload, &r); err != nil {
		return err
	}
	n, err := strconv.Atoi(r.RefreshToken)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.payload, c.tokens = bytes.Clone(payload), append(c.tokens, n)
	c.sessions[r.SessionID] = true
	return nil
}

func (c *chronicle) Reserve(context.Context) error { return nil }

func (c *chronicle) Lock(ctx context.Context) (func(), error) {
	select {
	case <-c.turn:
		return func() { c.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// rotating is a token endpoint whose answers arrive late, or not at all, or say that it is busy.
type rotating struct {
	draws func(string, int) int

	mu      sync.Mutex
	issued  int
	current string
}

func (s *rotating) issue() string {
	s.issued++
	s.current = strconv.Itoa(s.issued)
	return s.current
}

func (s *rotating) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return reply(401, `{"error":{"message":"You are not currently logged in."}}`), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(s.draws("request, ms", 2000)) * time.Millisecond)
	fate := s.draws("fate", 10)
	if fate == 0 {
		return reply(503, ""), nil
	}
	s.mu.Lock()
	if form.Get("refresh_token") != s.current {
		s.mu.Unlock()
		return reply(400, `{"error":"invalid_grant"}`), nil
	}
	token := s.issue()
	s.mu.Unlock()
	time.Sleep(time.Duration(s.draws("answer, ms", 2000)) * time.Millisecond)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	life := s.draws("life, s", 200)
	switch {
	case fate == 1:
		return nil, io.ErrUnexpectedEOF
	case fate == 2 && s.draws("rotation", 2) == 0: // the token goes on without being said again
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.current == token {
			s.current = form.Get("refresh_token")
			return reply(200, fmt.Sprintf(`{"access_token":"s%s","expires_in":%d}`, token, life)), nil
		}
	}
	return reply(200, fmt.Sprintf(`{"access_token":"s%s","refresh_token":"%s","expires_in":%d}`, token, token, life)), nil
}

// Whatever the order of answers and writes, whoever is interrupted and whatever fails: an older refresh token never
// replaces a newer one, and no one is given a session whose refresh token was not stored.
func TestOlderRefreshTokenNeverReplacesANewer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seeds := rapid.SliceOfN(rapid.Uint16(), 200, 200).Draw(rt, "chance")
		processes := rapid.IntRange(1, 6).Draw(rt, "processes")
		var wrong string
		synctest.Test(t, func(t *testing.T) { wrong = history(t, seeds, processes) })
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func history(t *testing.T, seeds []uint16, processes int) (wrong string) {
	var mu sync.Mutex
	next := 0
	draws := func(_ string, n int) int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return int(seeds[next%len(seeds)]) % n
	}
	server := &rotating{draws: draws}
	store := &chronicle{turn: make(chan struct{}, 1), draws: draws, sessions: map[string]bool{}}
	store.turn <- struct{}{}
	app := Application{Origin: "https://acme.my.workfront.com", ID: "app1"}
	nobody := endpoints{client: &http.Client{Transport: unplugged{}}} // to ask whose session it is
	person := make(chan struct{}, 1)                                  // who logs in once at a time
	login := func(ctx context.Context) error {
		person <- struct{}{}
		defer func() { <-person }()
		l := &Login{App: app, Store: store}
		release, err := l.reserve(ctx)
		if err != nil {
			return err
		}
		defer release()
		server.mu.Lock()
		token := server.issue()
		server.mu.Unlock()
		_, err = l.store(ctx, nobody, Grant{SessionID: "s" + token, RefreshToken: token, ObtainedAt: time.Now(), ExpiresAt: time.Now().Add(time.Minute)}, "")
		return err
	}
	for login(t.Context()) != nil {
	}
	var given []string
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			for range 6 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(draws("interrupt, ms", 20000))*time.Millisecond)
				s := NewSession(SessionOptions{
					App: app, Store: store, Transport: server, MinTTL: DefaultMinTTL, MaxAge: DefaultMaxAge, Force: draws("force", 4) == 0,
				})
				info, err := s.Current(ctx)
				id := info.SessionID
				if err == nil && draws("refused", 3) == 0 {
					id, err = s.renew(ctx, id)
				}
				if err == nil {
					mu.Lock()
					given = append(given, id)
					mu.Unlock()
					s.Accepted(ctx, asHeader(Application{}.headers(id)))
				}
				if draws("login", 8) == 0 {
					_ = login(ctx)
				}
				cancel()
				time.Sleep(time.Duration(draws("pause, s", 100)) * time.Second)
			}
		})
	}
	all.Wait()
	time.Sleep(time.Minute) // what an interrupt has left runs out
	for i := 1; i < len(store.tokens); i++ {
		if store.tokens[i] < store.tokens[i-1] {
			return fmt.Sprintf("refresh token %d replaced %d (in the order of writes: %v)", store.tokens[i], store.tokens[i-1], store.tokens)
		}
	}
	for _, id := range given {
		if !store.sessions[id] {
			return fmt.Sprintf("session %s was given out and not stored", id)
		}
	}
	return ""
}

// unplugged is a network that is not there.
type unplugged struct{}

func (unplugged) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("unplugged")
}
