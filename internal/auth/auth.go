// Package auth speaks Workfront's OAuth2: the logins, the loopback listener of a login, and the Session that is
// refreshed. It knows no command line and prints nothing; where secrets rest is the Store's matter.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The flows of a login.
const (
	FlowCode = "code" // Web Application: a client secret, and PKCE all the same
	FlowPKCE = "pkce" // Single Page Web Application: no secret
	FlowJWT  = "jwt"  // Machine to Machine
	FlowIMS  = "ims"  // Adobe Developer Console, OAuth server-to-server
)

// Application is the OAuth2 application that a profile logs in with, as registered in Workfront.
type Application struct {
	Origin string // of the tenant: "https://acme.my.workfront.com"
	Flow   string
	ID     string // client_id
	Secret string // client_secret; empty for FlowPKCE

	// Of FlowIMS alone.
	IMS    string // origin of Adobe's identity service
	Scopes string // with commas between them
	Org    string // the organisation's ID; empty: none is named
}

// endpoint is where a form is posted to: Workfront's own, below the tenant's origin, or Adobe's.
type endpoint struct{ origin, path string }

const (
	authorizePath = "/integrations/oauth2/authorize"
	revokePath    = "/integrations/oauth2/api/v1/revoke"
)

func (a Application) tokens() endpoint {
	return endpoint{a.Origin, "/integrations/oauth2/api/v1/token"}
}

// minting is the endpoint that gives sessions where no person is.
func (a Application) minting() endpoint {
	if a.Flow == FlowIMS {
		return endpoint{a.IMS, "/ims/token/v3"}
	}
	return endpoint{a.Origin, "/integrations/oauth2/api/v1/jwt/exchange"}
}

// Store is one profile's place for its secrets. Its methods obey the context and a deadline of their own.
type Store interface {
	// Load returns what was saved last, nil if there is nothing.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces it; when it returns nil, the payload is safe and was read back.
	Save(ctx context.Context, payload []byte) error
	// Lock keeps other processes from renewing the same credential until release is called.
	Lock(ctx context.Context) (release func(), err error)
	// Reserve is called under the lock before a request whose answer has to be saved. What would keep it from being saved, such as
	// a disk that is full, is an error now.
	Reserve(ctx context.Context) error
}

// LoginRequiredError says that no session can be had without a login: exit status 4.
type LoginRequiredError struct {
	Why     string
	Refused *RefusedError // by the server that gives the sessions; nil otherwise
}

func (e *LoginRequiredError) Error() string { return e.Why }

// NotCompletedError is a login that a person, the deadline or the tenant ended: exit status 4.
type NotCompletedError struct {
	Why     string
	Flag    string        // what the next login should be given, may be empty
	Refused *RefusedError // by the server: what the person did was right; nil otherwise
}

func (e *NotCompletedError) Error() string { return e.Why }

// RefusedError is the refusal of a token endpoint or of a session, in whichever of its shapes it came.
type RefusedError struct {
	Status      int
	Code        string // RFC 6749 section 5.2, or the server's own type or class; may be empty
	Description string
}

func (e *RefusedError) Error() string {
	parts := make([]string, 0, 3)
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Description != "" && e.Description != e.Code {
		parts = append(parts, e.Description)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("%s (status %d)", strings.Join(parts, ": "), e.Status)
}

// PortsTakenError says that no redirect port of the application can be listened on: exit status 1.
type PortsTakenError struct {
	Ports []string
	InUse []string // those of them that another program has
	Err   error    // the last one's
}

func (e *PortsTakenError) Error() string {
	return fmt.Sprintf("redirect port %s: %v", strings.Join(e.Ports, ", "), e.Err)
}

func (e *PortsTakenError) Unwrap() error { return e.Err }

// RedirectURIError is a redirect URI that no listener here can serve: exit status 2.
type RedirectURIError struct{ URI, Why string }

func (e *RedirectURIError) Error() string { return fmt.Sprintf("redirect URI %q: %s", e.URI, e.Why) }

var errLoginTimeout = errors.New("no answer came from the browser in time")
