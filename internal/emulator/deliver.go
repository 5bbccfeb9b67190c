package emulator

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// delivery is one message on its way.
type delivery struct {
	body  []byte
	tries int
}

// What Workfront says of its deliveries.
const (
	acknowledgeWithin = 5 * time.Second
	maxTries          = 12 // the first, and eleven more
	maxMessage        = 1 << 20
	disableInARow     = 2000
	disableOf         = 100 // and of more than so many, when more than 70 in 100 failed
)

// enqueue adds a delivery. Those of one subscription are sent one after the other, which is more order than Workfront
// promises; one that failed comes later.
func (e *events) enqueue(s *subscription, d delivery) {
	if len(d.body) > maxMessage {
		return
	}
	s.queue = append(s.queue, d)
	if !s.running {
		s.running = true
		go e.work(s) // ends with the queue
	}
}

func (e *events) work(s *subscription) {
	for {
		e.mu.Lock()
		if len(s.queue) == 0 {
			s.running = false
			e.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.queue = s.queue[1:]
		address, token := s.URL, s.AuthToken
		e.mu.Unlock()
		e.done(s, d, post(address, token, d.body))
	}
}

// done books a delivery, and has one that failed tried again: after (2ⁿ-1) times the pause.
func (e *events) done(s *subscription, d delivery, acknowledged bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if acknowledged {
		s.State.Successes++
		s.failures = 0
		return
	}
	s.State.Failures++
	s.failures++
	d.tries++
	all := s.State.Successes + s.State.Failures
	if s.failures >= disableInARow || all > disableOf && s.State.Failures*10 > all*7 {
		at := e.stamp()
		s.State.DisabledAt, s.queue = &at, nil
		return
	}
	if d.tries >= maxTries || e.closed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(time.Duration(1<<d.tries-1)*e.retry, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.timers, timer)
		if !e.closed && s.State.DisabledAt == nil {
			e.enqueue(s, d)
		}
	})
	e.timers[timer] = true
}

// post delivers a message, to this machine only: what an emulator knows is nobody else's business.
func post(address, token string, body []byte) bool {
	if !isLoopback(address) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), acknowledgeWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true} // without a proxy
	response, err := transport.RoundTrip(r)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxMessage)) // lets the other side finish
	return response.StatusCode >= 200 && response.StatusCode < 300
}

func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
