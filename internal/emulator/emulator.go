// Package emulator is a Workfront tenant in memory: its sign-in pages, its OAuth2 endpoints, that of Adobe's identity service, and the
// part of its REST API that scripts use first, over seeded data.
// It listens nowhere, writes no file but what is uploaded to it and large, and shares no type with wfauth's own client.
package emulator

import (
	"net/http"
	"sync"
	"time"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// Options say how a tenant behaves. The zero value is a tenant of 250 projects that behaves as
// Workfront is documented to.
type Options struct {
	Seed     uint64 // decides identifiers, secrets, data and the order of unsorted answers
	Projects int    // how many projects; 0 means 250
	Tasks    int    // how many tasks in all; 0 means about eight a project

	RedirectURIs []string // registered with both browser applications, besides their defaults
	JWTKeys      []JWTKey // accepted from the Machine to Machine application

	Rotate               bool          // a refresh gives a new refresh token and spends the old one
	EndSessionsOnRefresh bool          // a refresh also ends the sessions given before it
	SessionLife          time.Duration // counted from the grant, whatever the use; 0 means 8 hours, and 24 for Adobe's access tokens
	RefreshLife          time.Duration // of a login's refresh tokens in all; 0 means for ever
	ExpiresIn            *int          // seconds that token answers state; nil is the truth, negative leaves it out
	StandardErrors       bool          // token errors as RFC 6749 has them, not as Workfront does

	OmitState  bool   // the redirect does not carry state back
	SendIssuer bool   // the redirect carries iss (RFC 9207)
	Domain     string // in the redirect; "" means "emulator"
	Lane       string // in the redirect; "" means "my"

	BadRow     string // what a bad row of a bulk request that is not atomic spoils: BadRowBatch or BadRowAlone; "" is the first
	MaxRows    int    // of an answer, however many are asked for; 0 means as many
	Concurrent int    // API requests served at once before 429; 0 means any number
	AlwaysGzip bool   // compress answers even where nobody asked for it
	Faults     Faults // what goes wrong, and how often; the zero value is nothing

	RequireLength bool          // a body whose length is not stated is refused, as by some of what stands before Workfront
	BareCreated   bool          // a new event subscription is answered by its Location alone
	EventRetry    time.Duration // what pauses before another delivery of an event are multiples of; 0 means 84.8 s

	Origin string           // of absolute URLs; "" means what the request was sent to
	Now    func() time.Time // nil means time.Now
}

// What a bad row of a bulk request spoils is not documented: all of the batch, or nothing but itself, so that
// the other rows are done although the answer is a refusal.
const (
	BadRowBatch = "batch"
	BadRowAlone = "alone"
)

// Tenant is one Workfront tenant. It is an http.Handler, and all its methods are safe for
// concurrent use.
type Tenant struct {
	opts    Options
	handler http.Handler
	store   *objectstore.Store
	people  []User
	faults  *injector
	events  *events
	imsLife time.Duration

	mu      sync.Mutex // guards what follows
	origin  string
	clients []Client
	keys    []JWTKey
	grants  grants
	uploads []Upload
	counts  Counts

	keyPair func() (KeyPair, error)
}

// New returns a tenant with its data in place. Equal seeds and sizes give equal tenants.
func New(opts Options) *Tenant {
	if opts.Projects == 0 {
		opts.Projects = 250
	}
	adobes := opts.SessionLife
	if adobes == 0 {
		adobes, opts.SessionLife = imsLife, 8*time.Hour
	}
	if opts.Domain == "" {
		opts.Domain = "emulator"
	}
	if opts.Lane == "" {
		opts.Lane = "my"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	t := &Tenant{
		opts:   opts,
		store:  objectstore.New(objectstore.Options{Seed: opts.Seed, Projects: opts.Projects, Tasks: opts.Tasks, MaxRows: opts.MaxRows, Alone: opts.BadRow == BadRowAlone}),
		faults: newInjector(opts.Seed, opts.Faults), imsLife: adobes,
		origin: opts.Origin,
		keys:   opts.JWTKeys,
		grants: newGrants(),
	}
	t.events = newEvents(opts)
	t.store.Watch(t.events.wants, t.events.happened)
	t.people = newUsers(opts.Seed, t.store.People(3))
	t.clients = newClients(opts.Seed, t.customerID(), t.people[0].ID, opts.RedirectURIs)
	t.keyPair = sync.OnceValues(newKeyPair)
	t.handler = t.routes()
	return t
}

// Close ends deliveries of events and gives back what uploads took on disk. The tenant must not be asked anything any more.
func (t *Tenant) Close() error {
	t.events.close()
	return t.store.Close()
}

// ServeHTTP answers as the tenant.
func (t *Tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.handler.ServeHTTP(w, r) }

func (t *Tenant) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", t.home)
	mux.HandleFunc("GET /integrations/oauth2/authorize", t.showAuthorize)
	mux.HandleFunc("POST /integrations/oauth2/authorize", t.submitAuthorize)
	mux.HandleFunc("/integrations/oauth2/api/v1/token", t.token)
	mux.HandleFunc("/integrations/oauth2/api/v1/revoke", t.revoke)
	mux.HandleFunc("/integrations/oauth2/api/v1/jwt/exchange", t.exchangeJWT)
	mux.HandleFunc("/ims/token/v3", t.imsToken)
	mux.HandleFunc("/ims/revoke", t.imsRevoke)
	mux.Handle("/attask/eventsubscription/api/v1/subscriptions", limitConcurrency(t.opts.Concurrent, http.HandlerFunc(t.serveSubscriptions)))
	mux.Handle("/attask/eventsubscription/api/v1/subscriptions/", limitConcurrency(t.opts.Concurrent, http.HandlerFunc(t.serveSubscriptions)))
	mux.HandleFunc("GET /internal/document/download", t.download)
	mux.Handle("/attask/", limitConcurrency(t.opts.Concurrent, http.HandlerFunc(t.serveAPI)))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, &apiError{status: http.StatusNotFound, message: "unrecognized URI format: " + r.URL.Path})
	})
	log := &requestLog{}
	return newControl(t, log).routes(limitURI(log.wrap(t.faults.wrap(compress(t.opts.AlwaysGzip, requireLength(t.opts.RequireLength, mux))))))
}

// SetOrigin sets the origin of absolute URLs, for a listener whose port is known late.
func (t *Tenant) SetOrigin(origin string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.origin = origin
}

// originFor is the tenant's origin as the sender of r knows it.
func (t *Tenant) originFor(r *http.Request) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.origin != "" {
		return t.origin
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Counts says what a tenant has been asked since it began.
type Counts struct {
	Code, Refresh, JWT, IMS int // token requests by grant, granted or not

	Granted   int // token requests that were granted
	Reused    int // codes and refresh tokens that came a second time
	Revoked   int // revocations and logouts
	API       int // requests below /attask/
	LoggedOut int // of these, refused for want of a session
}

// Counts returns the counts at this moment.
func (t *Tenant) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}

// count changes the counts under the lock.
func (t *Tenant) count(change func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.counts)
}
