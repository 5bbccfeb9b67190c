package porttest

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"
)

func TestFree(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		port := Free(t)
		if seen[port] && exists(claims) {
			t.Errorf("port %s was given twice", port)
		}
		seen[port] = true
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

func TestRefusing(t *testing.T) {
	t.Parallel()
	address := Refusing(t)
	if _, err := net.Dial("tcp", address); runtime.GOOS != "windows" && !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v, want a refused connection", err)
	}
	if l, err := net.Listen("tcp", address); err == nil {
		l.Close()
		t.Error("another program can listen there")
	}
}
