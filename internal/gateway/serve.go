package gateway

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The limits of what somebody without the key can hold.
const (
	maxHeaderTime = 10 * time.Second
	maxIdle       = 2 * time.Minute
	maxHeader     = 256 << 10 // a search that is too long for Workfront's URIs is still one for us
)

// Serve answers whoever calls a listener until ctx ends, whose cause it gives then. The requests at hand find their ends first: some
// may have been sent to Workfront and must not be forgotten.
func Serve(ctx context.Context, listener net.Listener, c Config) error {
	g := newGateway(c, listener.Addr().String())
	var serving sync.RWMutex
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			serving.RLock()
			defer serving.RUnlock()
			g.ServeHTTP(w, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: maxHeaderTime, IdleTimeout: maxIdle, MaxHeaderBytes: maxHeader,
		DisableGeneralOptionsHandler: true, // it would answer OPTIONS * without a look at who asks
		ErrorLog:                     log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }() // ends with the listener
	defer server.Close()
	select {
	case err := <-failed:
		return fmt.Errorf("listen on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	listener.Close()
	serving.Lock() // there are none any more
	flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords/2)
	defer cancel()
	_ = server.Shutdown(flushing) // what they have written may still be on its way; nobody waits for more
	return context.Cause(ctx)
}

// hostsOf are the names by which a listener is called.
func hostsOf(address string) []string {
	_, port, _ := net.SplitHostPort(address)
	hosts := []string{address, "localhost:" + port}
	if port == "80" { // which a browser leaves out
		for _, host := range hosts {
			hosts = append(hosts, strings.TrimSuffix(host, ":80"))
		}
	}
	return hosts
}
