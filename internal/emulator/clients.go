package emulator

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// The kinds of application: those that Workfront registers, and the credential of Adobe's Developer Console.
const (
	WebApplication   = "Web Application"             // code flow with a secret
	SinglePage       = "Single Page Web Application" // code flow with PKCE, no secret
	MachineToMachine = "Machine to Machine"          // signed JWTs, no browser
	ServerToServer   = "OAuth Server-to-Server"      // of Adobe's identity service, unknown at Workfront's own endpoints
)

// Client is an OAuth2 application as its owner sees it in Workfront's setup, or in Adobe's console.
type Client struct {
	ID           string
	Secret       string // "" for a Single Page Web Application
	Name         string
	Type         string
	RedirectURIs []string // compared letter by letter
	CustomerID   string   // the iss of a Machine to Machine application's tokens
	UserID       string   // and their sub: who registered its keys; of a Server-to-Server credential its technical account
	Org          string   // the organisation of a Server-to-Server credential
	Scopes       []string // and what it may ask for
}

// User is a person who can sign in.
type User struct {
	ID       string
	Name     string
	Username string
	Password string
}

// Clients returns the registered applications, one of each type, in the order of the constants.
func (t *Tenant) Clients() []Client {
	t.mu.Lock()
	defer t.mu.Unlock()
	clients := slices.Clone(t.clients)
	for i, c := range clients {
		clients[i].RedirectURIs, clients[i].Scopes = slices.Clone(c.RedirectURIs), slices.Clone(c.Scopes)
	}
	return clients
}

// newUsers gives those who can sign in their passwords.
func newUsers(seed uint64, people []objectstore.Person) []User {
	rng := rand.New(rand.NewPCG(seed, streamPeople))
	users := make([]User, len(people))
	for i, p := range people {
		users[i] = User{ID: p.ID, Name: p.Name, Username: p.Username, Password: seededHex(rng)[:12]}
	}
	return users
}

// Users returns the people who can sign in; the first is an administrator.
func (t *Tenant) Users() []User { return slices.Clone(t.people) }

// RegisterRedirect adds a redirect URI to both browser applications.
func (t *Tenant) RegisterRedirect(uri string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range t.clients {
		if c.RedirectURIs != nil && !slices.Contains(c.RedirectURIs, uri) {
			t.clients[i].RedirectURIs = append(c.RedirectURIs, uri)
		}
	}
}

// client returns the application with that ID. Adobe's credentials are none of Workfront's.
func (t *Tenant) client(id string) (Client, bool) {
	c, ok := t.registered(id)
	return c, ok && c.Type != ServerToServer
}

// credential returns the credential of Adobe's console with that ID.
func (t *Tenant) credential(id string) (Client, bool) {
	c, ok := t.registered(id)
	return c, ok && c.Type == ServerToServer
}

func (t *Tenant) registered(id string) (Client, bool) {
	for _, c := range t.Clients() {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

func newClients(seed uint64, customerID, userID string, extra []string) []Client {
	rng := rand.New(rand.NewPCG(seed, streamClients))
	redirects := append([]string{
		"http://127.0.0.1:8765/callback",
		"http://localhost:8765/callback",
		"http://[::1]:8765/callback",
	}, extra...)
	return []Client{
		{ID: seededHex(rng), Secret: seededHex(rng), Name: "Reports (web)", Type: WebApplication, RedirectURIs: slices.Clone(redirects)},
		{ID: seededHex(rng), Name: "Reports (single page)", Type: SinglePage, RedirectURIs: slices.Clone(redirects)},
		{ID: seededHex(rng), Secret: seededHex(rng), Name: "Nightly jobs", Type: MachineToMachine, CustomerID: customerID, UserID: userID},
		{
			ID: seededHex(rng), Secret: "p8e-" + seededHex(rng), Name: "Nightly jobs (Adobe)", Type: ServerToServer, UserID: userID,
			Org: strings.ToUpper(seededHex(rng)[:24]) + "@AdobeOrg", Scopes: []string{"openid", "AdobeID", "additional_info.roles", "profile"},
		},
	}
}

// Each use of the seed draws from a stream of its own, so that more of one does not change another. The
// store has 0, 3 and 5.
const (
	streamClients = 1
	streamPeople  = 2
	streamFaults  = 4
)

// seededHex returns 32 hex digits that the generator decides.
func seededHex(rng *rand.Rand) string {
	var b [16]byte
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return hex.EncodeToString(b[:])
}
