package auth

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
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
	ExpiresAt    time.Time // zero if the server did not state it (workfront-facts: expires_in 0 or absent)
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

// notSentError is a fault that certainly kept the request from reaching the server: it can be sent again.
type notSentError struct{ err error }

func (e *notSentError) Error() string { return e.err.Error() }
func (e *notSentError) Unwrap() error { return e.err }

// afterInterrupt is how long a token request that has been sent is awaited after Ctrl-C: its answer could be the only
// valid refresh token.
const afterInterrupt = 5 * time.Second

// post sends a form to an endpoint of the application and reads the answer whole. Ending ctx ends it at once before the
// request was sent, and after a grace of five seconds from then on.
func (e endpoints) post(ctx context.Context, app Application, path string, form url.Values) (status int, body []byte, err error) {
	if err := context.Cause(ctx); err != nil {
		return 0, nil, err
	}
	var connected, sent atomic.Bool
	sending, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		if !sent.Load() {
			cancel(context.Cause(ctx))
			return
		}
		time.AfterFunc(afterInterrupt, func() { cancel(context.Cause(ctx)) })
	})
	defer stop()
	trace := &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteHeaders: func() { sent.Store(true) },
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(sending, trace), http.MethodPost, app.Origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := e.client.Do(req)
	if err != nil {
		if interrupted := context.Cause(sending); interrupted != nil {
			return 0, nil, interrupted
		}
		err = fmt.Errorf("%s: %w", app.Origin, networkReason(err))
		if !connected.Load() {
			return 0, nil, &notSentError{err}
		}
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		if interrupted := context.Cause(sending); interrupted != nil {
			return 0, nil, interrupted
		}
		return 0, nil, fmt.Errorf("%s: the answer was cut off: %w", app.Origin, networkReason(err))
	}
	return resp.StatusCode, body, nil
}

// grant posts a grant request and reads the session out of the answer.
func (e endpoints) grant(ctx context.Context, app Application, path string, form url.Values) (Grant, error) {
	status, body, err := e.post(ctx, app, path, form)
	if err != nil {
		return Grant{}, err
	}
	if status < 200 || status > 299 {
		return Grant{}, refusal(app.Origin, status, body, secretsOf(form))
	}
	g, note, err := readGrant(body, e.now())
	if err != nil {
		return Grant{}, fmt.Errorf("%s: %w", app.Origin, err)
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

// networkReason takes the URL out of the standard library's error and names the frequent causes in plain words.
func networkReason(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return errors.New("no such host")
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("its certificate is not trusted: %w", cert.Err)
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Errorf("it does not speak TLS: %s", record.Msg)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no answer in time")
	}
	if errors.Is(err, io.EOF) {
		return errors.New("it closed the connection without an answer")
	}
	return err
}
