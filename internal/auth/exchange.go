package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of a token endpoint's answer.
const maxAnswer = 1 << 20

// Grant is what a token endpoint gave.
type Grant struct {
	SessionID    string
	RefreshToken string    // empty if none was sent
	ExpiresAt    time.Time // zero if the server did not state it (expires_in 0 or absent)
	ObtainedAt   time.Time
}

// endpoints sends token requests: never twice, never on a kept connection (the standard library would repeat a request
// by itself on one that died idle), never after a redirect.
type endpoints struct {
	client *http.Client
	now    func() time.Time
	notice func(string)
}

// WithoutReuse is the transport that this package wants: base with its proxy, trust and deadlines, but a fresh
// connection for each request.
func WithoutReuse(base *http.Transport) *http.Transport {
	t := base.Clone()
	t.DisableKeepAlives = true
	return t
}

func newEndpoints(transport http.RoundTripper, now func() time.Time, notice func(string)) endpoints {
	return endpoints{
		client: &http.Client{
			Transport:     transport,
			Timeout:       90 * time.Second, // past the deadlines for connection and headers: a body that trickles
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now: now, notice: notice,
	}
}

// faultError is trouble with the network or the server. It says nothing about the credential, which stays.
type faultError struct {
	err   error
	sent  bool // the server may have taken the request up
	final bool // it will be the same next time
	mute  bool // the server answered, but not what was asked
}

func (e *faultError) Error() string { return e.err.Error() }
func (e *faultError) Unwrap() error { return e.err }

// again says whether the request can be sent once more.
func (e *faultError) again() bool { return !e.sent && !e.final }

// afterInterrupt is how long a token request that has been sent is awaited after Ctrl-C: its answer could be the only
// valid refresh token.
const afterInterrupt = 5 * time.Second

// post sends a form to an endpoint and reads the answer whole. Ending ctx ends it at once before the
// request was sent, and after a grace of five seconds from then on.
func (e endpoints) post(ctx context.Context, to endpoint, form url.Values) (status int, answer []byte, err error) {
	if err := context.Cause(ctx); err != nil {
		return 0, nil, err
	}
	sending, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	body := &once{text: strings.NewReader(form.Encode())}
	stop := context.AfterFunc(ctx, func() {
		if body.withhold() {
			cancel(context.Cause(ctx))
			return
		}
		time.AfterFunc(afterInterrupt, func() { cancel(context.Cause(ctx)) })
	})
	defer stop()
	req, err := http.NewRequestWithContext(sending, http.MethodPost, to.origin+to.path, body)
	if err != nil {
		return 0, nil, err
	}
	// Without GetBody, which is not set for such a body, net/http has no way to send it a second time.
	req.ContentLength = body.text.Size()
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := e.client.Do(req)
	if err == nil {
		defer resp.Body.Close()
		if answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err == nil {
			return resp.StatusCode, answer, nil
		}
		err = fmt.Errorf("the answer was cut off: %w", reason(err))
	}
	if body.withhold() || context.Cause(sending) != nil { // nothing was read of it, or nothing is waited for any more
		if interrupted := context.Cause(ctx); interrupted != nil {
			return 0, nil, interrupted
		}
	}
	fault := unanswered(to.origin, err, secretsOf(form))
	fault.sent = body.begun()
	return 0, nil, fault
}

// once is the body of a request that must not be sent twice, and its point of no return: until it is first read, the
// request can be called off.
type once struct {
	text  *strings.Reader
	state atomic.Int32
}

const (
	onceWhole = iota
	onceBegun
	onceWithheld
)

func (o *once) Read(p []byte) (int, error) {
	if !o.state.CompareAndSwap(onceWhole, onceBegun) && !o.begun() {
		return 0, errors.New("the request was called off")
	}
	return o.text.Read(p)
}

func (o *once) begun() bool { return o.state.Load() == onceBegun }

// withhold calls the request off; it is too late once the body was begun.
func (o *once) withhold() bool {
	return o.state.CompareAndSwap(onceWhole, onceWithheld) || o.state.Load() == onceWithheld
}

// grant posts a grant request and reads the session out of the answer.
func (e endpoints) grant(ctx context.Context, to endpoint, form url.Values) (Grant, error) {
	status, body, err := e.post(ctx, to, form)
	if err != nil {
		return Grant{}, err
	}
	if status < 200 || status > 299 {
		return Grant{}, refusal(to.origin, status, body, secretsOf(form))
	}
	g, note, err := readGrant(body, e.now())
	if _, _, isError := errorFields(body); err != nil && isError {
		return Grant{}, refusal(to.origin, status, body, secretsOf(form)) // Workfront can put an error into a 200
	}
	if err != nil {
		return Grant{}, &faultError{err: fmt.Errorf("%s: %w", to.origin, err), sent: true}
	}
	if note != "" {
		e.notice(note)
	}
	return g, nil
}

// credentials puts the client's into the form: the one encoding that Workfront and standard servers both take.
func (a Application) credentials(form url.Values) url.Values {
	form.Set("client_id", a.ID)
	if a.Secret != "" {
		form.Set("client_secret", a.Secret)
	}
	return form
}

// readGrant reads a successful answer. What only describes the session (a strange expires_in) is noted, not refused:
// the session works all the same.
func readGrant(body []byte, now time.Time) (g Grant, note string, err error) {
	if len(body) > maxAnswer {
		return g, "", errors.New("the token answer is larger than 1 MiB")
	}
	var answer struct {
		AccessToken  string          `json:"access_token"`
		RefreshToken *string         `json:"refresh_token"`
		ExpiresIn    json.RawMessage `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return g, "", fmt.Errorf("the token answer is %s", describe(body))
	}
	switch {
	case answer.AccessToken == "":
		return g, "", errors.New("the token answer has no access_token")
	case !headerSafe(answer.AccessToken):
		return g, "", errors.New("the access_token cannot be sent in a header")
	}
	g = Grant{SessionID: answer.AccessToken, ObtainedAt: now}
	if answer.RefreshToken != nil {
		g.RefreshToken = *answer.RefreshToken
	}
	life, note := statedLife(answer.ExpiresIn)
	if life > 0 {
		g.ExpiresAt = now.Add(life)
	}
	return g, note, nil
}

// headerSafe says whether a value can stand in a header field: visible ASCII (RFC 9110 section 5.5), of a sane length.
func headerSafe(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) <= 16<<10
}
