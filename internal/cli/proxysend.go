package cli

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/gateway"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// proxying is what a gateway is given: the client, and the session that it uses.
type proxying struct {
	*app
	settings *config.Settings
	client   *workfront.Client
	sessions *lastingCredentials
	writing  bool
	ahead    int
}

func (a *app) newProxying(ctx context.Context, s *config.Settings, flags proxyFlags) (*proxying, error) {
	client, remember, err := a.connect(ctx, s, flags.waits)
	if err != nil {
		return nil, err
	}
	sessions := &lastingCredentials{from: client.Credentials, life: ctx, turn: make(chan struct{}, 1)}
	accepted := client.Accepted
	client.Accepted = func(h http.Header) { // at each request, for there is no end of the command to do it at
		accepted(h)
		remember()
	}
	client.Credentials = sessions
	client.Transport = gateway.NewTurns(client.Transport, flags.concurrency)
	return &proxying{a, s, client, sessions, flags.writing, min(flags.concurrency, defaultConcurrency)}, nil
}

// send sends a request that may pass.
func (p *proxying) send(ctx context.Context, q *gateway.Request) (*http.Response, error) {
	r := workfront.Request{Method: q.Method, Path: q.Path, Header: q.Header}
	if len(q.Query) > 0 {
		r.Path += "?" + gateway.Escaped(q.Query)
	}
	for _, f := range q.Form {
		r.Fields = append(r.Fields, workfront.Field{Key: f.Key, Value: f.Value})
	}
	for _, f := range q.Files {
		r.Files = append(r.Files, workfront.File{Key: f.Key, Name: f.Name, Content: f.Content, Size: f.Size})
	}
	if q.JSON != nil {
		r.Input = bytes.NewReader(q.JSON)
	}
	if r.Changes() && !p.writing { // the gateway has looked; two have to be wrong for a change to slip through
		return nil, &gateway.Error{Status: http.StatusForbidden, Message: "only what reads may pass"}
	}
	answer, err := p.client.Do(ctx, r)
	if err != nil && !p.passes(answer, err) {
		if answer != nil {
			answer.Body.Close()
		}
		return nil, p.told(err)
	}
	return &http.Response{
		StatusCode: answer.Status, Header: answer.Header, Body: answer.Body, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// passes tells whether what came with an error is Workfront's answer to the caller: a refusal, or a failure of its own. One that is
// about our session or our proxy would have the caller look for a key of its own.
func (p *proxying) passes(answer *workfront.Response, err error) bool {
	if answer == nil || answer.Status == http.StatusProxyAuthRequired {
		return false
	}
	if refusal, ok := errors.AsType[*workfront.Refusal](err); ok {
		return !refusal.SessionGone
	}
	failure, ok := errors.AsType[*workfront.Failure](err)
	return ok && failure.Status != http.StatusForbidden // which is a proxy's, or else it would be a refusal
}

// lastingCredentials are those of a gateway: they are renewed for all its callers, and what they ever were stays a secret.
type lastingCredentials struct {
	from workfront.Credentials
	life context.Context // a renewal is not broken off because the caller goes away who happened to need it first

	turn     chan struct{} // holds one while a session is got, and guards what follows
	failure  error
	failedAt time.Time

	mu    sync.Mutex // guards what follows
	known []string
	forms []string
}

// Header implements [workfront.Credentials].
func (l *lastingCredentials) Header(ctx context.Context) (http.Header, error) {
	return l.get(ctx, func() (http.Header, error) { return l.from.Header(l.life) })
}

// Renew implements [workfront.Credentials].
func (l *lastingCredentials) Renew(ctx context.Context, stale http.Header) (http.Header, error) {
	return l.get(ctx, func() (http.Header, error) { return l.from.Renew(l.life, stale) })
}

// get lets those who have waited while it failed for another share that failure: forty callers are no reason to ask forty times.
func (l *lastingCredentials) get(ctx context.Context, from func() (http.Header, error)) (http.Header, error) {
	asked := time.Now()
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-l.turn }()
	if l.failure != nil && l.failedAt.After(asked) {
		return nil, l.failure
	}
	h, err := from()
	if l.failure = err; err != nil {
		l.failedAt = time.Now()
		return nil, err
	}
	l.learn(h)
	return h, nil
}

// learn makes the values of a header secrets, whatever its name. Of one with a scheme (Bearer) the rest is one by itself.
func (l *lastingCredentials) learn(h http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, values := range h {
		for _, value := range values {
			if slices.Contains(l.known, value) {
				continue
			}
			l.known = append(l.known, value)
			_, bare, _ := strings.Cut(value, " ")
			for _, form := range slices.Concat(terminal.Forms(value), terminal.Forms(bare)) {
				for _, form := range terminal.Forms(form) { // as of a page in JSON
					if len(form) >= terminal.ShortestSecret && !slices.Contains(l.forms, form) {
						l.forms = append(l.forms, form)
					}
				}
			}
		}
	}
}

// secrets are all that a caller must not see. A slice that was given is not written any more, as far as it goes.
func (l *lastingCredentials) secrets() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.forms
}
