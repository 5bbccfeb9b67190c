package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/auth"
)

// shelf is a Store in memory: what another backend would keep, and a lock that obeys the context.
type shelf struct {
	turn chan struct{} // holds a token while nobody has the lock

	mu      sync.Mutex // guards what follows
	payload []byte
	saves   int
	locks   int
	fault   map[string]error // by method: load, save, lock, reserve
	room    bool             // was reserved under the lock that is held
}

func newShelf() *shelf {
	s := &shelf{turn: make(chan struct{}, 1), fault: map[string]error{}}
	s.turn <- struct{}{}
	return s
}

func (s *shelf) Load(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.payload), s.fault["load"]
}

func (s *shelf) Save(ctx context.Context, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault["save"]; err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.payload = bytes.Clone(payload)
	s.saves++
	return nil
}

// clear is what a logout does.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payload = nil
}

func (s *shelf) Reserve(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.turn) > 0 {
		return errors.New("nobody has the lock")
	}
	s.room = s.fault["reserve"] == nil
	return s.fault["reserve"]
}

func (s *shelf) Lock(ctx context.Context) (func(), error) {
	s.mu.Lock()
	err := s.fault["lock"]
	s.locks++
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case <-s.turn:
		return func() {
			s.mu.Lock()
			s.room = false
			s.mu.Unlock()
			s.turn <- struct{}{}
		}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *shelf) fail(method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault[method] = err
}

func (s *shelf) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.payload)
}

// reserved says whether there is room for an answer.
func (s *shelf) reserved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.room
}

func (s *shelf) saved() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saves
}

// stored is the item as it rests: its names are a contract with earlier versions of the program.
type stored struct {
	Origin       string    `json:"origin"`
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret,omitempty"`
	RedirectURI  string    `json:"redirect_uri,omitempty"`
	IMS          string    `json:"ims_url,omitempty"`
	Scopes       string    `json:"scopes,omitempty"`
	SessionID    string    `json:"session_id"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	ObtainedAt   time.Time `json:"obtained_at"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	AcceptedAt   time.Time `json:"accepted_at,omitzero"`
	User         string    `json:"user,omitempty"`
	Serial       uint64    `json:"serial"`
}

// put lays an item on the shelf, as an earlier command has left it.
func (s *shelf) put(t testing.TB, item stored) {
	t.Helper()
	payload, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payload = payload
}

func (s *shelf) item(t testing.TB) stored {
	t.Helper()
	var item stored
	if err := json.Unmarshal(s.bytes(), &item); err != nil {
		t.Fatalf("the stored item: %v", err)
	}
	return item
}

var _ auth.Store = (*shelf)(nil)

// headerOf is what a request carries of a session, idOf the sessionID that such a header carries.
func headerOf(id string) http.Header { return http.Header{"Sessionid": {id}} }

func idOf(h http.Header, err error) (string, error) { return h.Get("sessionID"), err }
