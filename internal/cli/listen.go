package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// listenLoopback keeps a command's server to this machine: the emulator's people have well-known passwords, and the gateway has
// somebody's session.
func listenLoopback(ctx context.Context, command, address string) (net.Listener, error) {
	free := "wfauth " + command + " --listen 127.0.0.1:0"
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("wfauth "+command+" --listen 127.0.0.1:4711", "--listen %s: ADDRESS:PORT is wanted", address)
	}
	elsewhere := usagef(free, "--listen %s: the %s listens on loopback addresses only", address, command)
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, elsewhere
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return nil, &hinted{fmt.Errorf("listen on %s: %w", address, op.Err), free}
	}
	if err != nil {
		return nil, err
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() { // a hosts file may have made localhost anything
		listener.Close()
		return nil, elsewhere
	}
	return listener, nil
}
